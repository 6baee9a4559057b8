"""Operation: how far the subscriptions of the log are, which processes are alive, and which orders wait for what."""

from __future__ import annotations

from datetime import UTC
from typing import Annotated

from fastapi import Query, Request, Response
from pydantic.config import JsonDict

from api.auth import Overseer
from api.context import context_of
from api.http.resource import Resource, page_answer
from api.queries.subscription_lags import SubscriptionLag, subscription_lags
from api.schemas.answers import json_answer
from api.schemas.parameters import Paging
from api.schemas.processes import EXAMPLE_CASE, EXAMPLE_PROCESS
from commerce.runtime.heartbeats import Worker, find_workers
from projections.engine.pages import Page, page_of
from projections.processes import PROCESSES, CaseView, ProcessView, list_cases, list_processes

router = Resource("/api/v1/ops", "operation")

_SUBSCRIPTION: JsonDict = {
    "name": "orders",
    "partition": 0,
    "position": 4711,
    "head": 4713,
    "lag": 1,
    "seconds": 0.2,
    "is_read_model": True,
    "problem": None,
}

_WORKER: JsonDict = {
    "name": "payments",
    "version": "0.1.0+3f0e4c6e",
    "host": "shop-2",
    "pid": 4711,
    "since": "2026-11-23T08:00:00.000000Z",
    "heartbeat": "2026-11-23T10:15:00.000000Z",
    "status": "failing",
    "problems": {"broker": "not connected"},
}


@router.query("/subscriptions", "list_subscriptions", page_answer(Page[SubscriptionLag], _SUBSCRIPTION))
async def find(request: Request, _caller: Overseer, paging: Paging) -> Response:
    """List every partition of every subscription: where it is, and how many events and seconds it is behind."""
    found = await subscription_lags(context_of(request).store.pool)
    return json_answer(
        page_of("subscriptions", found, lambda one: (one.name, one.partition), paging.cursor, paging.limit)
    )


router.add_api_route("/followers", find, include_in_schema=False)  # its path in 0.1.0


@router.query("/workers", "list_workers", page_answer(Page[Worker], _WORKER))
async def workers(request: Request, _caller: Overseer, paging: Paging) -> Response:
    """List every process that reports itself; it is `missing` after ten seconds of silence without a goodbye."""
    found = await find_workers(context_of(request).store.pool)
    return json_answer(page_of("workers", found, _process, paging.cursor, paging.limit))


@router.query("/processes", "list_processes", page_answer(Page[ProcessView], EXAMPLE_PROCESS))
async def processes(
    request: Request,
    _caller: Overseer,
    paging: Paging,
    overdue: Annotated[bool, Query(description="Only those that wait too long, or that need a person.")] = False,
) -> Response:
    """List what orders wait for, the newest process first."""
    context = context_of(request)
    await context.read_models.show(PROCESSES, request)
    return json_answer(
        await list_processes(context.store.pool, overdue=overdue, cursor=paging.cursor, limit=paging.limit)
    )


@router.query("/cases", "list_cases", page_answer(Page[CaseView], EXAMPLE_CASE))
async def cases(request: Request, _caller: Overseer, paging: Paging) -> Response:
    """List the orders about which a person has to decide something: what, and since when."""
    context = context_of(request)
    await context.read_models.show(PROCESSES, request)
    return json_answer(await list_cases(context.store.pool, cursor=paging.cursor, limit=paging.limit))


def _process(worker: Worker) -> tuple[str, str, str, int]:
    """What identifies a process, even if an earlier one had the same process id."""
    return worker.name, worker.since.astimezone(UTC).isoformat(timespec="microseconds"), worker.host, worker.pid
