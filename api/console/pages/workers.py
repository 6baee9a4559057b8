"""Workers: which processes are alive, what is wrong with them, and how far their work has come."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from fastapi import Response

from api.console.api_calls import ApiProblem, Document
from api.console.pages.read_models import progress_of_all
from api.console.routes import Pages
from api.console.view import View

pages = Pages()

_PROCESSES = 100
_MINUTES = 60
_UNDER_WAY = ("placed", "cancelling")


@pages.page("/workers")
async def list_workers(view: View) -> Response:
    """List the processes, by what they do, and the subscriptions that they run."""
    workers, subscriptions, health, minutes = await asyncio.gather(
        view.get("/api/v1/ops/workers", {"limit": _PROCESSES}),
        progress_of_all(view, read_models=False),
        _health(view),
        _last_hour(view),
    )
    return view.page(
        "workers.html",
        workers=workers["items"],
        unwell=[one for one in workers["items"] if one["status"] != "ok"],
        subscriptions=subscriptions,
        problems=health,
        minutes=minutes,
        placed=sum(placed for _, placed, _, _ in minutes),
        under_way=sum(open_ for _, _, open_, _ in minutes),
        rejected=sum(rejected for _, _, _, rejected in minutes),
    )


async def _last_hour(view: View) -> list[tuple[str, int, int, int]]:
    """For each minute of the last hour: how many orders were placed, how many of them have not ended yet, and how many
    were rejected. Empty where that cannot be told, or not to the viewer."""
    try:
        found = await view.get("/api/v1/reports/orders", {"by": "minute", "limit": _MINUTES})
    except ApiProblem as problem:
        if problem.status != 403 and problem.status < 500:
            raise
        return []
    return _minutes(found["items"], datetime.now(UTC))


def _minutes(items: Sequence[Document], now: datetime) -> list[tuple[str, int, int, int]]:
    known = {datetime.fromisoformat(one["begin"]): one for one in items}
    last = now.replace(second=0, microsecond=0)
    found = []
    for minute in (last - timedelta(minutes=back) for back in reversed(range(_MINUTES))):
        one = known.get(minute, {"orders": 0, "statuses": {}})
        under_way = sum(one["statuses"].get(word, 0) for word in _UNDER_WAY)
        found.append((minute.isoformat(), one["orders"], under_way, one["statuses"].get("rejected", 0)))
    return found


async def _health(view: View) -> dict[str, str]:
    """What does not work for the API's own process."""
    try:
        await view.get("/health/ready")
    except ApiProblem as problem:
        problems: dict[str, str] = problem.document.get("problems", {})
        return problems
    return {}
