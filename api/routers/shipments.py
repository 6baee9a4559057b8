"""Shipments: an order's shipments, and what people do with them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response, Security
from pydantic import BaseModel, ConfigDict
from pydantic_core import to_json

from api.access_records import record_access
from api.auth import ANYBODY, HANDLERS, Caller
from api.consistency import HEADER
from api.context import context_of
from api.http.strict_route import StrictRoute
from api.openapi.documentation import POSITION, answers, example, headers, problem_answers
from api.own_streams import folded
from api.routers.orders import order_of_caller
from api.schemas.answers import json_answer, no_content
from api.schemas.fields import Cursor, Limit
from commerce.eventstore import Recorded
from commerce.ordering.commands import load_order
from commerce.ordering.order import OrderNotConfirmed, OrderStatus
from commerce.shipping.commands import deliver_shipment, dispatch_shipment
from commerce.shipping.events import ShipmentDelivered, ShipmentDispatched
from commerce.shipping.shipment import ShipmentStatus
from commerce.shipping.shipment import fold as fold_shipment
from commerce.values import ids
from commerce.values.errors import NotFound
from projections.engine.pages import DEFAULT_PAGE_ITEMS, Page, page_of
from projections.shipments import SHIPMENTS, ShipmentView

router = APIRouter(prefix="/api/v1", tags=["shipments"], route_class=StrictRoute)

_IDS = {
    "shipment_id": "0b1f5f0e-6a53-5b4e-8e58-7f3f3a2b9c01",
    "order_id": "3f0e4c6e-8f4b-5a0e-9d57-0a4c2f1b7d11",
}
_SHIPMENT = {
    **_IDS,
    "status": "scheduled",
    "tracking_number": "TRK-0001",
    "carrier": "Simulated Parcels",
    "estimated_delivery": "2026-11-27",
    "dispatched_at": None,
    "delivered_at": None,
}
_MOVED = {ShipmentDispatched: ShipmentStatus.DISPATCHED, ShipmentDelivered: ShipmentStatus.DELIVERED}
_READY = (OrderStatus.CONFIRMED, OrderStatus.SHIPPED, OrderStatus.DELIVERED)


class ShipmentMoved(BaseModel):
    """The shipment left, or arrived."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{**_IDS, "version": 3, "status": "dispatched", "position": 61}]}
    )

    shipment_id: UUID
    order_id: UUID
    version: int
    status: ShipmentStatus
    position: int


@router.get(
    "/orders/{order_id}/shipments",
    operation_id="list_shipments",
    response_model=Page[ShipmentView],
    responses=problem_answers(400, 404) | example([_SHIPMENT]),
    openapi_extra=headers(POSITION),
)
async def find(
    order_id: UUID,
    request: Request,
    caller: Annotated[Caller, Security(ANYBODY)],
    cursor: Cursor = None,
    limit: Limit = DEFAULT_PAGE_ITEMS,
) -> Response:
    """List the shipments of an order."""
    await order_of_caller(request, caller, order_id)
    await record_access(request, caller, [order_id])
    shipments = await folded(SHIPMENTS, request, ids.shipment_id(order_id))
    return json_answer(page_of("shipments", shipments.values(), lambda one: (str(one.shipment_id),), cursor, limit))


@router.post(
    "/shipments/{shipment_id}/dispatch",
    operation_id="dispatch_shipment",
    response_model=ShipmentMoved,
    responses=problem_answers(404, 409),
    openapi_extra=answers({200: (HEADER,)}),
)
async def dispatch(shipment_id: UUID, request: Request, caller: Annotated[Caller, Security(HANDLERS)]) -> Response:
    """Say that the shipment left the house; its order has to be confirmed."""
    store = context_of(request).store
    history = await store.read_stream(shipment_id)
    if any(isinstance(recorded.event, ShipmentDispatched) for recorded in history):
        return _moved(history, ShipmentDispatched)
    order_id = _order_of(history, shipment_id)
    order = await load_order(store, order_id)
    if order.status not in _READY:
        raise OrderNotConfirmed(order)
    await dispatch_shipment(store, order_id, caller.metadata)
    return _moved(await store.read_stream(shipment_id), ShipmentDispatched)


@router.post(
    "/shipments/{shipment_id}/delivery",
    operation_id="deliver_shipment",
    response_model=ShipmentMoved,
    responses=problem_answers(404, 409),
    openapi_extra=answers({200: (HEADER,)}),
)
async def deliver(shipment_id: UUID, request: Request, caller: Annotated[Caller, Security(HANDLERS)]) -> Response:
    """Say that the shipment arrived."""
    store = context_of(request).store
    order_id = _order_of(await store.read_stream(shipment_id), shipment_id)
    await deliver_shipment(store, order_id, caller.metadata)
    return _moved(await store.read_stream(shipment_id), ShipmentDelivered)


def _order_of(history: Sequence[Recorded], shipment_id: UUID) -> UUID:
    shipment = fold_shipment(recorded.event for recorded in history)
    if shipment is None:
        raise NotFound(f"there is no shipment {shipment_id}")
    return shipment.order_id


def _moved(history: Sequence[Recorded], kind: type[ShipmentDispatched | ShipmentDelivered]) -> Response:
    """The answer to what made this event, however often it is asked for, and whatever happened since."""
    moved = next(recorded for recorded in history if isinstance(recorded.event, kind))
    answer = {
        "shipment_id": moved.stream,
        "order_id": moved.correlation_id,
        "version": moved.originator_version,
        "status": _MOVED[kind],
    }
    return no_content(200, to_json(answer), moved.position)
