"""The moments of an order, and what changed between two of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from api.console.order_moments import FieldChange, changes_between, events_of, moment_at, moments_of, state_fields


def event(position: int, topic: str, second: int) -> dict[str, Any]:
    return {"position": position, "topic": topic, "recorded_at": f"2026-11-30T10:00:{second:02}+00:00"}


EVENTS = [
    event(1, "ordering.OrderPlaced", 1),
    event(2, "saga.Started", 2),
    event(3, "saga.StockReservationRequested", 2),
    event(4, "inventory.ReservationConfirmed", 3),
    event(5, "saga.StepSucceeded", 3),
]


def test_events_that_were_recorded_together_are_one_moment_told_by_what_happened() -> None:
    moments = moments_of(EVENTS)
    assert [(one.number, one.told["position"]) for one in moments] == [(1, 1), (2, 3), (3, 4)]
    assert [
        moment_at(moments, datetime.fromisoformat(f"2026-11-30T{time}+00:00")) for time in ("09:00", "10:00:02")
    ] == [
        1,
        2,
    ]


def test_the_events_of_a_trace_come_in_the_order_of_the_log() -> None:
    last, middle = ({"event": EVENTS[place], "caused": []} for place in (2, 1))
    root = {"event": EVENTS[0], "caused": [last, middle]}
    assert events_of({"requests": [{"caused": [root]}]}) == EVENTS[:3]


def test_changes_name_each_value_and_money_is_one() -> None:
    before = state_fields("order", {"id": "x", "status": "placed", "total": None, "lines": []})
    money = {"amount": "10.00", "currency": "EUR"}
    after = state_fields("order", {"id": "y", "status": "confirmed", "total": money, "lines": [{"sku": "TEA"}]})
    assert changes_between(before, after) == [
        FieldChange("order", "status", "placed", "confirmed"),
        FieldChange("order", "total", None, "10.00 EUR"),
        FieldChange("order", "lines 1, sku", None, "TEA"),
    ]
    assert changes_between(after, before)[-1] == FieldChange("order", "lines 1, sku", "TEA", None)
