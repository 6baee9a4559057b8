"""Why an order is as it is: what caused what, in a column for each part."""

from __future__ import annotations

import asyncio

from fastapi import Response

from api.console.causation import COLUMN_PIXELS, PARTS, ROW_PIXELS, arrow, event_rows
from api.pages.routes import Pages
from api.pages.view import View

pages = Pages()

MOST_ROWS = 500
"""How many events are shown; the rest is in the log."""


@pages.page("/orders/{order_id}/why")
async def show_causes(view: View) -> Response:
    """Show them."""
    order_id = view.path["order_id"]
    order, trace = await asyncio.gather(
        view.get(f"/api/v1/orders/{order_id}"), view.get(f"/api/v1/audit/orders/{order_id}/trace")
    )
    rows = event_rows(trace, MOST_ROWS)
    caused = [row for row in rows if row.cause is not None]
    return view.page(
        "order_why.html",
        order=order,
        trace=trace,
        rows=rows,
        slowest=max(caused, key=lambda row: row.seconds_after_cause, default=None),
        arrows=[(row, arrow(row, rows[row.cause])) for row in rows if row.cause is not None],
        columns=[(part, COLUMN_PIXELS // 2 + place * COLUMN_PIXELS) for place, part in enumerate(PARTS)],
        width=len(PARTS) * COLUMN_PIXELS,
        height=len(rows) * ROW_PIXELS,
    )
