"""Places an order as a client described it: whose it is, at the catalogue's prices, with its address sealed."""

from __future__ import annotations

from uuid import UUID

from api.auth import Caller
from api.order_shapes import PlaceOrder
from api.parts import Parts
from api.refusals import NotAllowed
from commerce.catalog.pricing import WantedLine
from commerce.command import TRIES, Accepted
from commerce.errors import StaleVersion, Unavailable
from commerce.eventstore.keys import MissingKey, PersonKey
from commerce.eventstore.lane import KeyExists
from commerce.eventstore.records import Idempotency
from commerce.ordering.commands import place_order
from commerce.ordering.reference import Reference
from commerce.tokens import Identity
from projections.orders import list_orders
from projections.projection import Lost


async def place(parts: Parts, caller: Caller, order_id: UUID, wish: PlaceOrder, idempotency: Idempotency) -> Accepted:
    """Place an order, once for an idempotency key.

    Raises `NotAllowed` for another customer's order, and what `PaymentMethods.check`, `PriceList.price` and
    `place_order` raise.
    """
    customer_id = _customer(caller, wish)
    await parts.methods.check(wish.payment_method)
    wanted = [
        WantedLine(
            line.sku, line.quantity, line.unit_price.money(f"lines[{number}].unit_price") if line.unit_price else None
        )
        for number, line in enumerate(wish.lines)
    ]
    address = wish.shipping_address.model_dump_json()
    for _ in range(TRIES):
        priced = await parts.prices.price(wanted, wish.currency, may_override=caller.customer_id is None)
        key = await _key(parts, order_id, customer_id)
        try:
            return await place_order(
                parts.store,
                order_id,
                caller.metadata,
                customer_id=customer_id,
                currency=wish.currency,
                lines=priced.lines,
                shipping_address=key.seal(address),
                payment_method=wish.payment_method,
                email=key.seal(wish.email) if wish.email else None,
                phone=key.seal(wish.phone) if wish.phone else None,
                reference=_reference(parts, caller.identity, key, wish.reference),
                keys=key.new,
                unchanged=priced.products,
                idempotency=idempotency,
            )
        except StaleVersion:
            parts.prices.forget(wanted)
        except KeyExists:  # this customer's first orders come at once: one of them has made the key
            continue
    raise Unavailable("prices, or the customer's key, change too fast")


async def _key(parts: Parts, order_id: UUID, customer_id: UUID | None) -> PersonKey:
    """What an order's personal data is sealed with: its customer's key, and a guest's with the order's own.

    A customer's key that is lost is not replaced, as it could not be restored any more: the order has its own meanwhile.
    """
    keys = parts.store.keys
    if customer_id is None:
        return keys.fresh(order_id)
    try:
        key = await keys.of(customer_id)
        if key.new and await _has_ordered(parts, customer_id):
            key = await keys.of(customer_id)  # an order that came at the same time may have made it
            return keys.fresh(order_id) if key.new else key
    except MissingKey:
        return keys.fresh(order_id)
    return key


async def _has_ordered(parts: Parts, customer_id: UUID) -> bool:
    """Asked of new customers only; while the read model is made anew nobody knows, and customers count as new."""
    try:
        return bool((await list_orders(parts.store.pool, customer_id=customer_id, limit=1)).items)
    except Lost:
        return False


def claim_of(parts: Parts, asker: Identity, reference: str) -> UUID:
    """The stream in which an asker's orders claim a reference, unique in its channel.

    The house's own people are one channel; each service, and each customer, is one.
    """
    channel = "operator" if asker.role == "operator" else asker.actor
    return parts.references.claim(channel, reference)


def _reference(parts: Parts, asker: Identity, key: PersonKey, text: str | None) -> Reference | None:
    if text is None:
        return None
    return Reference(key.seal(text), parts.references.found_by(text), claim_of(parts, asker, text))


def without_owner(caller: Caller, wish: PlaceOrder) -> PlaceOrder:
    """An order as its own customer may as well describe it: that it is theirs goes without saying."""
    is_own = caller.customer_id is not None and wish.customer_id == caller.customer_id
    return wish.model_copy(update={"customer_id": None}) if is_own else wish


def _customer(caller: Caller, wish: PlaceOrder) -> UUID | None:
    if caller.customer_id is None:
        return wish.customer_id
    if wish.customer_id not in (None, caller.customer_id):
        raise NotAllowed("customers order for themselves; leave out customer_id, or send your own")
    return caller.customer_id
