"""A shop's log of some weeks: orders that a real system led to their end, repeated as other orders by COPY, as so many
would take it hours."""

from __future__ import annotations

import re
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import cycle
from pathlib import Path
from typing import Any, LiteralString
from uuid import UUID, uuid5

import psycopg

from commerce.embedded.postgres import EmbeddedPostgres
from commerce.eventstore import migrate
from commerce.values import ids
from projections import ALL

_EVENTS = """SELECT originator_id, originator_version, topic, state, notification_id, correlation_id, causation_id,
                    metadata::text FROM commerce_events ORDER BY notification_id"""
_KEPT: Sequence[tuple[str, LiteralString]] = (
    ("commerce_keys", "SELECT owner_id, wrapped FROM commerce_keys"),
    ("commerce_streams", "SELECT name, created_at FROM commerce_streams"),
    ("commerce_webhook_endpoints", "SELECT * FROM commerce_webhook_endpoints"),
)
"""What a log that begins anew needs beside its events."""
_COLUMNS = "originator_id, originator_version, topic, state, notification_id, recorded_at, correlation_id, causation_id"
_PLACED, _LEFT = "ordering.OrderPlaced", "shipping.Dispatched"
_OF_ORDER = (ids.reservation_id, ids.payment_id, ids.shipment_id, ids.process_id)
_REQUESTS = ("reserve", "release", "dispatch", "authorize", "void", "schedule", "cancel shipment", "capture", "refund")
"""What a process calls its requests, whose ids follow from its own."""
_NAME = re.compile(
    rb"([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
    rb'|(?<="tracking_number":")[^"]+|(?<="booking_id":")[^"]+|(?<="authorization_id":")[^"]+)'
)
"""What tells one order from another in its events."""
_DAYS = 28
_WAITING_SHARE = 0.03
"""Of the orders, those that came last wait for their dispatch: about a day's."""
_STEP_S = 0.3
"""Seconds from one event of an order to the next."""


@dataclass(frozen=True, slots=True)
class Row:
    """An event as it is stored."""

    stream: UUID
    version: int
    topic: str
    state: bytes
    position: int
    correlation: UUID | None
    causation: int | None
    metadata: str


@dataclass(frozen=True, slots=True)
class Seed:
    """What a system recorded: events of its products, its stock and its customers, and those of each order."""

    first: Sequence[Row]
    orders: Sequence[Sequence[Row]]
    tables: Mapping[str, Sequence[tuple[Any, ...]]]
    subscriptions: Sequence[str]
    """All but the read models, which are to find out for themselves."""


@dataclass(frozen=True, slots=True)
class _Copied:
    """An event of an order that is repeated: its payload in pieces, every second of which is a name."""

    row: Row
    pieces: Sequence[bytes]
    is_of_stock: bool


@dataclass(slots=True)
class _Writer:
    """Writes events one after the other, and numbers them."""

    copy: psycopg.Copy
    position: int = 0
    versions: dict[UUID, int] = field(default_factory=lambda: defaultdict(int))

    def write(self, row: Row, when: datetime) -> None:
        self.position += 1
        self.versions[row.stream] = row.version
        causation = r"\N" if row.causation is None else row.causation
        correlation = row.correlation or r"\N"
        metadata = row.metadata.replace("\\", "\\\\")
        self.copy.write(
            f"{row.stream}\t{row.version}\t{row.topic}\t\\\\x{row.state.hex()}\t{self.position}\t{when.isoformat()}"
            f"\t{correlation}\t{causation}\t{metadata}\n"
        )


def recorded(database: psycopg.Connection[Any]) -> Seed:
    """What the system of a database recorded; its orders have to have ended."""
    rows = [Row(*row) for row in database.execute(_EVENTS).fetchall()]
    placed = {row.stream for row in rows if row.topic == _PLACED}
    first = [row for row in rows if row.correlation not in placed]
    known = {row.stream for row in first}
    orders: dict[UUID, list[Row]] = {order_id: [] for order_id in placed}
    for row in rows:
        if row.correlation in placed and row.stream in {*_streams_of(row.correlation), *known}:
            orders[row.correlation].append(row)
    read_models = {projection.name for projection in ALL}
    positions = database.execute("SELECT application_name FROM commerce_tracking").fetchall()
    return Seed(
        first,
        list(orders.values()),
        {table: database.execute(query).fetchall() for table, query in _KEPT},
        [name for (name,) in positions if ":" in name and name.partition(":")[0] not in read_models],
    )


