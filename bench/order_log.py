"""A log of orders that the real domain functions decided on, written as owner by COPY, as placing them takes too
long."""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import psycopg

from commerce.eventstore import PersonKey, in_stream
from commerce.eventstore.codec.mapper import MAPPER
from commerce.ordering import order as orders
from commerce.ordering.events import OrderEvent
from commerce.ordering.order import NewOrder, Order
from commerce.values.money import Money
from commerce.values.order_line import OrderLine

_BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
_GAP = timedelta(milliseconds=100)
_ADDRESS = (
    '{"name":"Ada Lovelace","line1":"St James Square 12","line2":null,"city":"London","postcode":"SW1Y","country":"GB"}'
)

Step = Callable[[Order], list[OrderEvent]]


@dataclass(frozen=True, slots=True)
class Course:
    """What happens to an order after it was placed: each step, and how many other orders are placed before it."""

    weight: int
    steps: Sequence[tuple[int, Step]]


def _confirm(order: Order) -> list[OrderEvent]:
    return orders.confirm(order, f"GB{order.id.hex[:12].upper()}", "Post", date(2026, 12, 1))


_COURSES = (
    Course(75, ((20, _confirm), (300, orders.ship), (2_000, orders.deliver))),
    Course(10, ((20, _confirm),)),
    Course(10, ((15, lambda order: orders.reject(order, "out_of_stock")),)),
    Course(
        5,
        (
            (20, _confirm),
            (200, lambda order: orders.request_cancellation(order, order.shipping_address)),
            (230, orders.cancel),
        ),
    ),
)
"""A shop of a thousand orders a day: shipments leave after hours, and arrive after two days."""


def events(number: int) -> Iterator[OrderEvent]:
    """So many events of orders, those of many orders side by side as in a real log; the same ones each time."""
    chance, total = random.Random(7), number
    due: list[tuple[int, int, UUID, int, Course]] = []
    states: dict[UUID, Order | None] = {}
    placed = 0
    while number > 0:
        if due and due[0][0] <= placed:
            _, _, order_id, step, course = heapq.heappop(due)
            order = states.pop(order_id)
            assert order is not None
            happened: list[OrderEvent] = in_stream(course.steps[step][1](order), order_id, after=order.version)
            step += 1
        else:
            placed += 1
            order_id, step, order = _order_id(_BEGAN + (total - number) * _GAP, chance), 0, None
            course = chance.choices(_COURSES, [each.weight for each in _COURSES])[0]
            happened = _placed(order_id, chance)
        if step < len(course.steps):
            states[order_id] = orders.fold(happened, order)
            began = placed - (course.steps[step - 1][0] if step else 0)
            heapq.heappush(due, (began + course.steps[step][0], number, order_id, step, course))
        yield from happened[:number]
        number -= len(happened)


def _order_id(when: datetime, chance: random.Random) -> UUID:
    """A UUIDv7, as orders have, of one that is placed at this time."""
    milliseconds = int(when.timestamp() * 1000)
    return UUID(int=milliseconds << 80 | 7 << 76 | chance.getrandbits(12) << 64 | 2 << 62 | chance.getrandbits(62))


def _placed(order_id: UUID, chance: random.Random) -> list[OrderEvent]:
    customer = UUID(int=chance.getrandbits(128), version=4)
    lines = [
        OrderLine(
            sku=f"sku-{number:04}",
            name=f"The article with the number {number}",
            quantity=chance.randint(1, 3),
            unit_price=Money.of(f"{chance.randint(1, 99)}.99", "EUR"),
        )
        for number in chance.sample(range(1_000), chance.choice((1, 1, 2, 2, 3, 5)))
    ]
    new = NewOrder(
        customer_id=customer,
        currency="EUR",
        lines=lines,
        shipping_address=PersonKey(customer, bytes(32)).seal(_ADDRESS),
        payment_method="pm_card_ok",
    )
    return in_stream(orders.place(new), order_id, after=0)


def fill(owner_url: str, happened: Iterable[OrderEvent]) -> int:
    """Append events of orders to an empty log; answers how many."""
    columns = "originator_id, originator_version, topic, state, notification_id, recorded_at, correlation_id, metadata"
    written = 0
    with closing(psycopg.connect(owner_url)) as connection, connection, connection.cursor() as cursor:
        with cursor.copy(f"COPY commerce_events ({columns}) FROM STDIN") as copy:
            for written, event in enumerate(happened, start=1):
                stored = MAPPER.to_stored_event(event)
                when = _BEGAN + written * _GAP
                key = (stored.originator_id, stored.originator_version, stored.topic, stored.state)
                copy.write_row((*key, written, when, stored.originator_id, '{"actor":"service:saga"}'))
        cursor.execute("SELECT setval('commerce_events_notification_id_seq', %s)", [written])
    _settle(owner_url)
    return written


def multiply(owner_url: str, times: int) -> int:
    """Repeat a whole log of orders after itself, as other orders; answers how many events there are then."""
    with closing(psycopg.connect(owner_url)) as connection:
        (length,) = connection.execute("SELECT max(notification_id) FROM commerce_events").fetchone() or (0,)
    for again in range(1, times):
        repeat(owner_url, length, again)
    _settle(owner_url)
    return int(length) * times


def repeat(owner_url: str, length: int, again: int) -> None:
    """Append the first `length` events of a log of orders once more, as those of other orders; `again` counts
    from 1."""
    with closing(psycopg.connect(owner_url)) as connection, connection:
        connection.execute(
            """INSERT INTO commerce_events (originator_id, originator_version, topic, state, notification_id,
               recorded_at,
                                            correlation_id, metadata)
               SELECT other.id, originator_version, topic, state, notification_id + %(again)s::bigint * %(length)s,
                      recorded_at + %(again)s * %(lasted)s, other.id, metadata
               FROM commerce_events
               CROSS JOIN LATERAL (
                   SELECT ('x' || left(replace(originator_id::text, '-', ''), 12))::bit(48)::bigint AS placed
               ) AS first
               CROSS JOIN LATERAL (
                   SELECT (lpad(to_hex(placed + %(again)s * %(lasted_ms)s), 12, '0') || '7' ||
                           substr(overlay(md5(originator_id::text || %(again)s) PLACING '8' FROM 17), 14))::uuid AS id
               ) AS other
               WHERE notification_id <= %(length)s
               ORDER BY notification_id""",
            {
                "again": again,
                "length": length,
                "lasted": length * _GAP,
                "lasted_ms": length * (_GAP // timedelta(milliseconds=1)),
            },
        )
        connection.execute("SELECT setval('commerce_events_notification_id_seq', %s)", [length * (again + 1)])
        connection.execute("SELECT pg_notify('commerce_events', '')")


def _settle(owner_url: str) -> None:
    """As a log that was written over months: vacuumed and analysed, so that no contender pays for that."""
    with closing(psycopg.connect(owner_url, autocommit=True)) as connection:
        connection.execute("VACUUM (ANALYZE) commerce_events")
