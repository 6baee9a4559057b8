"""Operation: how far the subscriptions of the log are, and which processes are alive."""

from __future__ import annotations

from datetime import UTC
from typing import Annotated

from fastapi import APIRouter, Request, Response, Security

from api.auth import OVERSEERS, Caller
from api.context import context_of
from api.http.strict_route import StrictRoute
from api.openapi.documentation import example, problem_answers
from api.schemas.answers import json_answer
from api.schemas.fields import Cursor, Limit
from api.subscription_lags import SubscriptionLag, subscription_lags
from commerce.runtime.heartbeats import Worker, find_workers
from projections.engine.pages import DEFAULT_PAGE_ITEMS, Page, page_of

router = APIRouter(prefix="/api/v1/ops", tags=["operation"], route_class=StrictRoute)

_SUBSCRIPTION = {
    "name": "orders",
    "partition": 0,
    "position": 4711,
    "head": 4713,
    "lag": 1,
    "seconds": 0.2,
    "is_read_model": True,
    "problem": None,
}

_WORKER = {
    "name": "payments",
    "version": "0.1.0+3f0e4c6e",
    "host": "shop-2",
    "pid": 4711,
    "since": "2026-11-23T08:00:00.000000Z",
    "heartbeat": "2026-11-23T10:15:00.000000Z",
    "status": "failing",
    "problems": {"broker": "not connected"},
}


@router.get(
    "/subscriptions",
    operation_id="list_subscriptions",
    response_model=Page[SubscriptionLag],
    responses=problem_answers() | example([_SUBSCRIPTION]),
)
async def find(
    request: Request,
    _caller: Annotated[Caller, Security(OVERSEERS)],
    cursor: Cursor = None,
    limit: Limit = DEFAULT_PAGE_ITEMS,
) -> Response:
    """List every partition of every subscription: where it is, and how many events and seconds it is behind."""
    found = await subscription_lags(context_of(request).store.pool)
    return json_answer(page_of("subscriptions", found, lambda one: (one.name, one.partition), cursor, limit))


@router.get(
    "/workers",
    operation_id="list_workers",
    response_model=Page[Worker],
    responses=problem_answers() | example([_WORKER]),
)
async def workers(
    request: Request,
    _caller: Annotated[Caller, Security(OVERSEERS)],
    cursor: Cursor = None,
    limit: Limit = DEFAULT_PAGE_ITEMS,
) -> Response:
    """List every process that reports itself: `missing` if it has not for ten seconds and never said that it ends."""
    found = await find_workers(context_of(request).store.pool)
    return json_answer(page_of("workers", found, _process, cursor, limit))


def _process(worker: Worker) -> tuple[str, str, str, int]:
    """What tells a process from all others, those before it of the same number included."""
    return worker.name, worker.since.astimezone(UTC).isoformat(timespec="microseconds"), worker.host, worker.pid
