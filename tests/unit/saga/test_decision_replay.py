"""What was decided is compared with what this code decides on the same inputs, each on what was on record then."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from commerce.eventstore import Append, Event, Recorded, in_stream
from commerce.saga import decision_comparison
from commerce.saga.decide import react
from commerce.saga.decision_comparison import OrderDecisions
from commerce.saga.events import CompensationStarted, ProcessStarted
from commerce.saga.process_decision import Reaction
from commerce.saga.step_events import StepSucceeded
from tests.unit.saga.inputs import (
    AUTHORIZED,
    CANCELLATION_REQUESTED,
    CAPTURED,
    DECLINED,
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
from tests.unit.saga.test_definitions import Worker


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
        (placed(), RESERVED, DECLINED, RELEASED),
        (placed(), RESERVED, deadline_passed("order"), CANCELLATION_REQUESTED),
    ],
    ids=["confirmed", "declined", "given up"],
)
def test_nothing_differs_where_the_same_is_decided(events: tuple[Event, ...]) -> None:
    found = history(*events)
    assert differing(found) == []
    assert len(OrderDecisions(ORDER, found).inputs) == len(events)


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
    assert (difference.problem, difference.now, difference.position) == ("KeyError: 'stock'", [], 1)
    assert difference.recorded[0].topic == ProcessStarted.TOPIC


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
