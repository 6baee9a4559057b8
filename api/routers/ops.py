"""Operation: how far the subscriptions of the log are, which processes are alive, and which orders wait for what."""

from __future__ import annotations

from datetime import UTC
from typing import Annotated

from fastapi import Query, Request, Response
from pydantic.config import JsonDict

from api.auth import Admitted
from api.context import context_of
from api.http.accepted_languages import told_answer, told_language
from api.http.resource import Resource, page_answer
from api.openapi.headers import ACCEPT_LANGUAGE, TOLD
from api.queries.subscription_lags import SubscriptionLag, subscription_lags
from api.queries.told_processes import told_process
from api.queries.worker_list import ListedWorker, list_processes_alive
from api.routers.processes import EXAMPLE_PROCESS
from api.schemas.answers import json_answer
from api.schemas.parameters import Paging
from commerce.audit.outside_calls import CallsInMinute
from commerce.runtime.heartbeats import find_troubles
from commerce.saga.definitions import PARTIES
from projections.engine.pages import Page, page_of
from projections.processes import PROCESSES, ProcessView, find_processes

router = Resource("/api/v1/ops", "operation")

_SUBSCRIPTION: JsonDict = {
    "name": "orders",
    "partition": 0,
    "position": 4711,
    "head": 4713,
    "lag": 1,
    "seconds": 0.2,
    "is_counted": True,
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
    "definitions": None,
}


_CALLS: JsonDict = {
    "begin": "2026-11-23T10:15:00.000000Z",
    "calls": {"payments": 12, "shipping": 6},
    "unanswered": {"payments": 1},
}


@router.query("/subscriptions", page_answer(Page[SubscriptionLag], _SUBSCRIPTION))
async def list_subscriptions(request: Request, _caller: Admitted, paging: Paging) -> Response:
    """List every partition of every subscription: where it is, and how many events and seconds it is behind.

    It is answered at once, however far they are behind: beyond 10,000 events `lag` is the most that it can be.
    """
    found = await subscription_lags(context_of(request).store.pool)
    return json_answer(page_of("subscriptions", found, lambda one: (one.name, one.partition), paging))


router.add_api_route("/followers", list_subscriptions, include_in_schema=False)  # its path in 0.1.0


@router.query("/workers", page_answer(Page[ListedWorker], _WORKER))
async def list_workers(request: Request, _caller: Admitted, paging: Paging) -> Response:
    """List every process that reports itself; it is `missing` after ten seconds of silence without a goodbye."""
    found = await list_processes_alive(context_of(request).store.pool)
    return json_answer(page_of("workers", found, _process, paging))


@router.query("/processes", page_answer(Page[ProcessView], EXAMPLE_PROCESS, TOLD), reads=(ACCEPT_LANGUAGE,))
async def list_processes(
    request: Request,
    _caller: Admitted,
    paging: Paging,
    overdue: Annotated[bool, Query(description="Only those that wait too long, or that need a person.")] = False,
    definition: Annotated[
        int | None, Query(ge=1, le=2**31 - 1, description="Only orders that began with this version of the process.")
    ] = None,
) -> Response:
    """List what orders wait for, the newest process first."""
    pool = await context_of(request).read_models.show(PROCESSES, request)
    troubles = await find_troubles(pool, {party.name for party in PARTIES})
    page = await find_processes(pool, overdue=overdue, definition=definition, paging=paging, troubles=troubles)
    language = told_language(request)
    return told_answer(Page([told_process(view, language) for view in page.items], page.next_cursor), language)


@router.query("/calls", page_answer(Page[CallsInMinute], _CALLS))
async def count_calls(request: Request, _caller: Admitted, paging: Paging) -> Response:
    """See how often the payment provider and the carrier were called in each minute of the last hour, and how often
    they gave no answer.

    The newest comes first; a minute without either is left out. The first time the last 200,000 events of the log are
    counted at most.
    """
    found = await context_of(request).calls.of_last_hour()
    return json_answer(page_of("calls", found, lambda one: (-int(one.begin.timestamp()),), paging))


def _process(worker: ListedWorker) -> tuple[str, str, str, int]:
    """What identifies a process, even if an earlier one had the same process id."""
    return worker.name, worker.since.astimezone(UTC).isoformat(timespec="microseconds"), worker.host, worker.pid
