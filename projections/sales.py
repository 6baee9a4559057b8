"""The sales: units and revenue of confirmed orders, by day or by SKU; what is given back later is taken out again, and
an order that is cancelled later altogether."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date
from decimal import ROUND_DOWN, Decimal
from uuid import UUID

from commerce.eventstore import Event, Pool, Recorded
from commerce.ordering.events import OrderCancelled, OrderConfirmed, OrderPlaced
from commerce.payments.events import PaymentAnswerDiffered, PaymentRefunded, PaymentRefundRequested, RefundLine
from commerce.payments.requested_refunds import gave_back
from commerce.values.money import Money, minor_digits
from commerce.values.order_line import OrderLine
from projections.engine.projection import Projection, topics_of

_DDL = """
CREATE TABLE {table} (
    order_id uuid PRIMARY KEY,
    day date,
    units bigint NOT NULL,
    revenue jsonb NOT NULL,
    refunded jsonb NOT NULL,
    lines jsonb NOT NULL,
    asked jsonb NOT NULL,
    currency text NOT NULL GENERATED ALWAYS AS (revenue ->> 'currency') STORED,
    revenue_amount numeric NOT NULL GENERATED ALWAYS AS ((revenue ->> 'amount')::numeric) STORED,
    refunded_amount numeric NOT NULL GENERATED ALWAYS AS ((refunded ->> 'amount')::numeric) STORED,
    first bigint NOT NULL,
    position bigint NOT NULL
);
CREATE INDEX ON {table} (day, currency) INCLUDE (units, revenue_amount, refunded_amount) WHERE day IS NOT NULL;
"""
_BY_DAY = """
SELECT day, sum(units)::bigint, sum(revenue_amount), sum(refunded_amount), currency
FROM projections.sales
WHERE day BETWEEN coalesce(%s::date, '-infinity') AND coalesce(%s::date, 'infinity')
GROUP BY day, currency ORDER BY day DESC, currency"""
_BY_SKU = """
SELECT line ->> 'sku' AS sku, sum((line ->> 'units')::bigint)::bigint, sum((line -> 'revenue' ->> 'amount')::numeric),
       sum((line -> 'refunded' ->> 'amount')::numeric), currency
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
    """What was sold for, together, less what was given back."""
    refunded: Money
    """What was given back of it. A refund that names no pieces is shared out by what each SKU of its order brought."""


@dataclass(frozen=True, slots=True)
class AskedRefund:
    """A refund that was asked for by lines: what it gives back of each SKU, once it is made."""

    refund_id: UUID
    by_sku: dict[str, Money]


@dataclass(frozen=True, slots=True)
class Sale:
    """What an order is worth; it counts on the day (UTC) on which it was confirmed, and not at all without one.

    `asked` are the refunds by lines that have no outcome yet.
    """

    order_id: UUID
    day: date | None
    units: int
    revenue: Money
    refunded: Money
    lines: tuple[SoldSku, ...]
    asked: tuple[AskedRefund, ...] = ()


@dataclass(frozen=True, slots=True)
class DailySales:
    """What was sold on one day (UTC) in one currency."""

    day: date
    """A day in UTC."""
    units: int
    """How many pieces."""
    revenue: Money
    """What was sold for, together, less what was given back."""
    refunded: Money
    """What was given back of it, whenever that was."""


def fold(row: Sale | None, recorded: Recorded) -> Sale | None:
    """Apply one event."""
    event = recorded.event
    if isinstance(event, OrderPlaced):
        units = sum(line.quantity for line in event.lines)
        nothing = Money.zero(event.currency)
        return Sale(event.originator_id, None, units, event.total, nothing, _sold(event.lines))
    if row is None:
        return None
    match event:
        case OrderConfirmed():
            return replace(row, day=recorded.recorded_at.astimezone(UTC).date())
        case OrderCancelled():
            return replace(row, day=None)
        case _:
            return _paid_back(row, event)


def _paid_back(row: Sale, event: Event) -> Sale:
    match event:
        case PaymentRefundRequested(lines=lines) if lines:
            return replace(row, asked=(*row.asked, AskedRefund(event.request_id, _by_sku(lines))))
        case PaymentRefunded():
            return _refunded(row, event.request_id, event.amount)
        case PaymentAnswerDiffered(amount=Money() as amount) if gave_back(event):
            return _refunded(row, event.request_id, amount, as_asked=False)
        case _:
            return row


