"""Time limits by settings: of the order, of single steps, and of a confirmed order that nobody ships."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from commerce.eventstore import Sealed
from commerce.runtime.settings import Settings
from commerce.saga.cases import money_at_risk, resolve
from commerce.saga.description import waiting_for
from commerce.saga.events import CompensationAbandoned, ProcessCompleted
from commerce.saga.limit_settings import process_limits
from commerce.saga.order_commands import RejectCancellation
from commerce.saga.process import fold
from commerce.values.errors import BadUsage
from tests.unit.saga.inputs import (
    AUTHORIZED,
    CANCELLATION_REQUESTED,
    CAPTURED,
    CONFIRM,
    CONFIRMED,
    DISPATCHED,
    EUR_30,
    LATER,
    LIMITS,
    RESERVED,
    RUN_UP,
    SCHEDULED,
    START,
    TOO_LATE,
    deadline_passed,
    payment_differed,
    placed,
    put_off,
)
from tests.unit.saga.scenario import (
    Given,
    asked,
    booked,
    case,
    compensating,
    deadline,
    event,
    given,
    succeeded,
    undo_by,
)

SHIP_IN = timedelta(days=7)
SHIPPED = replace(LIMITS, dispatch=SHIP_IN)
STEPS = replace(LIMITS, steps={"authorization": timedelta(minutes=3), "capture": timedelta(minutes=14)})
OVERDUE = "the order is confirmed, and nobody said in time that its shipment left"


def test_a_confirmed_order_has_a_time_by_which_it_should_leave() -> None:
    confirmed = given(*RUN_UP, limits=SHIPPED).when(CAPTURED)
    confirmed.then(
        succeeded("capture"), event(ProcessCompleted), deadline("dispatch", LATER + SHIP_IN), commands=[CONFIRM]
    )
    waits = waiting_for(confirmed.process)
    assert waits is not None
    assert (waits.what, waits.until) == ("the shipment to be dispatched", LATER + SHIP_IN)


def test_one_that_nobody_ships_is_a_case_until_it_leaves() -> None:
    overdue = given(*CONFIRMED, limits=SHIPPED).when(deadline_passed("dispatch"))
    overdue.then(case("not_shipped", OVERDUE))
    assert money_at_risk(overdue.process) == EUR_30
    left = given(*CONFIRMED, deadline_passed("dispatch"), DISPATCHED, limits=SHIPPED).process_now
    assert (left.cases, left.deadline) == ((), None)
    in_time = given(*CONFIRMED, DISPATCHED, limits=SHIPPED).process_now
    assert in_time.deadline is None


def test_one_that_a_person_knows_of_is_looked_at_again() -> None:
    past = (*CONFIRMED, deadline_passed("dispatch"))
    (resolved,) = resolve(given(*past, limits=SHIPPED).process_now, (), "settled", Sealed("it is sold out until May"))
    again = given(*past, limits=SHIPPED).when(resolved)
    again.then(deadline("dispatch", LATER + SHIP_IN))
    assert again.process.cases == ()


def test_a_case_about_something_else_leaves_that_time_as_it_is() -> None:
    late = payment_differed("authorize", "authorize")
    (resolved,) = resolve(given(*CONFIRMED, late, limits=SHIPPED).process_now, (), "settled", Sealed("a slip"))
    given(*CONFIRMED, late, limits=SHIPPED).when(resolved).then_nothing()


def test_a_cancellation_takes_the_place_of_the_case_and_one_that_is_too_late_sets_the_time_again() -> None:
    past = (*CONFIRMED, deadline_passed("dispatch"))
    undoing = given(*past, limits=SHIPPED).when(CANCELLATION_REQUESTED)
    assert undoing.process.cases == ()
    given(*past, CANCELLATION_REQUESTED, limits=SHIPPED).when(TOO_LATE).then(
        event(CompensationAbandoned, cause="out for delivery"),
        deadline("dispatch", LATER + SHIP_IN),
        commands=[RejectCancellation("out for delivery")],
    )


def test_without_a_setting_a_confirmed_order_waits_for_ever() -> None:
    assert given(*CONFIRMED).process_now.deadline is None


def test_a_step_that_has_less_time_than_the_order_is_given_up_when_it_is_over() -> None:
    given(placed(), limits=STEPS).when(RESERVED).then(
        succeeded("stock"), asked("authorize"), deadline("authorization", LATER + timedelta(minutes=3))
    )
    given(placed(), RESERVED, limits=STEPS).when(deadline_passed("authorization")).then(
        compensating("timed_out"), undo_by(), asked("void")
    )


def test_the_order_has_its_own_time_again_after_that_step() -> None:
    due = deadline("order", START + timedelta(minutes=15))
    given(placed(), RESERVED, limits=STEPS).when(AUTHORIZED).then(succeeded("authorization"), asked("schedule"), due)
    given(placed(), RESERVED, AUTHORIZED, limits=STEPS).when(deadline_passed("authorization")).then_nothing()


def test_a_steps_time_that_passes_after_it_leaves_the_order_its_own_whatever_the_settings_are_by_then() -> None:
    began = given(placed(), RESERVED, limits=STEPS).process_now
    after = fold(Given(began).when(AUTHORIZED).reaction.events, began)
    Given(after).when(deadline_passed("authorization")).then(deadline("order", START + timedelta(minutes=15)))


def test_a_step_whose_time_is_longer_than_what_the_order_has_left_takes_none_beyond() -> None:
    given(placed(), RESERVED, AUTHORIZED, limits=STEPS).when(SCHEDULED).then(booked(), asked("capture"))


def test_a_step_that_waits_for_a_person_is_not_given_up_when_its_time_is_over() -> None:
    refused = put_off("authorize", "credential_refused")
    given(placed(), RESERVED, refused, limits=STEPS).when(deadline_passed("authorization")).then(
        case("order_waits", "the order waits: the payment provider says no"),
        deadline("order", LATER + timedelta(hours=1)),
    )
    waits = given(placed(), RESERVED, refused, deadline_passed("authorization"), limits=STEPS)
    assert waits.when(AUTHORIZED).process.cases == ()


def test_the_settings_say_the_limits() -> None:
    limits = process_limits(Settings(order_timeout_s=60, capture_timeout_s=20, dispatch_timeout_s=0))
    assert limits.order == timedelta(minutes=1)
    assert limits.steps == {"capture": timedelta(seconds=20)}
    assert limits.dispatch is None
    assert process_limits(Settings()) == replace(LIMITS, dispatch=SHIP_IN)
    of_all = Settings(
        order_timeout_s=60,
        stock_timeout_s=1,
        authorization_timeout_s=2,
        shipment_timeout_s=3,
        capture_timeout_s=60,
        compensation_timeout_s=5,
        compensation_longest_timeout_s=5,
        hold_margin_s=7,
    )
    times = {"stock": 1, "authorization": 2, "shipment": 3, "capture": 60}
    limits = process_limits(of_all)
    assert limits.steps == {step: timedelta(seconds=seconds) for step, seconds in times.items()}
    assert (limits.compensation, limits.longest) == (timedelta(seconds=5), timedelta(seconds=5))
    assert limits.hold_margin == timedelta(seconds=7)


@pytest.mark.parametrize(
    ("given_settings", "words"),
    [
        ({"order_timeout_s": 60, "stock_timeout_s": 61}, "COMMERCE_STOCK_TIMEOUT_S"),
        ({"compensation_timeout_s": 4000}, "COMMERCE_COMPENSATION_TIMEOUT_S"),
    ],
)
def test_limits_that_contradict_each_other_are_bad_usage(given_settings: dict[str, int], words: str) -> None:
    with pytest.raises(BadUsage, match=words):
        process_limits(Settings(**given_settings))  # type: ignore[arg-type]
