"""The orders: folded by the order's own `evolve`, so that an order in a list and the same order by itself cannot
differ; and what they are found by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args
from uuid import UUID

from pydantic_core import from_json

from commerce.eventstore import KeyRing, Pool, Recorded, Sealed
from commerce.ordering.events import OrderEvent
from commerce.ordering.number import number_of
from commerce.ordering.order import Order, OrderStatus, evolve
from commerce.ordering.search_terms import SearchTerms
from projections.engine.pages import FIRST_PAGE, Condition, Page, PageRequest, newest_first, oldest_first
from projections.engine.projection import Lost, Projection, fetch, topics_of
from projections.engine.terms import RowChange, Term

_DDL = """
CREATE TABLE {table} (
    order_id uuid PRIMARY KEY,
    place bigint NOT NULL,
    placed_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    state jsonb NOT NULL,
    customer_id uuid GENERATED ALWAYS AS ((state ->> 'customer_id')::uuid) STORED,
    status text NOT NULL GENERATED ALWAYS AS (state ->> 'status') STORED,
    reason text GENERATED ALWAYS AS (state ->> 'reason') STORED,
    reference_id uuid GENERATED ALWAYS AS ((state ->> 'reference_id')::uuid) STORED,
    first bigint NOT NULL,
    position bigint NOT NULL
);
CREATE INDEX ON {table} (first) INCLUDE (placed_at, status, reason);
CREATE INDEX ON {table} (customer_id, first);
CREATE INDEX ON {table} (status, first);
CREATE INDEX ON {table} (reference_id, first) WHERE reference_id IS NOT NULL;
"""


@dataclass(frozen=True, slots=True)
class OrderRow:
    """An order as its events leave it, where it was placed in the log, and when the first and the last of them were
    recorded; personal data is sealed."""

    order_id: UUID
    place: int
    placed_at: datetime
    updated_at: datetime
    state: Order

    @property
    def number(self) -> str:
        """What people call the order."""
        return number_of(self.place)


@dataclass(frozen=True, slots=True)
class OrdersInTime:
    """The orders that were placed within a minute, an hour or a day (UTC), by where they stand now."""

    begin: datetime
    """When it begins."""
    orders: int
    """How many were placed."""
    statuses: dict[OrderStatus, int]
    """How many of them stand where."""
    rejections: dict[str, int]
    """How many of them were rejected for which reason."""


MOST_COUNTED_ORDERS = 10_000
"""So many orders at one status are counted at most, the oldest first."""


@dataclass(frozen=True, slots=True)
class WaitingOrders:
    """The orders that stand somewhere and wait to go on."""

    count: int
    """How many there are; 10000 stands for that many or more."""
    oldest: datetime | None
    """When the oldest of them was placed; null where there is none."""


@dataclass(frozen=True, slots=True)
class OrdersOfPerson:
    """All orders of one person, and how many of them have not ended."""

    order_ids: list[UUID]
    open: int


def fold(row: OrderRow | None, recorded: Recorded) -> OrderRow | None:
    """Apply one event."""
    state = evolve(row.state if row else None, recorded.event)
    if state is None:
        return None
    if row is not None:
        return OrderRow(row.order_id, row.place, row.placed_at, recorded.recorded_at, state)
    return OrderRow(state.id, recorded.position, recorded.recorded_at, recorded.recorded_at, state)


async def _found_by(keys: KeyRing, changes: Sequence[RowChange[OrderRow]]) -> list[Term]:
    """What orders are found by; nothing personal of those whose key is gone."""
    placed = [change.after.state for change in changes if change.before is None]
    plain = await keys.open_readable(
        value for order in placed for value in (order.email, order.shipping_address) if value is not None
    )
    terms = SearchTerms(keys)
    return [term for change in changes for term in _terms_of(change, terms, plain)]


def _terms_of(change: RowChange[OrderRow], terms: SearchTerms, plain: Mapping[Sealed, str]) -> Iterator[Term]:
    before, order = change.before.state if change.before else None, change.after.state
    if order.tracking_number and (before is None or before.tracking_number != order.tracking_number):
        yield Term(terms.tracking_number(order.tracking_number), change.first, personal=False)
    if before is not None:
        return
    for sku in {line.sku for line in order.lines}:
        yield Term(terms.sku(sku), change.first, personal=False)
    if order.email is not None and order.email in plain:
        yield Term(terms.email(plain[order.email]), change.first, personal=True)
    if order.shipping_address in plain:
        for term in terms.name(_name_in(plain[order.shipping_address])):
            yield Term(term, change.first, personal=True)


def _name_in(address: str) -> str:
    """Who gets the shipment; nobody where an older log has the address in a form of its own."""
    try:
        found = from_json(address)
    except ValueError:
        return ""
    return str(found.get("name", "")) if isinstance(found, dict) else ""


ORDERS = Projection(
    name="orders",
    version=5,
    topics=topics_of(*get_args(OrderEvent)),
    row=OrderRow,
    ddl=_DDL,
    key="order_id",
    fold=fold,
    terms=_found_by,
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
    found: Sequence[Condition] = (),
    paging: PageRequest = FIRST_PAGE,
    is_oldest_first: bool = False,
) -> Page[OrderRow]:
    """Orders, those placed last first, or those placed first; at one of `statuses`, if given, and that fulfil further
    conditions.

    Raises `InvalidInput` for the cursor.
    """
    in_order = oldest_first if is_oldest_first else newest_first
    return await in_order(pool, ORDERS, paging, _where(customer_id, statuses, found))


async def orders_between(
    pool: Pool,
    after: int,
    until: int,
    limit: int,
    *,
    customer_id: UUID | None = None,
    statuses: Sequence[OrderStatus] | None = None,
    found: Sequence[Condition] = (),
) -> list[OrderRow]:
    """Such orders that were placed after a position of the log and up to another, those placed first first."""
    where = [*_where(customer_id, statuses, found), Condition("first > %s AND first <= %s", [after, until])]
    rows = await ORDERS.select_shown(
        pool,
        f"{' AND '.join(condition.sql for condition in where)} ORDER BY first LIMIT %s",
        [*(value for condition in where for value in condition.parameters), limit],
    )
    return [folded.row for folded in rows]


async def orders_in_time(
    pool: Pool, unit: Literal["minute", "hour", "day"], begin: int, end: int
) -> list[OrdersInTime]:
    """Orders that were placed from a position of the log up to another, by minute, hour or day; the newest first.

    Raises `ParkedRow`.
    """
    found = await ORDERS.fetch_sums(
        pool,
        f"""
        SELECT date_trunc(%s, placed_at, 'UTC') AS begin, status, reason, count(*)
        FROM {ORDERS.table} WHERE first BETWEEN %s AND %s GROUP BY 1, 2, 3 ORDER BY 1 DESC""",
        [unit, begin, end],
    )
    times: dict[datetime, OrdersInTime] = {}
    for placed, status, reason, count in found:
        one = times.get(placed) or OrdersInTime(placed, 0, {}, {})
        statuses = {**one.statuses, OrderStatus(status): one.statuses.get(OrderStatus(status), 0) + count}
        rejections = one.rejections
        if reason is not None:
            rejections = {**rejections, reason: rejections.get(reason, 0) + count}
        times[placed] = OrdersInTime(placed, one.orders + count, statuses, rejections)
    return list(times.values())


async def waiting_orders(pool: Pool, status: OrderStatus) -> WaitingOrders:
    """The orders at a status. Raises `ParkedRow`, `Unavailable`."""
    word = status.value
    # Two bounds of the index of statuses and places: it is read, whatever share of all orders the status has.
    stretch = f"(status, first) > ('{word}', 0) AND (status, first) < ('{word}', {2**63 - 1})"
    at_status = f"FROM {ORDERS.table} WHERE {stretch} ORDER BY status, first"
    found = await ORDERS.fetch_sums(
        pool,
        f"""SELECT (SELECT count(*) FROM (SELECT {at_status} LIMIT %s) AS waiting) AS count,
                   (SELECT placed_at {at_status} LIMIT 1) AS oldest""",
        [MOST_COUNTED_ORDERS],
    )
    return WaitingOrders(*found[0])


def _where(
    customer_id: UUID | None, statuses: Sequence[OrderStatus] | None, found: Sequence[Condition]
) -> list[Condition]:
    where = [] if customer_id is None else [Condition("customer_id = %s", [customer_id])]
    if statuses is not None and len(statuses) == 1:  # by its name, as few orders are at one status, and most at another
        where.append(Condition(f"status = '{statuses[0].value}'"))
    elif statuses is not None:
        where.append(Condition("status = ANY(%s)", [list(statuses)]))
    return [*where, *found]


OrderNumbers = Mapping[UUID | None, str]
"""What people call orders, by their ids: of None, which stands for no order, and of one that is not shown, nothing."""


async def numbers_of(pool: Pool, order_ids: Iterable[UUID | None]) -> OrderNumbers:
    """The numbers of orders, as far as they are shown: none while the read model is lost. Raises `Unavailable`."""
    wanted = {order_id for order_id in order_ids if order_id is not None}
    if not wanted:
        return {}
    query = f"SELECT order_id, place FROM {ORDERS.table} WHERE order_id = ANY(%s)"
    try:
        return {order_id: number_of(place) for order_id, place in await fetch(pool, query, [list(wanted)])}
    except Lost:
        return {}


async def has_ordered(pool: Pool, customer_id: UUID) -> bool:
    """Whether a customer has placed an order. Raises `Unavailable`."""
    return bool(await ORDERS.select(pool, "customer_id = %s ORDER BY first LIMIT 1", [customer_id]))


ENDED = (OrderStatus.REJECTED, OrderStatus.CANCELLED, OrderStatus.DELIVERED)
"""Where an order stands that has ended."""


async def orders_of_person(pool: Pool, owner_id: UUID) -> OrdersOfPerson:
    """The orders of a customer, or the one of a guest, whom its id stands for. Raises `ParkedRow` as long as any order
    waits for an event that cannot be handled, as nobody knows then whose they all are."""
    found = await ORDERS.fetch_sums(
        pool,
        f"""SELECT order_id, status <> ALL(%s) AS is_open FROM {ORDERS.table}
            WHERE customer_id = %s OR order_id = %s AND customer_id IS NULL""",
        [list(ENDED), owner_id, owner_id],
    )
    return OrdersOfPerson([order_id for order_id, _ in found], sum(is_open for _, is_open in found))
