"""Places an order: finds its customer, prices its lines by the catalogue, and seals its personal data."""

from __future__ import annotations

from uuid import UUID

from pydantic_core import from_json

from api.auth import Caller
from api.context import AppContext
from api.http.errors import NotAllowed
from api.http.idempotency import Outcome
from api.permissions import Reach
from api.schemas.order_requests import PlaceOrder
from commerce.catalog.prices import WantedLine
from commerce.customers.commands import load_customer
from commerce.customers.customer import require_active
from commerce.customers.erasure import ErasureUnderWay
from commerce.customers.erasure_commands import find_erasure
from commerce.eventstore import MOST_TRIES, Accepted, DataErased, Idempotency, KeyExists, MissingKey, PersonKey
from commerce.ordering.commands import place_order
from commerce.ordering.order import NewOrder, OrderPlacedBefore
from commerce.ordering.reference import Reference
from commerce.runtime.tokens import Identity
from commerce.values import ids
from commerce.values.errors import InvalidInput, NotFound, StaleVersion, Unavailable
from projections.engine.projection import Lost
from projections.orders import has_ordered


async def place(
    context: AppContext, caller: Caller, order_id: UUID, command: PlaceOrder, idempotency: Idempotency
) -> Accepted:
    """Place an order, once for an idempotency key.

    Raises `NotAllowed` for another customer's order, `OrderPlacedBefore` for a request that an older release accepted
    and that is forgotten, `ErasureUnderWay`, `InvalidInput` and `CustomerNotActive` where the settings want to know
    whose it is, and what `PaymentMethods.check`, `PriceList.price` and `place_order` raise.
    """
    customer_id = _customer(caller, command)
    _require_guests(context, customer_id)
    await context.methods.check(command.payment_method)
    wanted = [
        WantedLine(
            line.sku, line.quantity, line.unit_price.money(f"lines[{number}].unit_price") if line.unit_price else None
        )
        for number, line in enumerate(command.lines)
    ]
    address = command.shipping_address.model_dump_json()
    placed_before = ids.order_id_of_request(idempotency.scope, idempotency.key)
    may_override = caller.reach_of("set a price") is not Reach.NONE
    for _ in range(MOST_TRIES):
        priced = await context.prices.price(wanted, command.currency, may_override=may_override)
        known = await _known(context, customer_id)
        key = await _key(context, order_id, customer_id)
        try:
            return await place_order(
                context.store,
                order_id,
                NewOrder(
                    customer_id=customer_id,
                    currency=command.currency,
                    lines=priced.lines,
                    shipping_address=key.seal(address),
                    payment_method=command.payment_method,
                    email=key.seal(command.email) if command.email else None,
                    phone=key.seal(command.phone) if command.phone else None,
                    reference=_reference(context, caller.identity, key, command.reference),
                ),
                caller.metadata,
                keys=key.new,
                unchanged=((placed_before, 0), *priced.products, *known, *_not_erased(customer_id)),
                idempotency=idempotency,
            )
        except StaleVersion:
            await _require_not_erased(context, customer_id)
            context.prices.forget(wanted)
            await _require_new(context, placed_before)
        except KeyExists:  # this customer's first orders come at once: one of them has made the key
            await _require_new(context, placed_before)
    raise Unavailable("prices, or the customer's key, change too fast")


async def _require_new(context: AppContext, placed_before: UUID) -> None:
    if await context.store.read_stream(placed_before):
        raise OrderPlacedBefore(placed_before)


def placed_by(repeated: Outcome, remembered_s: int) -> UUID:
    """The order that a request placed which is sent again. Raises `OrderPlacedBefore` where the answer is as good as
    forgotten."""
    order_id = UUID(from_json(repeated.answer)["order_id"])
    if repeated.age_s > remembered_s:
        raise OrderPlacedBefore(order_id)
    return order_id


def _require_guests(context: AppContext, customer_id: UUID | None) -> None:
    if customer_id is None and context.ordering.guests == "refused":
        raise InvalidInput("an order needs a customer here; send their customer_id", "customer_id")


async def _known(context: AppContext, customer_id: UUID | None) -> list[tuple[UUID, int]]:
    """The customer at their version, where it is wanted that they are known: the append names them as unchanged."""
    if customer_id is None or context.ordering.customers == "any":
        return []
    try:
        customer = await load_customer(context.store, customer_id)
    except NotFound:
        raise InvalidInput(f"there is no customer {customer_id}; who orders registers first", "customer_id") from None
    require_active(customer)
    return [(customer.id, customer.version)]


def _not_erased(customer_id: UUID | None) -> list[tuple[UUID, int]]:
    """The stream in which a customer's erasure would be requested, as one that has no event."""
    return [] if customer_id is None else [(ids.erasure_id(customer_id), 0)]


async def _require_not_erased(context: AppContext, customer_id: UUID | None) -> None:
    if customer_id is not None and await find_erasure(context.store, customer_id):
        raise ErasureUnderWay(customer_id)


async def _key(context: AppContext, order_id: UUID, customer_id: UUID | None) -> PersonKey:
    """The key that seals an order's personal data: its customer's, or for a guest the order's own.

    A lost customer key is not replaced, because then it could not be restored: the order gets a key of its own. Raises
    `ErasureUnderWay`.
    """
    keys = context.store.keys
    if customer_id is None:
        return keys.fresh(order_id)
    try:
        key = await keys.of(customer_id)
        if key.new and await _has_ordered(context, customer_id):
            key = await keys.of(customer_id)  # an order that came at the same time may have made it
            return keys.fresh(order_id) if key.new else key
    except DataErased:
        raise ErasureUnderWay(customer_id) from None
    except MissingKey:
        return keys.fresh(order_id)
    return key


async def _has_ordered(context: AppContext, customer_id: UUID) -> bool:
    """Whether a customer without a key has ordered before; no, while the read model is being rebuilt."""
    try:
        return await has_ordered(context.store.pool, customer_id)
    except Lost:
        return False


def claim_of(context: AppContext, asker: Identity, reference: str) -> UUID:
    """The stream that an order with this reference claims; a reference is unique in its channel.

    All operators share one channel; each service and each customer has their own.
    """
    channel = "operator" if asker.role == "operator" else asker.actor
    return context.references.claim(channel, reference)


def _reference(context: AppContext, asker: Identity, key: PersonKey, text: str | None) -> Reference | None:
    if text is None:
        return None
    return Reference(key.seal(text), context.references.found_by(text), claim_of(context, asker, text))


def without_owner(caller: Caller, command: PlaceOrder) -> PlaceOrder:
    """The same order without `customer_id` where customers name themselves: leaving it out means the same."""
    is_own = caller.customer_id is not None and command.customer_id == caller.customer_id
    return command.model_copy(update={"customer_id": None}) if is_own else command


def _customer(caller: Caller, command: PlaceOrder) -> UUID | None:
    if caller.customer_id is None:
        return command.customer_id
    if command.customer_id not in (None, caller.customer_id):
        raise NotAllowed("customers order for themselves; leave out customer_id, or send your own")
    return caller.customer_id
