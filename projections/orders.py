"""The orders: folded by the order's own `evolve`, so that an order in a list and the same order by itself cannot
differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import get_args
from uuid import UUID

from commerce.eventstore import Pool, Recorded
from commerce.ordering.events import OrderEvent
from commerce.ordering.order import Order, OrderStatus, evolve
from projections.engine.pages import FIRST_PAGE, Condition, Page, PageRequest, newest_first
from projections.engine.projection import Projection, topics_of

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


def fold(row: OrderRow | None, recorded: Recorded) -> OrderRow | None:
    """Apply one event."""
    state = evolve(row.state if row else None, recorded.event)
    if state is None:
        return None
    return OrderRow(state.id, row.placed_at if row else recorded.recorded_at, recorded.recorded_at, state)


ORDERS = Projection(
    name="orders",
    version=3,
    topics=topics_of(*get_args(OrderEvent)),
    row=OrderRow,
    ddl=_DDL,
    key="order_id",
    fold=fold,
)


def order_of(history: Sequence[Recorded]) -> OrderRow | None:
    """The order that the events of a stream, from its first on, leave; none without an order."""
    row: OrderRow | None = None
    for recorded in history:
        row = fold(row, recorded)
    return row


async def find_orders(
    pool: Pool,
    *,
    customer_id: UUID | None = None,
    statuses: Sequence[OrderStatus] | None = None,
    reference_id: UUID | None = None,
    paging: PageRequest = FIRST_PAGE,
) -> Page[OrderRow]:
    """Orders, those placed last first; at one of `statuses`, if given. Raises `InvalidInput` for the cursor."""
    chosen = {
        "customer_id = %s": customer_id,
        "reference_id = %s": reference_id,
        "status = ANY(%s)": None if statuses is None else list(statuses),
    }
    where = [Condition(sql, [value]) for sql, value in chosen.items() if value is not None]
    return await newest_first(pool, ORDERS, paging, where)
