"""Processes: what an order waits for, and which orders wait for something."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response, Security

from api.auth import ANYBODY, OVERSEERS, Caller
from api.context import context_of
from api.http.strict_route import StrictRoute
from api.openapi.documentation import POSITION, example, headers, problem_answers
from api.own_streams import folded
from api.routers.orders import order_of_caller
from api.schemas.answers import json_answer
from api.schemas.fields import Cursor, Limit
from commerce.saga.process import Stage
from commerce.values import ids
from projections.engine.pages import DEFAULT_PAGE_ITEMS, Page
from projections.orders import OrderView
from projections.processes import PROCESSES, CaseView, ProcessView, list_cases, list_processes, process_view

router = APIRouter(prefix="/api/v1", route_class=StrictRoute)

_PROCESS = {
    "order_id": "3f0e4c6e-8f4b-5a0e-9d57-0a4c2f1b7d11",
    "stage": "running",
    "waiting_for": "the payment to be authorised",
    "since": "2026-11-23T14:00:00.500000Z",
    "until": "2026-11-23T14:01:00.500000Z",
    "next": "book the shipment",
    "case": None,
}

_CASE = {
    "order_id": "3f0e4c6e-8f4b-5a0e-9d57-0a4c2f1b7d11",
    "detail": "the payment provider does not let the money go: authorization_not_found",
    "since": "2026-11-23T14:05:00.500000Z",
    "stage": "compensating",
    "waiting_for": "the payment to be let go",
}


@router.get(
    "/orders/{order_id}/process",
    operation_id="get_process",
    tags=["orders"],
    response_model=ProcessView,
    responses=problem_answers(400, 404) | example(_PROCESS),
    openapi_extra=headers(POSITION),
)
async def get(order_id: UUID, request: Request, caller: Annotated[Caller, Security(ANYBODY)]) -> Response:
    """See what an order waits for, since when, until when at most, and what comes next."""
    order = await order_of_caller(request, caller, order_id)
    process_id = ids.process_id(order_id)
    found = (await folded(PROCESSES, request, process_id)).get(process_id)
    return json_answer(process_view(found, within=caller.customer_id is None) if found else _not_begun(order))


@router.get(
    "/ops/processes",
    operation_id="list_processes",
    tags=["operation"],
    response_model=Page[ProcessView],
    responses=problem_answers(400) | example([_PROCESS]),
    openapi_extra=headers(POSITION),
)
async def find(
    request: Request,
    _caller: Annotated[Caller, Security(OVERSEERS)],
    overdue: Annotated[
        bool, Query(description="Only those that wait too long, or that a person has to look at.")
    ] = False,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_PAGE_ITEMS,
) -> Response:
    """List what waits for what, begun last first."""
    context = context_of(request)
    await context.read_models.show(PROCESSES, request)
    return json_answer(await list_processes(context.store.pool, overdue=overdue, cursor=cursor, limit=limit))


@router.get(
    "/ops/cases",
    operation_id="list_cases",
    tags=["operation"],
    response_model=Page[CaseView],
    responses=problem_answers(400) | example([_CASE]),
    openapi_extra=headers(POSITION),
)
async def cases(
    request: Request,
    _caller: Annotated[Caller, Security(OVERSEERS)],
    cursor: Cursor = None,
    limit: Limit = DEFAULT_PAGE_ITEMS,
) -> Response:
    """List the orders of which a person has to decide something: what, and since when."""
    context = context_of(request)
    await context.read_models.show(PROCESSES, request)
    return json_answer(await list_cases(context.store.pool, cursor=cursor, limit=limit))


def _not_begun(order: OrderView) -> ProcessView:
    return ProcessView(
        order_id=order.order_id,
        stage=Stage.RUNNING,
        waiting_for="its process to begin",
        since=order.placed_at,
        until=None,
        next="reserve the stock",
        case=None,
    )
