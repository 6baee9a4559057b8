"""Shipments: list those of an order, and report their dispatch and delivery."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from fastapi import Request, Response
from pydantic.config import JsonDict
from pydantic_core import from_json, to_json

from api.auth import Admitted, Caller
from api.context import context_of
from api.http.idempotency import Outcome, answer_repeatable
from api.http.preference import APPLIED, is_waited_for, preferred
from api.http.resource import Answer, Resource, page_answer
from api.openapi.headers import KEY_IF_WANTED, PREFER
from api.queries.access_records import record_access
from api.queries.consistency import HEADER, write_position
from api.queries.own_streams import folded
from api.routers.orders import order_of_caller
from api.schemas.answers import command_answer, json_answer
from api.schemas.fields import NoFields
from api.schemas.parameters import Paging
from commerce.eventstore import Recorded
from commerce.ordering.commands import load_order
from commerce.ordering.order import OrderNotConfirmed, OrderStatus, actions_now
from commerce.shipping import commands
from commerce.shipping.events import ShipmentDelivered, ShipmentDispatched
from commerce.shipping.shipment import ShipmentStatus
from commerce.shipping.shipment import fold as fold_shipment
from commerce.values import ids
from commerce.values.errors import NotFound
from projections.engine.pages import Page, page_of
from projections.orders import order_of
from projections.shipments import SHIPMENTS, ShipmentView

router = Resource("/api/v1", "shipments")

_IDS: JsonDict = {
    "shipment_id": "0b1f5f0e-6a53-5b4e-8e58-7f3f3a2b9c01",
    "order_id": "3f0e4c6e-8f4b-5a0e-9d57-0a4c2f1b7d11",
}
_SHIPMENT: JsonDict = {
    **_IDS,
    "status": "scheduled",
    "tracking_number": "TRK-0001",
    "carrier": "Simulated Parcels",
    "estimated_delivery": "2026-11-27",
    "dispatched_at": None,
    "delivered_at": None,
}
_DISPATCHED: JsonDict = {**_IDS, "version": 3, "status": "dispatched", "position": 61}
_MOVED = {ShipmentDispatched: ShipmentStatus.DISPATCHED, ShipmentDelivered: ShipmentStatus.DELIVERED}
_READY = (OrderStatus.CONFIRMED, OrderStatus.SHIPPED, OrderStatus.DELIVERED)


@dataclass(frozen=True, slots=True)
class ShipmentMoved:
    """The shipment left, or arrived."""

    shipment_id: UUID
    """The shipment; its dispatch and delivery are reported under this id."""
    order_id: UUID
    """The order."""
    version: int
    """How many events its stream has; the `ETag` in `If-Match`."""
    status: ShipmentStatus
    """Where it stands."""
    position: int
    """The place in the log."""


_ANSWERS = (
    Answer(ShipmentMoved, example=_DISPATCHED, headers=(HEADER, APPLIED)),
    Answer(
        ShipmentMoved,
        202,
        _DISPATCHED,
        (HEADER, APPLIED),
        "With `Prefer: wait`: the shipment moved, and its order did not say so in that time.",
    ),
)
_PROBLEMS, _READS = (400, 404, 409), (KEY_IF_WANTED, PREFER)


@router.query("/orders/{order_id}/shipments", page_answer(Page[ShipmentView], _SHIPMENT), problems=(404,))
async def list_shipments(order_id: UUID, request: Request, caller: Admitted, paging: Paging) -> Response:
    """List the shipments of an order."""
    await order_of_caller(request, caller, order_id)
    await record_access(request, caller, [order_id])
    shipments = await folded(SHIPMENTS, request, ids.shipment_id(order_id))
    return json_answer(page_of("shipments", shipments.values(), lambda one: (str(one.shipment_id),), paging))


@router.command("POST", "/shipments/{shipment_id}/dispatch", *_ANSWERS, problems=_PROBLEMS, reads=_READS)
async def dispatch_shipment(shipment_id: UUID, request: Request, caller: Admitted) -> Response:
    """Report that a shipment left the house; its order has to be confirmed."""
    outcome = await answer_repeatable(request, caller, NoFields(), lambda: _dispatched(request, caller, shipment_id))
    return await _told_by_order(request, outcome, (OrderStatus.SHIPPED, OrderStatus.DELIVERED))


async def _dispatched(request: Request, caller: Caller, shipment_id: UUID) -> Outcome:
    store = context_of(request).store
    history = await store.read_stream(shipment_id)
    if any(isinstance(recorded.event, ShipmentDispatched) for recorded in history):
        return _moved(history, ShipmentDispatched)
    order_id = _order_of(history, shipment_id)
    order = await load_order(store, order_id)
    if order.status not in _READY:
        raise OrderNotConfirmed(order).standing(order.version, actions_now(order))
    await commands.dispatch_shipment(store, order_id, caller.metadata)
    return _moved(await store.read_stream(shipment_id), ShipmentDispatched)


@router.command("POST", "/shipments/{shipment_id}/delivery", *_ANSWERS, problems=_PROBLEMS, reads=_READS)
async def deliver_shipment(shipment_id: UUID, request: Request, caller: Admitted) -> Response:
    """Report that a shipment arrived."""
    outcome = await answer_repeatable(request, caller, NoFields(), lambda: _delivered(request, caller, shipment_id))
    return await _told_by_order(request, outcome, (OrderStatus.DELIVERED,))


async def _delivered(request: Request, caller: Caller, shipment_id: UUID) -> Outcome:
    store = context_of(request).store
    order_id = _order_of(await store.read_stream(shipment_id), shipment_id)
    await commands.deliver_shipment(store, order_id, caller.metadata)
    return _moved(await store.read_stream(shipment_id), ShipmentDelivered)


async def _told_by_order(request: Request, outcome: Outcome, statuses: Sequence[OrderStatus]) -> Response:
    """The answer to a command: where the client prefers to wait, once the order has one of these statuses, too."""
    context, about = context_of(request), dict[str, str]()
    order_id = UUID(from_json(outcome.answer)["order_id"])

    async def said() -> int | None:
        history = (await context.store.read_together([order_id]))[order_id]
        order = order_of(history)
        return history[-1].position if order is not None and order.state.status in statuses else None

    position = await preferred(request, about, lambda seconds: context.completions.until(order_id, said, seconds))
    if position is None and is_waited_for(about):
        about["Location"] = f"/api/v1/orders/{order_id}"
        return command_answer(202, outcome.answer, outcome.position, about)
    answer = command_answer(200, outcome.answer, outcome.position, about)
    if position is not None:
        answer.headers[HEADER] = write_position(position)
    return answer


def _order_of(history: Sequence[Recorded], shipment_id: UUID) -> UUID:
    shipment = fold_shipment(recorded.event for recorded in history)
    if shipment is None:
        raise NotFound(f"there is no shipment {shipment_id}")
    return shipment.order_id


def _moved(history: Sequence[Recorded], kind: type[ShipmentDispatched | ShipmentDelivered]) -> Outcome:
    """The answer to the command that made this event: the same each time, whatever has happened since."""
    moved = next(recorded for recorded in history if isinstance(recorded.event, kind))
    answer = {
        "shipment_id": moved.stream,
        "order_id": moved.correlation_id,
        "version": moved.originator_version,
        "status": _MOVED[kind],
    }
    return Outcome(to_json(answer), moved.position)