def _by_sku(lines: Iterable[RefundLine]) -> dict[str, Money]:
    sums: dict[str, Money] = {}
    for line in lines:
        sums[line.sku] = sums.get(line.sku, Money.zero(line.amount.currency)) + line.amount
    return sums


def _refunded(row: Sale, refund_id: UUID, amount: Money, *, as_asked: bool = True) -> Sale:
    """Take out what was given back: of the SKUs that it was asked for, or of all in proportion. Money of another
    currency leaves the sale as it is."""
    if amount.currency != row.revenue.currency:
        return row
    asked = next((one.by_sku for one in row.asked if one.refund_id == refund_id and as_asked), None)
    shares = asked or dict(zip((sold.sku for sold in row.lines), _shares(row.lines, amount), strict=True))
    nothing = Money.zero(amount.currency)
    given = [(sold, shares.get(sold.sku, nothing)) for sold in row.lines]
    return replace(
        row,
        revenue=row.revenue - amount,
        refunded=row.refunded + amount,
        lines=tuple(replace(sold, revenue=sold.revenue - of, refunded=sold.refunded + of) for sold, of in given),
        asked=tuple(one for one in row.asked if one.refund_id != refund_id),
    )


def _shares(lines: Sequence[SoldSku], amount: Money) -> list[Money]:
    """An amount in the proportion of what is left of each SKU's revenue; what rounding leaves goes to the largest
    remainders."""
    unit = Decimal(1).scaleb(-minor_digits(amount.currency))
    left = [max(sold.revenue.amount, Decimal(0)) for sold in lines]
    whole = sum(left) or Decimal(1)
    exact = [amount.amount * one / whole for one in left]
    shares = [one.quantize(unit, ROUND_DOWN) for one in exact]
    missing = int((amount.amount - sum(shares)) / unit)
    by_remainder = sorted(range(len(lines)), key=lambda one: (shares[one] - exact[one], one))
    for place in range(missing):
        shares[by_remainder[place % len(lines)]] += unit
    return [Money(share, amount.currency) for share in shares]


def _sold(lines: Iterable[OrderLine]) -> tuple[SoldSku, ...]:
    """The lines with each SKU once, whatever its prices were."""
    sold: dict[str, SoldSku] = {}
    for line in lines:
        nothing = Money.zero(line.unit_price.currency)
        before = sold.get(line.sku) or SoldSku(line.sku, 0, nothing, nothing)
        revenue = before.revenue + line.unit_price * line.quantity
        sold[line.sku] = SoldSku(line.sku, before.units + line.quantity, revenue, nothing)
    return tuple(sold.values())


def _order_of(recorded: Recorded) -> UUID:
    order_id: UUID = getattr(recorded.event, "order_id", recorded.stream)
    return order_id


SALES = Projection(
    name="sales",
    version=3,
    topics=topics_of(
        OrderPlaced, OrderConfirmed, OrderCancelled, PaymentRefundRequested, PaymentRefunded, PaymentAnswerDiffered
    ),
    row=Sale,
    ddl=_DDL,
    key="order_id",
    key_of=_order_of,
    fold=fold,
    partition_key="correlation_id",
)


async def sales_by_day(pool: Pool, first_day: date | None = None, last_day: date | None = None) -> list[DailySales]:
    """What was sold on each day of a period, both ends included; newest first, a currency at a time.

    Raises `ParkedRow`.
    """
    found = await SALES.fetch_sums(pool, _BY_DAY, [first_day, last_day])
    return [
        DailySales(day, units, Money(revenue, currency), Money(refunded, currency))
        for day, units, revenue, refunded, currency in found
    ]


async def sales_by_sku(pool: Pool, first_day: date | None = None, last_day: date | None = None) -> list[SoldSku]:
    """What was sold of each SKU in a period, both ends included; by SKU, a currency at a time.

    Raises `ParkedRow`.
    """
    found = await SALES.fetch_sums(pool, _BY_SKU, [first_day, last_day])
    return [
        SoldSku(sku, units, Money(revenue, currency), Money(refunded, currency))
        for sku, units, revenue, refunded, currency in found
    ]
