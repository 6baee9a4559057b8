"""The process of an order: what it waits for."""

from __future__ import annotations

from uuid import UUID

from fastapi import Request, Response
from pydantic.config import JsonDict

from api.auth import Anybody
from api.http.resource import Answer, Resource
from api.queries.own_streams import folded
from api.routers.orders import order_of_caller
from api.schemas.answers import json_answer
from commerce.saga.process import Stage
from commerce.values import ids
from projections.orders import OrderRow
from projections.processes import PROCESSES, ProcessView, process_view

router = Resource("/api/v1/orders", "orders")

EXAMPLE_PROCESS: JsonDict = {
    "order_id": "3f0e4c6e-8f4b-5a0e-9d57-0a4c2f1b7d11",
    "stage": "running",
    "waiting_for": "the payment to be authorised",
    "since": "2026-11-23T14:00:00.500000Z",
    "until": "2026-11-23T14:01:00.500000Z",
    "next": "book the shipment",
    "case": None,
}


@router.query("/{order_id}/process", Answer(ProcessView, example=EXAMPLE_PROCESS), problems=(404,))
async def get_process(order_id: UUID, request: Request, caller: Anybody) -> Response:
    """See what an order waits for, since when, until when at most, and what comes next."""
    order = await order_of_caller(request, caller, order_id)
    process_id = ids.process_id(order_id)
    found = (await folded(PROCESSES, request, process_id)).get(process_id)
    return json_answer(process_view(found, within=caller.customer_id is None) if found else _not_begun(order))


def _not_begun(order: OrderRow) -> ProcessView:
    return ProcessView(
        order_id=order.order_id,
        stage=Stage.RUNNING,
        waiting_for="its process to begin",
        since=order.placed_at,
        until=None,
        next="reserve the stock",
        case=None,
    )
