"""The order as it is posted to a peer, and the simulated parties as a peer calls them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class Line(BaseModel):
    model_config = ConfigDict(extra="forbid")

    sku: Annotated[str, Field(min_length=1, max_length=64)]
    quantity: Annotated[int, Field(ge=1)]


class Address(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str
    line1: str
    line2: str | None = None
    city: str
    postcode: str
    country: Annotated[str, Field(pattern="^[A-Z]{2}$")]


class NewOrder(BaseModel):
    model_config = ConfigDict(extra="forbid")

    currency: Literal["EUR"]
    lines: Annotated[list[Line], Field(min_length=1, max_length=1000)]
    shipping_address: Address
    payment_method: str


def authorization(order_id: str, total: str, payment_method: str) -> dict[str, object]:
    """The body of `POST /v1/authorizations` at the provider."""
    return {"order_id": order_id, "amount": total, "currency": "EUR", "payment_method": payment_method}


def shipment(order_id: str, address: dict[str, object]) -> dict[str, object]:
    """The body of `POST /v1/shipments` at the carrier."""
    return {"order_id": order_id, "recipient": address, "parcels": 1}


def money(total: str) -> dict[str, object]:
    """The body of a capture."""
    return {"amount": total, "currency": "EUR"}
