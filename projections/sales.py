"""The sales: units and revenue of confirmed orders, by day or by SKU; an order that is cancelled later is taken
out again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date
from uuid import UUID

from commerce.eventstore import Pool, Recorded
from commerce.ordering.events import OrderCancelled, OrderConfirmed, OrderPlaced
from commerce.values.money import Money
from commerce.values.order_line import OrderLine
from projections.engine.projection import Projection, topics_of

_DDL = """
CREATE TABLE {table} (
    order_id uuid PRIMARY KEY,
    day date,
    units bigint NOT NULL,
    revenue jsonb NOT NULL,
    lines jsonb NOT NULL,
    first bigint NOT NULL,
    position bigint NOT NULL
);
CREATE INDEX ON {table} (day) WHERE day IS NOT NULL;
"""
_BY_DAY = """
SELECT day, sum(units)::bigint, sum((revenue ->> 'amount')::numeric), revenue ->> 'currency' AS currency
FROM projections.sales
WHERE day BETWEEN coalesce(%s::date, '-infinity') AND coalesce(%s::date, 'infinity')
GROUP BY day, currency ORDER BY day DESC, currency"""
_BY_SKU = """
SELECT line ->> 'sku' AS sku, sum((line ->> 'units')::bigint)::bigint, sum((line -> 'revenue' ->> 'amount')::numeric),
       revenue ->> 'currency' AS currency
FROM projections.sales, jsonb_array_elements(lines) AS line
WHERE day BETWEEN coalesce(%s::date, '-infinity') AND coalesce(%s::date, 'infinity')
GROUP BY sku, currency ORDER BY sku, currency"""


@dataclass(frozen=True, slots=True)
class SoldSku:
    """Pieces of one SKU in an order, and what they cost together."""

    sku: str
    """As the catalogue knows it; case-sensitive."""
    units: int
    """How many pieces."""
    revenue: Money
    """What was sold for, together."""


@dataclass(frozen=True, slots=True)
class Sale:
    """What an order is worth; it counts on the day (UTC) on which it was confirmed, and not at all without one."""

    order_id: UUID
    day: date | None
    units: int
    revenue: Money
    lines: tuple[SoldSku, ...]


@dataclass(frozen=True, slots=True)
class DailySales:
    """What was sold on one day (UTC) in one currency."""

    day: date
    """A day in UTC."""
    units: int
    """How many pieces."""
    revenue: Money
    """What was sold for, together."""


def fold(row: Sale | None, recorded: Recorded) -> Sale | None:
    """Apply one event."""
    event = recorded.event
    if isinstance(event, OrderPlaced):
        units = sum(line.quantity for line in event.lines)
        return Sale(event.originator_id, None, units, event.total, _sold(event.lines))
    if row is None:
        return None
    match event:
        case OrderConfirmed():
            return replace(row, day=recorded.recorded_at.astimezone(UTC).date())
        case OrderCancelled():
            return replace(row, day=None)
        case _:
            return row


def _sold(lines: Iterable[OrderLine]) -> tuple[SoldSku, ...]:
    """The lines with each SKU once, whatever its prices were."""
    sold: dict[str, SoldSku] = {}
    for line in lines:
        before = sold.get(line.sku) or SoldSku(line.sku, 0, Money.zero(line.unit_price.currency))
        revenue = before.revenue + line.unit_price * line.quantity
        sold[line.sku] = SoldSku(line.sku, before.units + line.quantity, revenue)
    return tuple(sold.values())


SALES = Projection(
    name="sales",
    version=1,
    topics=topics_of(OrderPlaced, OrderConfirmed, OrderCancelled),
    row=Sale,
    ddl=_DDL,
    key="order_id",
    fold=fold,
)


async def sales_by_day(pool: Pool, first_day: date | None = None, last_day: date | None = None) -> list[DailySales]:
    """What was sold on each day of a period, both ends included; newest first, a currency at a time.

    Raises `ParkedRow`.
    """
    found = await SALES.fetch_sums(pool, _BY_DAY, [first_day, last_day])
    return [DailySales(day, units, Money(amount, currency)) for day, units, amount, currency in found]


async def sales_by_sku(pool: Pool, first_day: date | None = None, last_day: date | None = None) -> list[SoldSku]:
    """What was sold of each SKU in a period, both ends included; by SKU, a currency at a time.

    Raises `ParkedRow`.
    """
    found = await SALES.fetch_sums(pool, _BY_SKU, [first_day, last_day])
    return [SoldSku(sku, units, Money(amount, currency)) for sku, units, amount, currency in found]