def refill(home: Path, seed: Seed, orders: int) -> int:
    """Give a system that has ended another log, of so many orders of the last weeks, the last of which was placed a
    minute ago; answers how many events it has. Only the read models have to take them in."""
    shutil.rmtree(home / "postgres")
    shutil.rmtree(home / "audit", ignore_errors=True)
    postgres = EmbeddedPostgres(home)
    postgres.start()
    try:
        migrate(postgres.admin_url, postgres.app_url)
        with closing(psycopg.connect(postgres.admin_url)) as connection, connection:
            connection.execute("SET statement_timeout = 0; SET transaction_timeout = 0")
            with (
                connection.cursor() as cursor,
                cursor.copy(f"COPY commerce_events ({_COLUMNS}, metadata) FROM STDIN") as copy,
            ):
                events = _write(_Writer(copy), seed, orders)
            connection.execute("SELECT setval('commerce_events_notification_id_seq', %s)", [events])
            _keep(connection, seed, events)
        with closing(psycopg.connect(postgres.admin_url, autocommit=True)) as connection:
            connection.execute("SET statement_timeout = 0; SET transaction_timeout = 0")
            connection.execute("VACUUM (ANALYZE) commerce_events")
    finally:
        postgres.stop()
    return events


def _keep(connection: psycopg.Connection[Any], seed: Seed, events: int) -> None:
    columns = {"commerce_keys": "(owner_id, wrapped)", "commerce_streams": "(name, created_at)"}
    for table, rows in seed.tables.items():
        for row in rows:
            places = ", ".join(["%s"] * len(row))
            connection.execute(f"INSERT INTO {table} {columns.get(table, '')} VALUES ({places})".encode(), row)
    for name in seed.subscriptions:
        connection.execute(
            "INSERT INTO commerce_tracking (application_name, notification_id) VALUES (%s, %s)", [name, events]
        )


def _write(writer: _Writer, seed: Seed, orders: int) -> int:
    end = datetime.now(UTC) - timedelta(minutes=1)
    begin = end - timedelta(days=_DAYS)
    positions: dict[int, int] = {}
    for row in seed.first:
        positions[row.position] = writer.position + 1
        causation = None if row.causation is None else positions.get(row.causation)
        writer.write(replace(row, causation=causation), begin)
    kept = {one for row in seed.first for one in (row.stream, row.correlation) if one is not None}
    kept |= {owner for owner, _ in seed.tables["commerce_keys"]}
    templates = cycle([_Template.of(order, kept) for order in seed.orders])
    gap = timedelta(days=_DAYS) / orders
    for number in range(orders):
        is_waiting = number >= orders * (1 - _WAITING_SHARE)
        next(templates).write(writer, number, begin + gap * (number + 1), is_waiting=is_waiting)
    return writer.position


@dataclass(frozen=True, slots=True)
class _Template:
    """An order that is repeated, and how each name in it is called in another order."""

    events: Sequence[_Copied]
    names: Mapping[bytes, Callable[[UUID], bytes]]

    @classmethod
    def of(cls, order: Sequence[Row], kept: set[UUID]) -> _Template:
        order_id = order[0].stream
        own = {order_id, *_streams_of(order_id)}
        events = [_Copied(row, _NAME.split(row.state), row.stream not in own) for row in order]
        found = {name for one in events for name in one.pieces[1::2]} | {str(stream).encode() for stream in own}
        unchanged = {str(one).encode() for one in kept}
        derived = dict(_derived(order_id))
        return cls(events, {name: derived.get(name) or _other(name) for name in found - unchanged})

    def write(self, writer: _Writer, number: int, when: datetime, *, is_waiting: bool) -> None:
        """Write it as another order; one that waits has not left yet."""
        order_id = uuid5(self.events[0].row.stream, str(number))
        names = {name: renamed(order_id) for name, renamed in self.names.items()}
        positions: dict[int, int] = {}
        for place, one in enumerate(self.events):
            row = one.row
            if is_waiting and row.topic == _LEFT:
                return
            positions[row.position] = writer.position + 1
            stream = row.stream if one.is_of_stock else UUID(names[str(row.stream).encode()].decode())
            version = writer.versions[stream] + 1 if one.is_of_stock else row.version
            state = b"".join(names.get(piece, piece) for piece in one.pieces)
            causation = None if row.causation is None else positions.get(row.causation)
            copied = Row(stream, version, row.topic, state, 0, order_id, causation, row.metadata)
            writer.write(copied, when + timedelta(seconds=place * _STEP_S))
            if not one.is_of_stock:
                del writer.versions[stream]


def _streams_of(order_id: UUID) -> Iterator[UUID]:
    yield order_id
    for stream in _OF_ORDER:
        yield stream(order_id)


def _derived(order_id: UUID) -> Iterator[tuple[bytes, Callable[[UUID], bytes]]]:
    """The names that follow from an order's id, and what each is in another order."""
    yield str(order_id).encode(), lambda other: str(other).encode()
    for of in _OF_ORDER:
        yield str(of(order_id)).encode(), lambda other, of=of: str(of(other)).encode()  # type: ignore[misc]
    for asked in _REQUESTS:
        yield (
            str(ids.request_id(ids.process_id(order_id), asked)).encode(),
            lambda other, asked=asked: str(ids.request_id(ids.process_id(other), asked)).encode(),  # type: ignore[misc]
        )


def _other(name: bytes) -> Callable[[UUID], bytes]:
    text = name.decode()
    if len(text) == 36 and text.count("-") == 4:  # an id, such as a refund's
        return lambda other: str(uuid5(other, text)).encode()
    return lambda other: f"{text[:-8]}{other.hex[:8].upper()}".encode()
