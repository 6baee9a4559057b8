"""The simulated carrier: an HTTP service of its own, with a ledger of every booking, and no names or addresses in
it."""

from __future__ import annotations

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from workers.simulation import shipments
from workers.simulation.site import Cursor, IdempotencyKey, Limit, Since, TheDesk, simulator

router = APIRouter(prefix="/v1/shipments")


class RecipientRequest(BaseModel):
    """Where parcels go; `country` is ISO alpha-2 or XK."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    name: str = Field(min_length=1)
    line1: str = Field(min_length=1)
    line2: str | None = None
    city: str = Field(min_length=1)
    region: str | None = None
    postcode: str | None = None
    country: str = Field(pattern="^[A-Z]{2}$")
    phone: str | None = None


class BookingRequest(BaseModel):
    """Shipments to collect for an order."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    order_id: str = Field(min_length=1, max_length=64)
    recipient: RecipientRequest
    parcels: int = Field(default=1, ge=1, le=1000)


@router.post("", status_code=201)
async def book(body: BookingRequest, idempotency_key: IdempotencyKey, desk: TheDesk) -> Response:
    """Have parcels collected."""
    return await desk.once(
        idempotency_key, "book", body, shipments.book, body.order_id, body.recipient.country, body.parcels
    )


@router.post("/{shipment_id}/cancellation")
async def cancel(shipment_id: str, idempotency_key: IdempotencyKey, desk: TheDesk) -> Response:
    """Call a booking off."""
    return await desk.once(idempotency_key, f"cancel {shipment_id}", None, shipments.cancel, shipment_id)


@router.post("/{shipment_id}/collection")
async def collect(shipment_id: str, idempotency_key: IdempotencyKey, desk: TheDesk) -> Response:
    """What the driver's scanner sends when the parcels are collected."""
    return await desk.once(idempotency_key, f"collect {shipment_id}", None, shipments.collect, shipment_id)


@router.get("")
async def moved_since(desk: TheDesk, since: Since, cursor: Cursor = 0, limit: Limit = 100) -> Response:
    """The shipments of which something became since a time, in that order."""
    return await desk.moved(shipments.moved_shipments, since, cursor, limit)


@router.get("/{shipment_id}")
async def show(shipment_id: str, desk: TheDesk) -> Response:
    """A shipment as it stands."""
    return await desk.read(shipments.show, shipment_id)


app = simulator("carrier", shipments.SCHEMA, router, shipments.page)
