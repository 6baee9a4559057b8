"""Today: what needs a person now, and how the day goes."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from fastapi import Response

from api.pages.api_calls import ApiProblem, Document, QueryValue
from api.pages.routes import Pages
from api.pages.shared_page import SharedPage, Values
from api.pages.view import View

pages = Pages()

_SHOWN_ITEMS = 5
_REVENUE_DAYS = 14
_LONG_LAG_S = 10.0
"""A subscription that is further behind than this is shown."""
_UNDER_WAY = ("placed", "cancelling")


async def _values(view: View) -> Values:
    """What the parts show: numbers, and the ids of orders; nothing of a person's (see `SharedPage`).

    So cases are counted, and their notes are not asked for.
    """
    today = datetime.now(UTC).date()
    attention, overdue, lags, workers, sales, orders = await asyncio.gather(
        _known(view, "/api/v1/ops/attention"),
        _known(view, "/api/v1/ops/processes", {"overdue": True, "limit": _SHOWN_ITEMS}),
        _known(view, "/api/v1/ops/subscriptions", {"limit": 100}),
        _known(view, "/api/v1/ops/workers", {"limit": 100}),
        _known(view, "/api/v1/reports/sales", {"from": _before(today, _REVENUE_DAYS - 1), "limit": 100}),
        _known(view, "/api/v1/reports/orders", {"from": _before(today, 1), "limit": 100}),
    )
    hours = orders.get("items", [])
    days = sales.get("items", [])
    of_today = [one for one in hours if one["begin"][:10] == today.isoformat()]
    return {
        "attention": {
            "cases": [],
            "overdue": 0,
            "parties": [],
            "parked_groups": 0,
            "tampering": None,
            "to_ship": None,
            **attention,
        },
        "overdue": overdue,
        "behind": [one for one in lags.get("items", []) if one["problem"] or one["seconds"] > _LONG_LAG_S],
        "unwell": [one for one in workers.get("items", []) if one["status"] != "ok"],
        "problem": next((one["problem"] for one in (lags, workers) if one.get("problem")), None),
        "orders": orders,
        "today": today.isoformat(),
        "placed": sum(one["orders"] for one in of_today),
        "statuses": _sums(of_today, "statuses"),
        "under_way": sum(_sums(of_today, "statuses").get(word, 0) for word in _UNDER_WAY),
        "rejections": sorted(_sums(of_today, "rejections").items(), key=lambda item: (-item[1], item[0])),
        "hours": _hours(hours),
        "sales": sales,
        "revenue": [one["revenue"] for one in days if one["day"] == today.isoformat()],
        "days": _days(days, today),
    }


async def _known(view: View, path: str, query: Mapping[str, QueryValue] | None = None) -> Document:
    """What a route shows. One part of the system that does not answer leaves the rest of the page to be seen: then
    there is only the `problem`; where the viewer may not ask, it is `hidden`."""
    try:
        return {"problem": None, "hidden": False, **await view.get(path, query)}
    except ApiProblem as problem:
        if problem.status != 403 and problem.status < 500:
            raise
        hidden = problem.status == 403
        return {"problem": None if hidden else view.said(problem), "hidden": hidden}


def _before(day: date, days: int) -> str:
    return (day - timedelta(days=days)).isoformat()


def _sums(items: Sequence[Document], field: str) -> dict[str, int]:
    sums: dict[str, int] = {}
    for item in items:
        for word, count in item[field].items():
            sums[word] = sums.get(word, 0) + count
    return sums


def _hours(items: Sequence[Document]) -> list[tuple[str, int, int]]:
    """The last 24 hours, those without an order, too: how many were placed, and how many of them rejected."""
    known = {datetime.fromisoformat(one["begin"]): one for one in items}
    last = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    hours = [last - timedelta(hours=back) for back in reversed(range(24))]
    found = [(hour, known.get(hour, {"orders": 0, "statuses": {}})) for hour in hours]
    return [(hour.isoformat(), one["orders"], one["statuses"].get("rejected", 0)) for hour, one in found]


def _days(items: Sequence[Document], today: date) -> dict[str, list[tuple[str, str]]]:
    """The revenue of each day, by currency; the largest currency first."""
    days = [_before(today, back) for back in reversed(range(_REVENUE_DAYS))]
    by_currency: dict[str, dict[str, Any]] = {}
    for one in items:
        by_currency.setdefault(one["revenue"]["currency"], {})[one["day"]] = one["revenue"]["amount"]
    ordered = sorted(by_currency.items(), key=lambda item: (-len(item[1]), item[0]))
    return {currency: [(day, amounts.get(day, "0")) for day in days] for currency, amounts in ordered}


TODAY = SharedPage("today", ("summary", "cases", "overdue", "system", "figures", "hours", "revenue"), _values)


@pages.page("")
async def show_today(view: View) -> Response:
    """Show it."""
    return view.page("today.html", parts=await TODAY.shown(view))


@pages.page("/live")
async def follow_today(view: View) -> Response:
    """Tell the page of each part that changes."""
    return TODAY.follow(view)
