"""Looks at other people's data: recorded before the answer is sent, and shown to whom they concern."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from fastapi import Request

from api.auth import Caller
from api.context import context_of

_RECORDED = ("operator", "auditor", "service")
"""Roles that see what is not theirs; customers see their own."""


async def record_access(request: Request, caller: Caller, orders: Iterable[UUID | None]) -> None:
    """Record that the caller is about to be shown these orders. Raises `Unavailable`: then nothing is shown."""
    if caller.identity.role in _RECORDED:
        what = f"{request.method} {request.scope['route'].path}"
        looked_at = (order for order in orders if order is not None)
        await context_of(request).access_records.record(what, looked_at, caller.metadata)


def reader_limit(caller: Caller) -> str | None:
    """Whose looks alone the caller may see; None for auditors, who see everybody's."""
    return None if caller.identity.role == "auditor" else caller.identity.actor
