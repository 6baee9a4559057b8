"""Money that is set aside for a time: a person is told before it is let go where the order has not taken it by then."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from commerce.eventstore import Event
from commerce.payments.events import PaymentAuthorized
from commerce.saga import cases
from commerce.saga.interventions import possible_actions
from commerce.saga.process import Process
from commerce.saga.step_events import AuthorizationHeld
from tests.unit.saga.inputs import (
    CAPTURE_REFUSED,
    CAPTURED,
    EUR_30,
    LATER,
    LIMITS,
    RESERVED,
    SCHEDULED,
    START,
    answer,
    deadline_passed,
    placed,
    put_off,
)
from tests.unit.saga.scenario import asked, case, deadline, event, given

WEEK = timedelta(days=7)
DAY = timedelta(days=1)
PATIENT = replace(LIMITS, order=timedelta(days=30))
WAITS = put_off("schedule", "credential_refused")
ENDS = "the payment provider lets go of the 30.00 EUR at 2026-11-30 09:00 UTC, and the order does not get on"


def held_until(until: datetime) -> PaymentAuthorized:
    return answer(PaymentAuthorized, "authorize", authorization_id="auth-1", amount=EUR_30, held_until=until)


def waiting(*events: Event) -> Process:
    return given(placed(), RESERVED, held_until(START + WEEK), *events, limits=PATIENT).process_now


def test_an_order_that_ends_before_the_hold_does_needs_no_deadline_for_it() -> None:
    given(placed(), RESERVED).when(held_until(START + WEEK)).then(
        event(AuthorizationHeld, until=START + WEEK), asked("schedule")
    )


def test_a_patient_order_looks_again_a_day_before_the_money_is_let_go() -> None:
    given(placed(), RESERVED, limits=PATIENT).when(held_until(START + WEEK)).then(
        event(AuthorizationHeld, until=START + WEEK),
        asked("schedule"),
        deadline("hold", START + WEEK - DAY),
    )


def test_a_short_hold_is_told_of_once_half_of_it_has_passed() -> None:
    decided = given(placed(), RESERVED, limits=PATIENT).when(held_until(LATER + timedelta(hours=2)))
    assert decided.process.hold_deadline is not None
    assert decided.process.hold_deadline.due_at == LATER + timedelta(hours=1)


def test_what_is_not_taken_by_then_is_a_case_which_a_person_cannot_close_while_the_order_goes_on() -> None:
    scenario = given(placed(), RESERVED, held_until(START + WEEK), limits=PATIENT)
    decided = scenario.when(deadline_passed("hold"))
    decided.then(case("hold_ends", ENDS))
    process = decided.process
    assert cases.money_at_risk(process) == EUR_30
    assert "resolve" not in possible_actions(process)
    assert "compensate" in possible_actions(process)


def test_the_case_ends_when_the_money_is_taken_and_when_it_is_given_up() -> None:
    for last in (CAPTURED, CAPTURE_REFUSED):
        process = waiting(deadline_passed("hold"), SCHEDULED, last)
        assert (process.cases, process.held_until, process.hold_deadline) == ((), None, None)


def test_the_deadline_goes_with_the_capture() -> None:
    before = waiting(SCHEDULED)
    assert before.hold_deadline is not None
    assert waiting(SCHEDULED, CAPTURED).hold_deadline is None


def test_an_order_that_waits_for_a_person_and_outlives_its_own_time_is_watched_too() -> None:
    soon = START + timedelta(minutes=70)
    scenario = given(placed(), RESERVED, held_until(soon), WAITS)
    assert scenario.process_now.hold_deadline is None
    overdue = scenario.when(deadline_passed("order"), at=START + timedelta(minutes=15)).process
    assert [one.kind for one in overdue.cases] == ["order_waits"]
    assert overdue.hold_deadline is not None
    assert START + timedelta(minutes=15) < overdue.hold_deadline.due_at < soon


def test_a_hold_whose_end_nobody_knows_is_not_watched() -> None:
    process = given(
        placed(), RESERVED, answer(PaymentAuthorized, "authorize", authorization_id="a", amount=EUR_30), limits=PATIENT
    ).process_now
    assert (process.held_until, process.hold_deadline) == (None, None)


def test_a_capture_that_comes_too_late_undoes_the_order() -> None:
    process = waiting(deadline_passed("hold"), SCHEDULED, CAPTURE_REFUSED)
    assert process.completion is not None
    assert process.completion.reason == "payment_declined"
