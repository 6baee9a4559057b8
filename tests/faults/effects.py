"""Whether what each subscription has made of the log, beside read models, mails and messages, is what the log says: the
process manager's and the relay's tables, inventory's answers, and the tree over the log."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from itertools import groupby
from typing import LiteralString, cast
from uuid import UUID

from eventsourcing.persistence import StoredEvent

import commerce.events  # noqa: F401 - so that all kinds are known
from commerce.eventstore.codec.mapper import MAPPER
from commerce.saga.events import ProcessEvent
from commerce.saga.process import fold
from tests.system.conftest import System

_PROCESSES: LiteralString = """
    SELECT originator_id, originator_version, topic, state FROM commerce_events
    WHERE topic LIKE 'saga.%' ORDER BY originator_id, originator_version"""
_STARTED: LiteralString = """
    SELECT placed.correlation_id::text, count(begun.*) FROM commerce_events placed
    LEFT JOIN commerce_events begun ON begun.correlation_id = placed.correlation_id AND begun.topic = 'saga.Started'
    WHERE placed.topic = 'ordering.OrderPlaced' GROUP BY 1"""
_ASKED: LiteralString = """
    SELECT correlation_id::text, convert_from(state, 'UTF8')::json ->> 'request_id' FROM commerce_events
    WHERE topic IN ('saga.StockReservationRequested', 'saga.StockReleaseRequested')"""
_ANSWERED: LiteralString = """
    SELECT convert_from(state, 'UTF8')::json ->> 'request_id', count(*) FROM commerce_events
    WHERE topic IN ('inventory.ReservationConfirmed', 'inventory.ReservationRejected', 'inventory.ReservationReleased')
    GROUP BY 1"""
_SEALED: LiteralString = """
    SELECT (SELECT count(*) FROM commerce_events) - (SELECT count(*) FROM commerce_audit_leaves)"""


def different_effects(system: System, listed: Collection[str]) -> list[str]:
    """Whatever is otherwise, in plain words; of orders that are `listed` as cases something may be still to come."""
    found = [*_deadlines(system), *_requests(system), *_stock_answers(system)]
    return [*_processes(system), *_leaves(system), *(each for each in found if not any(one in each for one in listed))]


def broken_seal(system: System) -> list[str]:
    """What is wrong with the tree over the log, if anything."""
    ran = system.commerce("audit", "verify")
    return [] if ran.returncode == 0 else [f"commerce audit verify: {ran.stdout}{ran.stderr}"]


def _processes(system: System) -> Iterator[str]:
    with system.database() as database:
        begun = database.execute(_STARTED).fetchall()
    yield from (f"order {order_id} has {count} processes" for order_id, count in begun if count != 1)


def _deadlines(system: System) -> Iterator[str]:
    """A row for each deadline that a process waits for, and no other."""
    due: Counter[tuple[UUID, str, object]] = Counter()
    with system.database() as database:
        rows = database.execute(_PROCESSES).fetchall()
        kept = Counter(database.execute("SELECT order_id, name, due_at FROM commerce_deadlines").fetchall())
    for _, own in groupby(rows, key=lambda row: row[0]):
        events = [cast(ProcessEvent, MAPPER.to_domain_event(StoredEvent(*row))) for row in own]
        if process := fold(events):
            due.update((process.order_id, one.name, one.due_at) for one in process.deadlines)
    yield from (f"order {order_id}: its deadline {name} of {at} is not kept" for order_id, name, at in due - kept)
    yield from (f"order {order_id}: nothing waits for its deadline {name} of {at}" for order_id, name, at in kept - due)


def _requests(system: System) -> Iterator[str]:
    """All is answered by now, so the relay remembers none."""
    with system.database() as database:
        rows = database.execute("SELECT order_id::text, subject FROM commerce_requests").fetchall()
    yield from (f"order {order_id}: {subject} is remembered as unanswered" for order_id, subject in rows)


def _stock_answers(system: System) -> Iterator[str]:
    """Inventory answers each request once."""
    with system.database() as database:
        asked, answers = database.execute(_ASKED).fetchall(), dict(database.execute(_ANSWERED).fetchall())
    for order_id, request_id in asked:
        if (times := answers.get(request_id, 0)) != 1:
            yield f"order {order_id}: its request {request_id} to inventory was answered {times} times"


def _leaves(system: System) -> Iterator[str]:
    """Each event has its leaf."""
    with system.database() as database:
        ((missing,),) = database.execute(_SEALED).fetchall()
    if missing:
        yield f"the tree over the log is {missing} events short"
