"""What clients send to place an order, and to have one cancelled."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import BeforeValidator, ConfigDict, Field, SerializationInfo, field_serializer
from pydantic.config import JsonDict

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
    none_if_empty,
)
from commerce.ordering.order import MOST_LINES
from commerce.values.text import normal

EXAMPLE_ADDRESS: JsonDict = {
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
    "shipping_address": EXAMPLE_ADDRESS,
    "payment_method": "pm_card_ok",
}


class Address(Body):
    """Where a shipment goes."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE_ADDRESS]})

    name: Name
    """Who gets the shipment."""
    line1: Line
    """Street and number."""
    line2: Annotated[Line | None, BeforeValidator(none_if_empty)] = None
    """What else the address needs."""
    city: Name
    """Town or city."""
    region: Annotated[Name | None, BeforeValidator(none_if_empty)] = None
    """State, province or county; null where none was given."""
    postcode: Annotated[Postcode | None, BeforeValidator(none_if_empty)] = None
    """Postal code; null where there is none."""
    country: Country
    """ISO 3166-1 alpha-2 code, or XK."""


class OrderLineRequest(Body):
    """A SKU and how many pieces of it; only `operator` and `service` may set another price than the catalogue's."""

    sku: Sku
    """As the catalogue knows it; case-sensitive."""
    quantity: Pieces
    """How many pieces."""
    unit_price: Price | None = None
    """The catalogue's where it is left out; only `operator` and `service` may set it."""

    @field_serializer("sku")
    def _canonical_sku(self, sku: str, info: SerializationInfo[object]) -> str:
        """Write both forms of é alike."""
        return sku if info.context == AS_SENT else normal(sku)


class PlaceOrder(Body):
    """An order; without a customer it is a guest's. Several lines may have the same SKU.

    `reference` is the shop's own, such as an invoice number: within its channel no other order can have it. All
    operators are one channel, each service is one, and so is each customer.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [_PLACE]})

    customer_id: UUID | None = None
    """Whose order it is; customers may leave it out, a guest's order has none."""
    currency: Currency
    """ISO 4217 code, such as EUR."""
    lines: Annotated[list[OrderLineRequest], Field(min_length=1, max_length=MOST_LINES)]
    """What is ordered."""
    shipping_address: Address
    """Where the shipment goes; null where `personal_data` is not `readable`."""
    email: Annotated[Email | None, BeforeValidator(none_if_empty)] = None
    """Where mails about the order go; null where none was given."""
    phone: Annotated[Phone | None, BeforeValidator(none_if_empty)] = None
    """A telephone number for the carrier; null where none was given."""
    reference: Annotated[Reference | None, BeforeValidator(none_if_empty)] = None
    """The shop's own, such as an invoice number; null where none was given. No other order of its channel has it."""
    payment_method: Code
    """The payment provider's name for what is paid with, such as `pm_card_ok`; one that it does not know is
    rejected, if the provider lists those it knows."""


class CancellationRequest(Body):
    """Why an order is to be undone."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "ordered the wrong size"}]})

    reason: Text
    """Why, in the sender's own words; stored encrypted, like an address."""
