"""Operation: how far the followers of the log are, and which processes are alive."""

from __future__ import annotations

from datetime import UTC
from typing import Annotated

from fastapi import APIRouter, Request, Response, Security

from api.answers import shown
from api.auth import OVERSEERS, Caller
from api.documentation import example, refusals
from api.fields import Cursor, Limit
from api.follower_lags import FollowerLag, follower_lags
from api.parts import parts_of
from api.strict_route import StrictRoute
from commerce.heartbeats import Worker, find_workers
from projections.paging import LIMIT, Page, page_of

router = APIRouter(prefix="/api/v1/ops", tags=["operation"], route_class=StrictRoute)

_FOLLOWER = {
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
    "/followers",
    operation_id="list_followers",
    response_model=Page[FollowerLag],
    responses=refusals() | example([_FOLLOWER]),
)
async def find(
    request: Request, _caller: Annotated[Caller, Security(OVERSEERS)], cursor: Cursor = None, limit: Limit = LIMIT
) -> Response:
    """List every partition of every follower: where it is, and how many facts and seconds it is behind."""
    found = await follower_lags(parts_of(request).store.pool)
    return shown(page_of("followers", found, lambda one: (one.name, one.partition), cursor, limit))


@router.get(
    "/workers", operation_id="list_workers", response_model=Page[Worker], responses=refusals() | example([_WORKER])
)
async def workers(
    request: Request, _caller: Annotated[Caller, Security(OVERSEERS)], cursor: Cursor = None, limit: Limit = LIMIT
) -> Response:
    """List every process that reports itself: `missing` if it has not for ten seconds and never said that it ends."""
    found = await find_workers(parts_of(request).store.pool)
    return shown(page_of("workers", found, _process, cursor, limit))


def _process(worker: Worker) -> tuple[str, str, str, int]:
    """What tells a process from all others, those before it of the same number included."""
    return worker.name, worker.since.astimezone(UTC).isoformat(timespec="microseconds"), worker.host, worker.pid
