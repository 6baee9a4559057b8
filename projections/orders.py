"""The orders: folded by the order's own `evolve`, so that an order in a list and the same order by itself cannot
differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import get_args
from uuid import UUID

from commerce.eventstore import Pool, Recorded, Sealed
from commerce.ordering.events import OrderEvent
from commerce.ordering.order import Order, OrderStatus, evolve
from commerce.values.money import Money
from commerce.values.order_line import OrderLine
from projections.engine.pages import FIRST_PAGE, Condition, Page, PageRequest, equal_to, newest_first
from projections.engine.projection import Projection, stream_of, topics_of

_DDL = """
CREATE TABLE {table} (
    order_id uuid PRIMARY KEY,
    placed_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    state jsonb NOT NULL,
    customer_id uuid GENERATED ALWAYS AS ((state ->> 'customer_id')::uuid) STORED,
    status text NOT NULL GENERATED ALWAYS AS (state ->> 'status') STORED,
    reference_id uuid GENERATED ALWAYS AS ((state ->> 'reference_id')::uuid) STORED,
    first bigint NOT NULL,
    position bigint NOT NULL
);
CREATE INDEX ON {table} (first);
CREATE INDEX ON {table} (customer_id, first);
CREATE INDEX ON {table} (status, first);
CREATE INDEX ON {table} (reference_id, first) WHERE reference_id IS NOT NULL;
"""


@dataclass(frozen=True, slots=True)
class OrderRow:
    """An order as its events leave it, and when the first and the last of them were recorded; personal data is
    sealed."""

    order_id: UUID
    placed_at: datetime
    updated_at: datetime
    state: Order


@dataclass(frozen=True, slots=True)
class OrderLineView:
    """A line of an order, as clients see it."""

    sku: str
    """As the catalogue knows it; case-sensitive."""
    name: str
    """What it is called."""
    quantity: int
    """How many pieces."""
    unit_price: Money
    """What one piece costs."""
    price_overridden: bool
    """Whether the price was set with the order, and is not the catalogue's."""
    total: Money
    """The sum."""


@dataclass(frozen=True, slots=True)
class SealedOrder:
    """An order as clients see it, but for what is personal, which is still sealed."""

    order_id: UUID
    customer_id: UUID | None
    reference: Sealed | None
    status: OrderStatus
    reason: str | None
    cancellation_refused: str | None
    """Why the last request to cancel it was rejected, such as `dispatched`; none where there was none, or it is
    open."""
    currency: str
    lines: tuple[OrderLineView, ...]
    total: Money
    shipping_address: Sealed
    email: Sealed | None
    phone: Sealed | None
    payment_method: str
    tracking_number: str | None
    estimated_delivery: date | None
    version: int
    placed_at: datetime
    updated_at: datetime


def fold(row: OrderRow | None, recorded: Recorded) -> OrderRow | None:
    """Apply one event."""
    state = evolve(row.state if row else None, recorded.event)
    if state is None:
        return None
    return OrderRow(state.id, row.placed_at if row else recorded.recorded_at, recorded.recorded_at, state)


ORDERS = Projection(
    name="orders",
    version=2,
    topics=topics_of(*get_args(OrderEvent)),
    row=OrderRow,
    ddl=_DDL,
    key="order_id",
    key_of=stream_of,
    fold=fold,
)


def sealed_order(order: Order, placed_at: datetime, updated_at: datetime) -> SealedOrder:
    """An order as clients see it; the times are those at which its first and last event were recorded."""
    return SealedOrder(
        order_id=order.id,
        customer_id=order.customer_id,
        reference=order.reference,
        status=order.status,
        reason=order.reason,
        cancellation_refused=order.cancellation_rejection,
        currency=order.currency,
        lines=tuple(_line_view(line) for line in order.lines),
        total=order.total,
        shipping_address=order.shipping_address,
        email=order.email,
        phone=order.phone,
        payment_method=order.payment_method,
        tracking_number=order.tracking_number,
        estimated_delivery=order.estimated_delivery,
        version=order.version,
        placed_at=placed_at,
        updated_at=updated_at,
    )


def _line_view(line: OrderLine) -> OrderLineView:
    total = line.unit_price * line.quantity
    return OrderLineView(line.sku, line.name, line.quantity, line.unit_price, line.price_overridden, total)


def order_of(history: Sequence[Recorded]) -> SealedOrder | None:
    """The order that the events of a stream, from its first on, leave; none without an order."""
    row: OrderRow | None = None
    for recorded in history:
        row = fold(row, recorded)
    return sealed_order(row.state, row.placed_at, row.updated_at) if row else None


async def find_orders(
    pool: Pool,
    *,
    customer_id: UUID | None = None,
    statuses: Sequence[OrderStatus] | None = None,
    reference_id: UUID | None = None,
    paging: PageRequest = FIRST_PAGE,
) -> Page[SealedOrder]:
    """Orders, those placed last first; at one of `statuses`, if given. Raises `InvalidInput` for the cursor."""
    where = equal_to(customer_id=customer_id, reference_id=reference_id)
    if statuses is not None:
        where.append(Condition("status = ANY(%s)", [list(statuses)]))
    page = await newest_first(pool, ORDERS, paging, where)
    views = [sealed_order(row.state, row.placed_at, row.updated_at) for row in page.items]
    return Page(views, page.next_cursor)
