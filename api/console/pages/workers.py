"""Workers: which processes are alive, what is wrong with them, and how far their work has come."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from fastapi import Response

from api.console.pages.read_models import progress_of_all
from api.pages.api_calls import ApiProblem, Document
from api.pages.routes import Pages
from api.pages.view import View

pages = Pages()

_PROCESSES = 100
_MINUTES = 60
_UNDER_WAY = ("placed", "cancelling")


@pages.page("/workers")
async def list_workers(view: View) -> Response:
    """List the processes, by what they do, and the subscriptions that they run."""
    workers, subscriptions, health, orders, calls = await asyncio.gather(
        view.get("/api/v1/ops/workers", {"limit": _PROCESSES}),
        progress_of_all(view, read_models=False),
        _health(view),
        _of_last_hour(view, "/api/v1/reports/orders", by="minute"),
        _of_last_hour(view, "/api/v1/ops/calls"),
    )
    return view.page(
        "workers.html",
        workers=workers["items"],
        unwell=[one for one in workers["items"] if one["status"] != "ok"],
        subscriptions=subscriptions,
        problems=health,
        orders=_by_minute(orders, _order_counts),
        calls=_by_minute(calls, _call_counts),
    )


Counts = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class LastHour:
    """Three counts for each minute of the last hour, and the sums of them."""

    minutes: Sequence[tuple[str, Counts]]
    sums: Counts


def _order_counts(item: Document) -> Counts:
    """How many orders were placed, how many of them have not ended yet, and how many were rejected."""
    statuses = item.get("statuses", {})
    under_way = sum(statuses.get(word, 0) for word in _UNDER_WAY)
    return item.get("orders", 0), under_way, statuses.get("rejected", 0)


def _call_counts(item: Document) -> Counts:
    """How often the payment provider and the carrier were called, and how often either gave no answer."""
    calls = item.get("calls", {})
    return calls.get("payments", 0), calls.get("shipping", 0), sum(item.get("unanswered", {}).values())


async def _of_last_hour(view: View, path: str, **query: str) -> Sequence[Document] | None:
    """What a route counts by the minute; None where it cannot tell now, or not the viewer."""
    try:
        return (await view.get(path, {**query, "limit": _MINUTES}))["items"]  # type: ignore[no-any-return]
    except ApiProblem as problem:
        if problem.status != 403 and problem.status < 500:
            raise
        return None


def _by_minute(items: Sequence[Document] | None, counts: Callable[[Document], Counts]) -> LastHour | None:
    """The counts of each minute, those without anything, too."""
    if items is None:
        return None
    known = {datetime.fromisoformat(one["begin"]): one for one in items}
    last = datetime.now(UTC).replace(second=0, microsecond=0)
    hour = [last - timedelta(minutes=back) for back in reversed(range(_MINUTES))]
    minutes = [(minute.isoformat(), counts(known.get(minute, {}))) for minute in hour]
    first, second, third = (sum(one[place] for _, one in minutes) for place in range(3))
    return LastHour(minutes, (first, second, third))


async def _health(view: View) -> dict[str, str]:
    """What does not work for the API's own process."""
    try:
        await view.get("/health/ready")
    except ApiProblem as problem:
        problems: dict[str, str] = problem.document.get("problems", {})
        return problems
    return {}
