"""Today: what needs a person now, and how the day goes."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from fastapi import Response

from api.console.routes import Pages
from api.console.view import View

pages = Pages()

_SHOWN_ITEMS = 5
_CURVE_DAYS = 14


@pages.page("")
async def show_today(view: View) -> Response:
    """Show it."""
    first = (datetime.now(UTC) - timedelta(days=_CURVE_DAYS - 1)).date().isoformat()
    overdue, cases, parked, lags, workers, sales, orders = await asyncio.gather(
        view.get("/api/v1/ops/processes", {"overdue": True, "limit": _SHOWN_ITEMS}),
        view.get("/api/v1/ops/cases", {"limit": _SHOWN_ITEMS}),
        view.get("/api/v1/ops/parked", {"limit": _SHOWN_ITEMS}),
        view.get("/api/v1/ops/subscriptions"),
        view.get("/api/v1/ops/workers"),
        view.get("/api/v1/reports/sales", {"from": first}),
        view.get("/api/v1/orders", {"limit": _SHOWN_ITEMS}),
    )
    return view.page(
        "today.html",
        overdue=overdue,
        cases=cases,
        parked=parked,
        behind=[one for one in lags["items"] if one["problem"] or one["lag"] > 1000],
        unwell=[one for one in workers["items"] if one["status"] != "ok"],
        sales=sales["items"],
        orders=orders["items"],
    )
