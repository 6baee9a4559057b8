"""An order as clients see it, and how what is personal in it is opened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from pydantic.config import JsonDict
from pydantic_core import from_json

from api.schemas.order_requests import EXAMPLE_ADDRESS, Address
from commerce.eventstore import KeyRing, Readable, Sealed
from commerce.ordering.disputes import OrderDispute
from commerce.ordering.number import number_of
from commerce.ordering.order import OrderStatus
from commerce.payments.tries import CustomerAction
from commerce.values.money import Money
from commerce.values.order_line import OrderLine
from projections.orders import OrderRow

_ID = "3f0e4c6e-8f4b-5a0e-9d57-0a4c2f1b7d11"
_NUMBER = number_of(45)
EXAMPLE_ORDER: JsonDict = {
    "order_id": _ID,
    "number": _NUMBER,
    "customer_id": None,
    "reference": "INV-7001",
    "status": "confirmed",
    "reason": None,
    "cancellation_refused": None,
    "currency": "EUR",
    "lines": [
        {
            "sku": "TEA-ASSAM-250",
            "name": "Assam tea, 250 g",
            "quantity": 2,
            "unit_price": {"amount": "8.90", "currency": "EUR"},
            "price_overridden": False,
            "total": {"amount": "17.80", "currency": "EUR"},
        }
    ],
    "total": {"amount": "17.80", "currency": "EUR"},
    "shipping_address": EXAMPLE_ADDRESS,
    "personal_data": "readable",
    "email": "ada@example.org",
    "phone": None,
    "payment_method": "pm_card_ok",
    "payment_action": None,
    "tracking_number": "TRK-0001",
    "estimated_delivery": "2026-11-27",
    "disputes": [],
    "version": 2,
    "placed_at": "2026-11-23T14:00:00.000000Z",
    "updated_at": "2026-11-23T14:00:01.000000Z",
}
EXAMPLE_ACCEPTED: JsonDict = {"order_id": _ID, "number": _NUMBER, "version": 1, "status": "placed", "position": 45}


@dataclass(frozen=True, slots=True)
class OrderAccepted:
    """A command on an order was recorded; what follows from it happens afterwards."""

    order_id: UUID
    """The order."""
    number: str
    """Its number, for people: short, and made so that it can be read out and a slip shows."""
    version: int
    """How many events its stream has; the `ETag` in `If-Match`."""
    status: OrderStatus
    """Where it stands."""
    position: int
    """The place in the log."""


@dataclass(frozen=True, slots=True)
class OrderLineView:
    """A line of an order, as clients see it."""

    sku: str
    """As the catalogue knows it; case-sensitive."""
    name: str
    """What it is called."""
    quantity: int
    """How many pieces."""
    unit_price: Money
    """What one piece costs."""
    price_overridden: bool
    """Whether the price was set with the order, and is not the catalogue's."""
    total: Money
    """The sum."""


PersonalData = Literal["readable", "erased", "key_missing"]
"""Whether personal data can be read; a missing key is an error, which the operator repairs."""


def personal_data_of(value: Sealed, readable: Readable) -> PersonalData:
    """Whether something personal can be shown, and if not, why."""
    if value in readable:
        return "readable"
    return "erased" if value in readable.erased else "key_missing"


class OrderView(BaseModel):
    """An order; where `personal_data` is not `readable`, what is personal is null.

    `reason` says why the order was rejected, `cancellation_refused` why the last request to cancel it was.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE_ORDER]}, use_attribute_docstrings=True)

    order_id: UUID
    """The order."""
    number: str
    """Its number, for people: short, and made so that it can be read out and a slip shows. No other order has it."""
    customer_id: UUID | None
    """Whose order it is; null for a guest's."""
    reference: str | None
    """The shop's own, such as an invoice number; null where none was given. No other order of its channel has it."""
    status: OrderStatus
    """Where it stands."""
    reason: str | None
    """Why the order was rejected, null otherwise: `out_of_stock`, `payment_declined`, `payment_unavailable` (nobody
    knows whether the provider did it; undone), `shipping_unavailable`, `timed_out` or `given_up` (by the shop)."""
    cancellation_refused: str | None
    """Why the last request to cancel the order was rejected, such as `dispatched` (it came too late); null if there
    was none, or it is not decided yet."""
    currency: str
    """ISO 4217 code, such as EUR."""
    lines: tuple[OrderLineView, ...]
    """What is ordered."""
    total: Money
    """The sum."""
    shipping_address: Address | None
    """Where the shipment goes; null where `personal_data` is not `readable`."""
    email: str | None
    """Where mails about the order go; null where none was given."""
    phone: str | None
    """A telephone number for the carrier; null where none was given."""
    personal_data: PersonalData
    """Whether what is personal can be shown: `readable`; `erased`, where it is null for good; or `key_missing`, where
    it is null until the operator has restored the key from a backup. More may come, so take any other word for `not
    readable`."""
    payment_method: str
    """The payment provider's name for what is paid with, such as `pm_card_ok`; one that it does not know is
    rejected, if the provider lists those it knows."""
    payment_action: CustomerAction | None
    """What the customer has to do now so that the order is paid, such as to confirm it at their bank; null where
    nothing, and where the order is shown as it was."""
    tracking_number: str | None
    """The carrier's number of the shipment; null until it took the shipment on."""
    estimated_delivery: date | None
    """The day the carrier promises; null until it took the shipment on."""
    disputes: tuple[OrderDispute, ...]
    """What the customer has the bank take back; the order goes on as if it were not."""
    version: int
    """How many events its stream has; the `ETag` in `If-Match`."""
    placed_at: datetime
    """When the order was placed."""
    updated_at: datetime
    """When the newest event about it was recorded."""


async def opened_orders(
    keys: KeyRing, rows: Sequence[OrderRow], actions: Mapping[UUID, CustomerAction]
) -> list[OrderView]:
    """Orders with their personal data in plain text, and what their customers have to do; an order whose key is missing
    says so, and is still shown."""
    orders = [row.state for row in rows]
    sealed = (value for one in orders for value in (one.shipping_address, one.email, one.phone, one.reference) if value)
    plain = await keys.open_readable(sealed)
    return [_opened(row, plain, actions.get(row.order_id)) for row in rows]


def _opened(row: OrderRow, plain: Readable, action: CustomerAction | None) -> OrderView:
    """Shows an old address as it is, even if it would not be accepted today."""
    order = row.state
    address = plain.get(order.shipping_address)
    return OrderView.model_construct(
        order_id=order.id,
        number=row.number,
        customer_id=order.customer_id,
        reference=plain.get(order.reference) if order.reference else None,
        status=order.status,
        reason=order.reason,
        cancellation_refused=order.refusal,
        currency=order.currency,
        lines=tuple(map(_line_view, order.lines)),
        total=order.total,
        shipping_address=None if address is None else Address.model_construct(**from_json(address)),
        email=plain.get(order.email) if order.email else None,
        phone=plain.get(order.phone) if order.phone else None,
        personal_data=personal_data_of(order.shipping_address, plain),
        payment_method=order.payment_method,
        payment_action=action,
        tracking_number=order.tracking_number,
        estimated_delivery=order.estimated_delivery,
        disputes=order.disputes,
        version=order.version,
        placed_at=row.placed_at,
        updated_at=row.updated_at,
    )


def _line_view(line: OrderLine) -> OrderLineView:
    total = line.unit_price * line.quantity
    return OrderLineView(line.sku, line.name, line.quantity, line.unit_price, line.price_overridden, total)
