"""The process of an order: what it waits for."""

from __future__ import annotations

from dataclasses import replace
from typing import cast
from uuid import UUID

from fastapi import Request, Response
from pydantic.config import JsonDict

from api.auth import Admitted
from api.context import context_of
from api.http.accepted_languages import told_in, told_language
from api.http.resource import Answer, Resource
from api.openapi.headers import ACCEPT_LANGUAGE, TOLD
from api.queries.own_streams import folded
from api.queries.told_processes import told_process
from api.routers.orders import order_of_caller
from api.schemas.answers import versioned_answer
from commerce.eventstore import Pool, parked_by
from commerce.runtime.heartbeats import find_troubles
from commerce.saga.description import awaited_parties
from commerce.saga.events import ProcessEvent
from commerce.saga.process import Stage
from commerce.saga.step_statuses import step_statuses
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
    "why": "it is on its way; there is no answer yet to the request for the payment to be authorised",
    "owner": None,
    "money_at_risk": {"amount": "0.00", "currency": "EUR"},
    "actions": ["retry", "compensate"],
    "definition": 1,
    "version": 5,
    "steps": [
        {
            "step": "authorization",
            "what": "authorise the payment",
            "state": "asked",
            "since": "2026-11-23T14:00:00.500000Z",
            "reason": None,
            "request": "authorize",
        }
    ],
}


@router.query(
    "/{order_id}/process",
    Answer(ProcessView, example=EXAMPLE_PROCESS, headers=("ETag", *TOLD)),
    problems=(404,),
    reads=(ACCEPT_LANGUAGE,),
)
async def get_process(order_id: UUID, request: Request, caller: Admitted) -> Response:
    """See why an order is where it is: what it waits for, since when, until when at most, and what comes next.

    While calls to a payment provider or carrier are paused, or something of the order is parked, those who run the shop
    are told so.
    """
    order = await order_of_caller(request, caller, order_id)
    process_id = ids.process_id(order_id)
    found = (await folded(PROCESSES, request, process_id)).get(process_id)
    within, pool = caller.customer_id is None, context_of(request).store.pool
    if found is None:
        view = _not_begun(order, within=within)
    else:
        parties = awaited_parties(found.state) if within else frozenset()
        troubles = await find_troubles(pool, parties) if parties else {}
        view = process_view(found, within=within, troubles=troubles)
    if within:
        history = (await context_of(request).store.read_together([process_id]))[process_id]
        recorded = ((cast(ProcessEvent, one.event), one.recorded_at) for one in history)
        view = replace(await _with_parked(pool, view), steps=step_statuses(recorded))
    language = told_language(request)
    told = told_process(view, language)
    return versioned_answer(told, view.version, of_stream=False, headers=told_in(language))


async def _with_parked(pool: Pool, view: ProcessView) -> ProcessView:
    """Say so where something of the order is parked: before that is handled, nothing of it goes on."""
    parked = await parked_by(pool, str(view.order_id))
    return replace(view, why=f"{view.why}; parked by {', '.join(parked)}, see GET /ops/parked") if parked else view


def _not_begun(order: OrderRow, *, within: bool) -> ProcessView:
    return ProcessView(
        order_id=order.order_id,
        stage=Stage.RUNNING,
        waiting_for="its process to begin",
        since=order.placed_at,
        until=None,
        next="reserve the stock",
        case=None,
        why="the process manager has not read the order yet" if within else None,
        owner=None,
        money_at_risk=None,
        actions=[],
        definition=None,
        version=0,
    )
