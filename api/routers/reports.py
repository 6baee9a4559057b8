"""Reports: figures over many orders."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Query, Request, Response
from pydantic.config import JsonDict
from typing_extensions import TypeAliasType

from api.auth import Admitted
from api.context import context_of
from api.http.resource import Resource, page_answer
from api.schemas.answers import json_answer
from api.schemas.parameters import Day, Paging
from commerce.values.errors import InvalidInput
from projections.engine.pages import Page, page_of
from projections.sales import SALES, DailySales, SoldSku, sales_by_day, sales_by_sku

router = Resource("/api/v1/reports", "reports")

ReportSales = TypeAliasType("ReportSales", Page[DailySales] | Page[SoldSku])
_SALES: JsonDict = {
    "day": "2026-11-23",
    "units": 12,
    "revenue": {"amount": "118.40", "currency": "EUR"},
    "refunded": {"amount": "8.90", "currency": "EUR"},
}


@router.query("/sales", page_answer(ReportSales, _SALES))
async def report_sales(
    request: Request,
    _caller: Admitted,
    paging: Paging,
    *,
    from_: Annotated[Day | None, Query(alias="from", description="The first day (UTC).")] = None,
    to: Annotated[Day | None, Query(description="The last day (UTC).")] = None,
    group: Annotated[Literal["day", "sku"], Query(description="One item for each day, or for each SKU.")] = "day",
) -> Response:
    """See units and revenue of confirmed orders: by day of confirmation, newest first, or by SKU.

    What was given back is taken out of the revenue of the day on which its order was confirmed; pieces count as sold.
    """
    if from_ and to and to < from_:
        raise InvalidInput(f"the last day, {to}, is before the first, {from_}", "to")
    pool = await context_of(request).read_models.show(SALES, request)
    if group == "day":
        return json_answer(page_of("sales by day", await sales_by_day(pool, from_, to), _newest_day, paging))
    skus = await sales_by_sku(pool, from_, to)
    return json_answer(page_of("sales by sku", skus, lambda one: (one.sku, one.revenue.currency), paging))


def _newest_day(sales: DailySales) -> tuple[int, str]:
    return -sales.day.toordinal(), sales.revenue.currency
