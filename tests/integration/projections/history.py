"""Makes a history out of single events: each goes to the stream and version where it belongs, and is about its
order, SKU, or service."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from uuid import UUID, uuid4, uuid5

from commerce.catalog.events import ProductAdded
from commerce.customers.erasure_events import ErasureRequested
from commerce.eventstore import Append, Event, EventStore, Metadata, Sealed
from commerce.inventory.events import StockItemRegistered
from commerce.machines.events import ApiKeyIssued
from commerce.ordering.events import OrderLine, OrderPlaced
from commerce.staff.events import StaffInvitationAccepted, StaffInvited
from commerce.values import ids
from commerce.values.money import Money
from commerce.webhooks.events import EndpointAdded
from projections import subscriptions
from tests.catch_up import catch_up_all

WHO = Metadata("service:test")
ADDRESS = "Ada Lovelace, 12 St James's Square, London"


def eur(amount: str) -> Money:
    """Euros."""
    return Money.of(amount, "EUR")


def line(sku: str, quantity: int, unit_price: Money) -> OrderLine:
    """A line of an order."""
    return OrderLine(sku=sku, name=f"The {sku}", quantity=quantity, unit_price=unit_price)


class History:
    """The events of a test, appended one by one."""

    def __init__(self, store: EventStore) -> None:
        self.store = store
        self._versions: Counter[UUID] = Counter()

    async def happens(self, kind: type[Event], about: UUID | str, /, **fields: object) -> int:
        """Append one event about an order or a SKU; answers its position."""
        stream = _stream(kind, about)
        self._versions[stream] += 1
        given = {
            "originator_id": stream,
            "originator_version": self._versions[stream],
            **_implied(kind, about),
            **fields,
        }
        order = about if isinstance(about, UUID) else None
        return await self.store.append(Append([kind.model_validate(given)], order, WHO))

    async def has_key(self, service: str) -> int:
        """A service is given an API key."""
        until = datetime(2027, 1, 1, tzinfo=UTC)
        about = {"service": service, "scopes": ("stock:read",), "digest": "0" * 64, "beginning": "cmk_abcd"}
        return await self.happens(ApiKeyIssued, service, expires_at=until, **about)

    async def has_staff(self, name: str, role: str = "operator") -> None:
        """Somebody is invited to the staff, and sets up their account."""
        until = datetime(2027, 1, 1, tzinfo=UTC)
        about = {"email": sealed(name), "role": role, "request_id": uuid4(), "expires_at": until}
        await self.happens(StaffInvited, name, **about)
        secrets = {"password": sealed("hash"), "second_factor": sealed("secret"), "recovery_codes": ("0" * 64,)}
        await self.happens(StaffInvitationAccepted, name, request_id=uuid4(), time_step=1, **secrets)

    async def has_endpoint(self, url: str) -> int:
        """Another system is told what happens."""
        return await self.happens(EndpointAdded, url, url=url, event_types=(), secret=sealed("secret"))

    async def erasure_is_requested(self, person: UUID) -> int:
        """A guest's data is to be erased."""
        about = {"person_id": person, "kind": "guest", "ground": "unlawful"}
        return await self.happens(ErasureRequested, person, **about)

    async def is_placed(self, order: UUID, *lines: OrderLine, customer_id: UUID | None = None) -> int:
        """An order is placed, with its address sealed under a key of its own."""
        ordered = lines or (line("mug", 2, eur("9.99")),)
        currency = ordered[0].unit_price.currency
        key = self.store.keys.fresh(order)
        self._versions[order] += 1
        placed = OrderPlaced(
            originator_id=order,
            originator_version=self._versions[order],
            customer_id=customer_id,
            currency=currency,
            lines=ordered,
            total=sum((each.unit_price * each.quantity for each in ordered), Money.zero(currency)),
            shipping_address=key.seal(ADDRESS),
            payment_method="pm_card_ok",
        )
        return await self.store.append(Append([placed], order, WHO, keys=key.new))

    async def is_projected(self) -> None:
        """All read models read to the end of the log."""
        await catch_up_all(self.store, subscriptions())


def sealed(text: str) -> Sealed:
    """Something that looks sealed."""
    return Sealed(f"v1.{'0' * 32}.{text.encode().hex()}")


def _stream(kind: type[Event], about: UUID | str) -> UUID:
    if isinstance(about, str):
        if kind.TOPIC.startswith("machines"):
            return ids.api_key_id(about)
        if kind.TOPIC.startswith("webhooks"):
            return ids.webhook_endpoint_id(about, "")
        if kind.TOPIC.startswith("staff"):
            return ids.staff_id(about)
        return ids.product_id(about) if kind.TOPIC.startswith("catalog") else ids.stock_item_id(about)
    context = kind.TOPIC.partition(".")[0]
    return {
        "ordering": about,
        "payments": ids.payment_id(about),
        "shipping": ids.shipment_id(about),
        "saga": ids.process_id(about),
        "customers": ids.erasure_id(about),
    }[context]


def _implied(kind: type[Event], about: UUID | str) -> dict[str, object]:
    """What an event says of its subject, and what matters to nobody here."""
    implied: dict[str, object] = {"sku": about} if isinstance(about, str) else {"order_id": about, "attempt": 1}
    if isinstance(about, UUID):
        implied["request_id"] = uuid5(about, kind.TOPIC)
    if kind in (ProductAdded, StockItemRegistered):
        implied |= {"name": f"The {about}", "description": None, "price": eur("9.99"), "stocked": True}
    return {name: value for name, value in implied.items() if name in kind.model_fields}
