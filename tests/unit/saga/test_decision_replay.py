"""What was decided is compared with what this code decides on the same inputs, each on what was on record then."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from commerce.eventstore import Append, Event, Recorded, in_stream
from commerce.saga import decision_comparison, definitions
from commerce.saga.decide import react
from commerce.saga.decision_comparison import OrderDecisions, possible_versions
from commerce.saga.definitions import DEFINITIONS
from commerce.saga.events import CompensationStarted, ProcessStarted
from commerce.saga.process import Process
from commerce.saga.process_decision import Reaction
from commerce.saga.step_events import StepFailed, StepSucceeded
from tests.unit.saga.inputs import (
    AUTHORIZED,
    CANCELLATION_REQUESTED,
    CAPTURED,
    DECLINED,
    DELIVERED,
    DISPATCHED,
    LIMITS,
    ORDER,
    PROCESS,
    RELEASED,
    RESERVED,
    SCHEDULED,
    deadline_passed,
    placed,
)
from tests.unit.saga.log import OUTSIDE, Log
from tests.unit.saga.test_definitions import SECOND, Worker


def history(*events: Event) -> list[Recorded]:
    """The log of one order after the process manager has decided on each of these."""
    worker = Worker(Log())
    for event in events:
        worker.reads(event, ORDER, event.originator_id)
    return worker.log.events


def differing(events: list[Recorded]) -> list[tuple[str, list[str], list[str]]]:
    """Each input that is decided on otherwise: what was decided, and what is now."""
    decisions = OrderDecisions(ORDER, events)
    found = [one for given in decisions.inputs if (one := decisions.difference(given))]
    return [(one.topic, [e.topic for e in one.recorded], [e.topic for e in one.now]) for one in found]


@pytest.mark.parametrize(
    "events",
    [
        (placed(), RESERVED, AUTHORIZED, SCHEDULED, CAPTURED, CAPTURED),
        (placed(), RESERVED, AUTHORIZED, SCHEDULED, CAPTURED, DISPATCHED, DELIVERED),
        (placed(), RESERVED, DECLINED, RELEASED),
        (placed(), RESERVED, deadline_passed("order"), CANCELLATION_REQUESTED),
    ],
    ids=["confirmed", "delivered", "declined", "given up"],
)
def test_nothing_differs_where_the_same_is_decided(events: tuple[Event, ...]) -> None:
    found = history(*events)
    assert differing(found) == []
    decisions = OrderDecisions(ORDER, found)
    assert len(decisions.inputs) == len(events)
    assert decisions.has_decided(decisions.inputs[0])
    assert not decisions.has_decided(found[1])


def test_other_limits_are_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    found = history(placed(), RESERVED, AUTHORIZED)
    monkeypatch.setattr(decision_comparison, "_ANY_LIMITS", replace(LIMITS, steps={"authorization": LIMITS.longest}))
    assert differing(found) == []
    assert OrderDecisions(ORDER, found).deadlines == 1


def test_a_changed_decision_is_shown_and_later_ones_are_compared_as_they_were_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = history(placed(), RESERVED, AUTHORIZED, SCHEDULED)
    changed(monkeypatch, lambda event: event == AUTHORIZED, Reaction(tuple(own(StepSucceeded(step="capture")))))
    asked = ["saga.StepSucceeded", "saga.ShipmentRequested"]
    assert differing(found) == [("payments.Authorized", asked, ["saga.StepSucceeded"])]


def test_an_input_that_nothing_followed_from_is_compared_too(monkeypatch: pytest.MonkeyPatch) -> None:
    found = history(placed(), RESERVED, RESERVED)
    repeat = found[-1].event
    begun = own(CompensationStarted(reason="late", outcome="rejected"))
    changed(monkeypatch, lambda event: event == repeat, Reaction(tuple(begun)))
    assert differing(found) == [("inventory.ReservationConfirmed", [], ["saga.Compensating"])]


def test_code_that_fails_on_an_input_differs_and_says_how(monkeypatch: pytest.MonkeyPatch) -> None:
    found = history(placed())

    def fails(*_: object) -> Reaction:
        raise KeyError("stock")

    monkeypatch.setattr(decision_comparison, "react", fails)
    decisions = OrderDecisions(ORDER, found)
    difference = decisions.difference(decisions.inputs[0])
    assert difference is not None
    assert difference.order_id == ORDER
    assert (difference.problem, difference.now, difference.position) == ("KeyError: 'stock'", [], 1)
    assert difference.recorded[0].topic == ProcessStarted.TOPIC
    assert difference.recorded[0].data == {
        "order_id": str(ORDER),
        "total": {"amount": "30.00", "currency": "EUR"},
        "payment_method": "pm_card_ok",
        "wanted": [{"sku": "TEA", "quantity": 3}, {"sku": "CUP", "quantity": 1}],
        "definition": 1,
    }


def test_what_was_appended_while_an_input_was_decided_on_may_have_been_known_or_not() -> None:
    """The customer asks for the cancellation between the last answer and the decision on it, which confirms nothing."""
    worker = Worker(Log())
    for event in (placed(), RESERVED, AUTHORIZED, SCHEDULED):
        worker.reads(event, ORDER, event.originator_id)
    for meanwhile in (CAPTURED.model_copy(update={"originator_version": 2}), CANCELLATION_REQUESTED):
        assert worker.log.append([Append([meanwhile], ORDER, OUTSIDE)])
    batch = worker.log.events[-2:]
    for given in batch:
        assert "ordering.OrderConfirmed" not in worker.decides_on([given])
    assert differing(worker.log.events) == []


def own(event: StepSucceeded | CompensationStarted) -> list[StepSucceeded | CompensationStarted]:
    return in_stream([event], PROCESS, after=99)


def changed(monkeypatch: pytest.MonkeyPatch, on: Callable[[Event], bool], reaction: Reaction) -> None:
    """Code that decides otherwise on one input."""

    def other(process: object, event: Event, *rest: object) -> Reaction:
        return reaction if on(event) else react(process, event, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(decision_comparison, "react", other)


def test_another_word_in_the_same_event_is_a_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    found = history(placed(), RESERVED, DECLINED)

    def other(*given: Any) -> Reaction:
        reaction = react(*given)
        events = [
            event.model_copy(update={"reason": "no money"}) if isinstance(event, StepFailed) else event
            for event in reaction.events
        ]
        return replace(reaction, events=events)

    monkeypatch.setattr(decision_comparison, "react", other)
    assert [topic for topic, _, _ in differing(found)] == ["payments.Declined"]


def test_what_follows_from_an_input_is_compared_on_the_state_that_it_met(monkeypatch: pytest.MonkeyPatch) -> None:
    """Code that decides otherwise later on only is not excused by what it decides on an earlier state."""
    found = history(placed(), RESERVED, RESERVED)

    def other(process: Process | None, *rest: Any) -> Reaction:
        if process is not None and process.version == 5:
            return Reaction(tuple(own(StepSucceeded(step="stock"))))
        return react(process, *rest)

    monkeypatch.setattr(decision_comparison, "react", other)
    assert differing(found) == [("inventory.ReservationConfirmed", [], ["saga.StepSucceeded"])]


def test_an_order_is_decided_on_under_the_definition_that_it_began_with(monkeypatch: pytest.MonkeyPatch) -> None:
    found = history(placed(), RESERVED, AUTHORIZED)
    monkeypatch.setattr(definitions, "DEFINITIONS", {1: DEFINITIONS[1], 2: SECOND})
    assert differing(found) == []
    assert [e.topic for e in found[1:2]] == [ProcessStarted.TOPIC]


INPUT = 10
"""The place of the input in the table below."""


@pytest.mark.parametrize(
    ("stream", "decided", "beside", "versions"),
    [
        ([], [], [], [0]),
        ([(9, None)], [], [], [1]),
        ([(INPUT, None)], [], [], [1]),
        ([(11, None)], [], [], [0, 1]),
        ([(11, None)], [], [12], [0, 1]),
        ([(11, None)], [], [11], [0]),
        ([(12, None)], [], [11], [0]),
        ([(13, 9)], [], [], [1]),
        ([(13, INPUT)], [], [], [0]),
        ([(13, 12), (14, None)], [], [], [0]),
        ([(8, None), (11, None), (12, None)], [], [], [1, 2, 3]),
        ([(8, None), (12, 9), (13, None), (15, 14)], [], [], [2, 3]),
        ([(8, None), (12, INPUT)], [2], [], [1]),
    ],
)
def test_which_versions_of_a_stream_a_decision_may_have_been_made_on(
    stream: list[tuple[int, int | None]], decided: list[int], beside: list[int], versions: list[int]
) -> None:
    rows = [recorded(number, *row) for number, row in enumerate(stream, start=1)]
    chosen = [rows[number - 1] for number in decided]
    others = [recorded(1, position, INPUT) for position in beside]
    assert list(possible_versions(INPUT, rows, chosen, others)) == versions


def test_a_deadline_that_passed_follows_from_nothing_though_it_has_a_cause() -> None:
    passed = replace(recorded(1, 11, 3), topic="saga.DeadlinePassed")
    assert list(possible_versions(INPUT, [passed], [], [])) == [0, 1]
    assert list(possible_versions(11, [passed], [], [])) == [1]


def recorded(version: int, position: int, cause: int | None) -> Recorded:
    """An event of a stream, as far as it matters where it stands and what it follows from."""
    at = datetime(2026, 11, 23, tzinfo=UTC)
    return Recorded(PROCESS, version, "saga.StepSucceeded", b"{}", position, at, ORDER, cause, "service:saga", None)
