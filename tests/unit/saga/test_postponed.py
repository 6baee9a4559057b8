"""A step that cannot be taken now, through no fault of the order's: the order waits, and a person is told."""

from __future__ import annotations

from datetime import timedelta

from commerce.payments.events import SecondAuthorizationKept
from commerce.saga.description import waiting_for
from commerce.saga.step_events import StepPostponed
from tests.unit.saga.inputs import (
    AUTHORIZATION_UNKNOWN,
    AUTHORIZED,
    CAPTURE_REFUSED,
    LATER,
    RESERVED,
    RUN_UP,
    answer,
    deadline_passed,
    payment_differed,
    placed,
    put_off,
)
from tests.unit.saga.scenario import asked, case, compensating, deadline, event, failed, given, succeeded, undo_by

REFUSED = put_off("authorize", "credential_refused")
CARD_HELD_TWICE = answer(SecondAuthorizationKept, "authorize", authorization_id="auth-2", reason="already_captured")
SAYS_NO = "the payment provider says no"


def test_an_order_whose_credential_is_rejected_is_not_given_up_at_its_deadline_but_becomes_a_case() -> None:
    waiting = given(placed(), RESERVED, REFUSED)
    waiting.when(deadline_passed("order")).then(
        case("order_waits", f"the order waits: {SAYS_NO}"), deadline("order", LATER + timedelta(hours=1))
    )
    given(placed(), RESERVED, REFUSED, deadline_passed("order")).when(deadline_passed("order")).then(
        deadline("order", LATER + timedelta(hours=1))
    )


def test_that_it_waits_is_remembered_once_and_told() -> None:
    given(placed(), RESERVED).when(REFUSED).then(event(StepPostponed, detail=SAYS_NO))
    waiting = given(placed(), RESERVED, REFUSED)
    waiting.when(REFUSED).then_nothing()
    told = waiting_for(waiting.process_now)
    assert told is not None
    assert told.postponed == SAYS_NO


def test_an_order_that_waited_has_its_whole_time_again_once_its_step_is_taken() -> None:
    given(placed(), RESERVED, REFUSED).when(AUTHORIZED).then(
        deadline("order", LATER + timedelta(minutes=15)), succeeded("authorization"), asked("schedule")
    )
    given(placed(), RESERVED, REFUSED, AUTHORIZED).when(deadline_passed("order")).then(
        compensating("timed_out"), undo_by(), asked("cancel shipment")
    )


def test_a_party_that_is_busy_is_asked_again_and_takes_of_the_orders_time() -> None:
    given(placed(), RESERVED).when(put_off("authorize", "busy")).then_nothing()
    given(placed(), RESERVED, put_off("authorize", "busy")).when(deadline_passed("order")).then(
        compensating("timed_out"), undo_by(), asked("void")
    )


def test_a_party_that_is_down_is_asked_again_and_no_order_is_given_up_for_it_before_its_own_deadline() -> None:
    down = put_off("authorize", "unavailable")
    given(placed(), RESERVED).when(down).then_nothing()
    given(placed(), RESERVED, down).when(AUTHORIZED).then(succeeded("authorization"), asked("schedule"))
    given(placed(), RESERVED, down).when(deadline_passed("order")).then(
        compensating("timed_out"), undo_by(), asked("void")
    )


def test_an_undo_that_is_rejected_is_a_case_at_once_and_only_once() -> None:
    refused = put_off("void", "undo_refused")
    given(placed(), RESERVED, AUTHORIZATION_UNKNOWN).when(refused).then(case("undo_rejected", SAYS_NO))
    given(placed(), RESERVED, AUTHORIZATION_UNKNOWN, refused).when(refused).then_nothing()


def test_a_case_is_told_once_for_as_long_as_it_is_open_whatever_else_is_opened_meanwhile() -> None:
    refused = put_off("void", "undo_refused")
    other = payment_differed("authorize", "authorize")
    both = given(placed(), RESERVED, AUTHORIZATION_UNKNOWN, refused, other)
    assert [one.kind for one in both.process_now.cases] == ["undo_rejected", "answer_differed"]
    both.when(refused).then_nothing()
    waiting = (placed(), RESERVED, REFUSED, deadline_passed("order"), CARD_HELD_TWICE)
    given(*waiting).when(deadline_passed("order")).then(deadline("order", LATER + timedelta(hours=1)))


def test_what_is_not_waited_for_any_more_changes_nothing() -> None:
    given(placed(), RESERVED, AUTHORIZED).when(REFUSED).then_nothing()


def test_a_rejected_capture_is_a_failure_whose_outcome_is_known() -> None:
    given(*RUN_UP).when(CAPTURE_REFUSED).then(
        failed("capture", "payment_declined"), compensating("payment_declined"), undo_by(), asked("cancel shipment")
    )
