"""An order as it comes in and as it is shown; between the two what is personal is sealed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SerializationInfo, field_serializer
from pydantic.config import JsonDict
from pydantic_core import from_json

from api.schemas.fields import (
    AS_SENT,
    Body,
    Code,
    Country,
    Currency,
    Email,
    Line,
    Name,
    Phone,
    Pieces,
    Postcode,
    Price,
    Reference,
    Sku,
    Text,
)
from commerce.eventstore import KeyRing, Sealed
from commerce.ordering.order import MOST_LINES, OrderStatus
from commerce.values.money import Money
from commerce.values.text import normal
from projections.orders import OrderLineView, OrderView

_ADDRESS: JsonDict = {
    "name": "Ada Example",
    "line1": "1 Sample Street",
    "line2": None,
    "city": "Berlin",
    "region": None,
    "postcode": "10115",
    "country": "DE",
}
_PLACE: JsonDict = {
    "currency": "EUR",
    "lines": [{"sku": "TEA-ASSAM-250", "quantity": 2}],
    "shipping_address": _ADDRESS,
    "payment_method": "pm_card_ok",
}
_ORDER_ID = "3f0e4c6e-8f4b-5a0e-9d57-0a4c2f1b7d11"
ORDER: JsonDict = {
    "order_id": _ORDER_ID,
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
    "shipping_address": _ADDRESS,
    "personal_data": "readable",
    "email": "ada@example.org",
    "phone": None,
    "payment_method": "pm_card_ok",
    "tracking_number": "TRK-0001",
    "estimated_delivery": "2026-11-27",
    "version": 2,
    "placed_at": "2026-11-23T14:00:00.000000Z",
    "updated_at": "2026-11-23T14:00:01.000000Z",
}
"""An example."""


def _none_if_empty(text: object) -> object:
    """A form sends a line that was left blank as an empty string."""
    return None if text == "" else text


class Address(Body):
    """Where a shipment goes."""

    model_config = ConfigDict(json_schema_extra={"examples": [_ADDRESS]})

    name: Name
    line1: Line
    line2: Annotated[Line | None, BeforeValidator(_none_if_empty)] = None
    city: Name
    region: Annotated[Name | None, BeforeValidator(_none_if_empty)] = None
    postcode: Annotated[Postcode | None, BeforeValidator(_none_if_empty)] = None
    country: Country


class OrderLineRequest(Body):
    """So many pieces of a SKU; only `operator` and `service` may set a price other than the catalogue's."""

    sku: Sku
    quantity: Pieces
    unit_price: Price | None = None

    @field_serializer("sku")
    def _canonical_sku(self, sku: str, info: SerializationInfo[object]) -> str:
        """Both forms of é are the same."""
        return sku if info.context == AS_SENT else normal(sku)


class PlaceOrder(Body):
    """An order; one without a customer is a guest's. A SKU may stand in several lines.

    `reference` is the shop's own, such as an invoice number: within its channel no other order can have it. All
    operators are one channel, each service is one, and so is each customer.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [_PLACE]})

    customer_id: UUID | None = None
    currency: Currency
    lines: Annotated[list[OrderLineRequest], Field(min_length=1, max_length=MOST_LINES)]
    shipping_address: Address
    email: Annotated[Email | None, BeforeValidator(_none_if_empty)] = None
    phone: Annotated[Phone | None, BeforeValidator(_none_if_empty)] = None
    reference: Annotated[Reference | None, BeforeValidator(_none_if_empty)] = None
    payment_method: Code


class CancellationRequest(Body):
    """Why an order is to be undone."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "ordered the wrong size"}]})

    reason: Text


class OrderAccepted(BaseModel):
    """A command on an order was recorded; what follows from it happens afterwards."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"order_id": _ORDER_ID, "version": 1, "status": "placed", "position": 45}]}
    )

    order_id: UUID
    version: int
    status: OrderStatus
    position: int


PersonalData = Literal["readable", "key_missing"]
"""Whether an order's personal data can be shown; a key that is missing is an error, and the operator's to restore."""


class Order(BaseModel):
    """An order; where `personal_data` is not `readable`, what is personal is null.

    `reason` says why it was rejected, `cancellation_refused` why the last request to cancel it was rejected.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [ORDER]}, from_attributes=True)

    order_id: UUID
    customer_id: UUID | None
    reference: str | None
    status: OrderStatus
    reason: str | None
    cancellation_refused: str | None
    currency: str
    lines: tuple[OrderLineView, ...]
    total: Money
    shipping_address: Address | None
    email: str | None
    phone: str | None
    personal_data: PersonalData
    payment_method: str
    tracking_number: str | None
    estimated_delivery: date | None
    version: int
    placed_at: datetime
    updated_at: datetime


_SEALED = ("shipping_address", "email", "phone", "reference")
_ELSEWHERE = [field.name for field in fields(OrderView) if field.name not in _SEALED]


async def opened_order(keys: KeyRing, views: Sequence[OrderView]) -> list[Order]:
    """Orders with what is personal in plain text; one whose key is missing says so, and hides no other."""
    sealed = (value for view in views for name in _SEALED if (value := getattr(view, name)) is not None)
    plain = await keys.open_readable(sealed)
    return [_order(view, plain) for view in views]


def _order(view: OrderView, plain: Mapping[Sealed, str]) -> Order:
    """What was accepted once is shown, even where it would not be accepted now."""
    personal = {name: plain.get(getattr(view, name)) for name in _SEALED}
    address = personal.pop("shipping_address")
    readable: PersonalData = "key_missing" if address is None else "readable"
    found = None if address is None else Address.model_construct(**from_json(address))
    known = {name: getattr(view, name) for name in _ELSEWHERE} | personal
    return Order.model_construct(**known, shipping_address=found, personal_data=readable)
