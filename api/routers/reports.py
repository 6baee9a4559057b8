"""Reports: figures over many orders."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Literal

from fastapi import Query, Request, Response
from pydantic.config import JsonDict
from typing_extensions import TypeAliasType

from api.auth import Admitted
from api.context import context_of
from api.http.resource import Resource, page_answer
from api.schemas.answers import json_answer
from api.schemas.parameters import Day, Paging
from commerce.audit.search import position_at
from commerce.eventstore import connection_from
from commerce.values.errors import InvalidInput
from projections.engine.pages import Page, page_of
from projections.orders import ORDERS, OrdersInTime, orders_in_time
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


_ORDERS: JsonDict = {
    "begin": "2026-11-23T10:00:00.000000Z",
    "orders": 12,
    "statuses": {"confirmed": 10, "rejected": 2},
    "rejections": {"out_of_stock": 1, "payment_declined": 1},
}
_LONGEST_DAYS = {"hour": 31, "day": 366}
"""How many days a report of orders covers at most."""
_MINUTES = 60
"""How many minutes one by the minute covers, the present one among them."""


@router.query("/orders", page_answer(Page[OrdersInTime], _ORDERS))
async def report_orders(
    request: Request,
    _caller: Admitted,
    paging: Paging,
    *,
    from_: Annotated[Day | None, Query(alias="from", description="The first day (UTC); by default the last.")] = None,
    to: Annotated[
        Day | None, Query(description="The last day (UTC); by default today, or the last that a report covers.")
    ] = None,
    by: Annotated[
        Literal["minute", "hour", "day"], Query(description="One item for each of them; by minute: of the last hour.")
    ] = "hour",
) -> Response:
    """See how many orders were placed by minute, hour or day, where they stand now, and why some were rejected.

    The newest comes first; one without an order is left out. By hour a report covers at most 31 days, by day 366; by
    minute the last hour, without `from` and `to`.
    """
    if by == "minute":
        if (from_ or to) is not None:
            raise InvalidInput("by minute a report covers the last hour; leave `from` and `to` out", "by")
        end = datetime.now(UTC)
        begin = end.replace(second=0, microsecond=0) - timedelta(minutes=_MINUTES - 1)
    else:
        begin, end = _span(by, from_, to)
    pool = await context_of(request).read_models.show(ORDERS, request)
    async with connection_from(pool) as connection:
        first = await position_at(connection, begin, later=False)
        beyond = await position_at(connection, end, later=True)
    found = await orders_in_time(pool, by, first, beyond - 1)
    return json_answer(page_of(f"orders by {by}", found, lambda one: (-int(one.begin.timestamp()),), paging))


def _span(by: Literal["hour", "day"], from_: date | None, to: date | None) -> tuple[datetime, datetime]:
    """When the report of these days begins and ends. Raises `InvalidInput`."""
    most = timedelta(_LONGEST_DAYS[by] - 1)
    today = datetime.now(UTC).date()
    last = to or (today if from_ is None or from_ > today - most else from_ + most)
    first = from_ or last
    if last < first:
        raise InvalidInput(f"the last day, {last}, is before the first, {first}", "to")
    if last - first > most:
        raise InvalidInput(f"by {by} a report covers at most {_LONGEST_DAYS[by]} days; send a later one", "from")
    return datetime.combine(first, time(), UTC), datetime.combine(last, time.max, UTC)


def _newest_day(sales: DailySales) -> tuple[int, str]:
    return -sales.day.toordinal(), sales.revenue.currency
