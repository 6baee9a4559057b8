"""Reports: figures over many orders."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response, Security

from api.auth import OVERSEERS, Caller
from api.context import context_of
from api.http.strict_route import StrictRoute
from api.openapi.documentation import POSITION, example, headers, problem_answers
from api.schemas.answers import json_answer
from api.schemas.fields import Cursor, Day, Limit
from commerce.values.errors import InvalidInput
from projections.engine.pages import DEFAULT_PAGE_ITEMS, Page, page_of
from projections.sales import SALES, DailySales, SoldSku, sales_by_day, sales_by_sku

router = APIRouter(prefix="/api/v1/reports", tags=["reports"], route_class=StrictRoute)

_SALES = {"day": "2026-11-23", "units": 12, "revenue": {"amount": "118.40", "currency": "EUR"}}


@router.get(
    "/sales",
    operation_id="report_sales",
    response_model=Page[DailySales] | Page[SoldSku],
    responses=problem_answers(400) | example([_SALES]),
    openapi_extra=headers(POSITION),
)
async def sales(
    request: Request,
    _caller: Annotated[Caller, Security(OVERSEERS)],
    *,
    from_: Annotated[Day | None, Query(alias="from", description="The first day (UTC).")] = None,
    to: Annotated[Day | None, Query(description="The last day (UTC).")] = None,
    group: Annotated[Literal["day", "sku"], Query(description="One item for each day, or for each SKU.")] = "day",
    cursor: Cursor = None,
    limit: Limit = DEFAULT_PAGE_ITEMS,
) -> Response:
    """See units and revenue of confirmed orders, by the day of their confirmation, newest first; or by SKU."""
    if from_ and to and to < from_:
        raise InvalidInput(f"the last day, {to}, is before the first, {from_}", "to")
    context = context_of(request)
    await context.read_models.show(SALES, request)
    if group == "day":
        days = await sales_by_day(context.store.pool, from_, to)
        return json_answer(page_of("sales by day", days, _newest_day, cursor, limit))
    skus = await sales_by_sku(context.store.pool, from_, to)
    return json_answer(page_of("sales by sku", skus, lambda one: (one.sku, one.revenue.currency), cursor, limit))


def _newest_day(sales: DailySales) -> tuple[int, str]:
    return -sales.day.toordinal(), sales.revenue.currency
