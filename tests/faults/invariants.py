"""What has to hold whatever was done to the system, asked of the log and not of the read models: acknowledged orders,
stock, deadlines, and read models that are what a rebuild would make them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, LiteralString

from commerce.saga.events import ProcessCompensated, ProcessCompleted
from tests.faults.load import Load
from tests.system.conftest import System

LATEST = timedelta(seconds=10)
"""How long after its time a deadline may be noted."""

_ORDERS: LiteralString = "SELECT originator_id::text FROM commerce_events WHERE topic = 'ordering.OrderPlaced'"
_STOCK: LiteralString = """
    SELECT topic, convert_from(state, 'UTF8')::json FROM commerce_events
    WHERE topic LIKE 'inventory.Stock%%' ORDER BY notification_id"""
_DEADLINES: LiteralString = """
    SELECT topic, correlation_id::text, recorded_at, convert_from(state, 'UTF8')::json FROM commerce_events
    WHERE topic = ANY(%s) ORDER BY notification_id"""
_OVER = (ProcessCompleted.TOPIC, ProcessCompensated.TOPIC)
_MOVES = {
    "inventory.StockReceived": (1, 0),
    "inventory.StockAdjusted": (1, 0),
    "inventory.StockReserved": (0, 1),
    "inventory.StockReleased": (0, -1),
    "inventory.StockDispatched": (-1, -1),
}
"""What an event adds to the pieces on hand, and to those that are reserved."""


def violations(system: System, load: Load) -> list[str]:
    """Whatever does not hold, in plain words; every order that was begun has to be acknowledged by now."""
    return [*_acknowledged(system, load), *_stock(system), *_deadlines(system), *_rebuilt(system)]


def _acknowledged(system: System, load: Load) -> Iterator[str]:
    """Each key of a client stands for one order, however often it was sent."""
    in_log = {row[0] for row in _rows(system, _ORDERS)}
    told = Counter(load.accepted)
    yield from (f"order {id_} was acknowledged, and is not in the log" for id_ in told.keys() - in_log)
    yield from (f"order {id_} is in the log, and nobody was told of it" for id_ in in_log - told.keys())
    yield from (f"order {id_} was given to {count} requests" for id_, count in told.items() if count > 1)


def _stock(system: System) -> Iterator[str]:
    on_hand: Counter[str] = Counter()
    reserved: Counter[str] = Counter()
    for topic, content in _rows(system, _STOCK):
        if topic in _MOVES:
            sku, (pieces, held) = content["sku"], _MOVES[topic]
            on_hand[sku] += pieces * content["quantity"]
            reserved[sku] += held * content["quantity"]
            if not 0 <= reserved[sku] <= on_hand[sku]:
                yield f"{sku}: {on_hand[sku]} pieces on hand and {reserved[sku]} reserved after {topic}"


def _deadlines(system: System) -> Iterator[str]:
    """None is noted before its time, or much after it; none that is past is forgotten."""
    due: dict[str, datetime] = {}
    topics = ["saga.DeadlineSet", "saga.DeadlinePassed", *_OVER]
    for topic, order_id, at, content in _rows(system, _DEADLINES, [topics]):
        if topic == "saga.DeadlineSet":
            due[order_id] = datetime.fromisoformat(content["due_at"])
            continue
        was_due = due.pop(order_id, None)
        if topic == "saga.DeadlinePassed" and (was_due is None or not was_due <= at <= was_due + LATEST):
            yield f"order {order_id}: its deadline of {was_due} was noted at {at}"
    ((now,),) = _rows(system, "SELECT clock_timestamp()")
    yield from (f"order {id_}: its deadline of {at} is past" for id_, at in due.items() if at + LATEST < now)


def _rebuilt(system: System) -> Iterator[str]:
    """Every row of every read model is what the log says."""
    ran = system.commerce("verify", "--json")
    try:
        found = json.loads(ran.stdout)
    except ValueError:
        yield f"commerce verify ended with {ran.returncode}: {ran.stdout}{ran.stderr}"
        return
    for model in found:
        if model["status"] != "done" or model["differing"]:
            yield f"read model {model['projection']} is not what the log says: {model}"


def _rows(system: System, query: LiteralString, arguments: list[Any] | None = None) -> list[Any]:
    with system.database() as database:
        return database.execute(query, arguments).fetchall()
