"""What a party did after its step was given up: it is undone, and the order stays as it ended."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from commerce.eventstore import Event
from commerce.payments.events import PaymentClosed, PaymentRefunded, PaymentVoided, SecondAuthorizationKept
from commerce.saga.case_events import CaseKind
from commerce.saga.decide import react
from commerce.saga.description import waiting_for
from commerce.saga.events import ProcessEvent
from commerce.saga.process import Stage
from commerce.saga.request_events import RefundRequested, ShipmentCancellationRequested, StepName, VoidRequested
from commerce.saga.step_definition import Occurrence
from commerce.saga.step_events import LateOutcomeFound, LateOutcomeUndone
from commerce.shipping.events import SecondBookingKept, ShipmentCancellationRefused, ShipmentCancelled
from commerce.values import ids
from tests.unit.saga.inputs import (
    AUTHORIZATION_UNKNOWN,
    AUTHORIZED,
    BOOKING_UNKNOWN,
    CAPTURE_REFUSED,
    CAPTURE_UNKNOWN,
    CAPTURED,
    CLOSED_BY_VOID,
    CONFIRMED,
    DECLINED,
    EUR_30,
    LATER,
    LIMITS,
    NEVER_BOOKED,
    ORDER,
    PROCESS,
    RELEASED,
    RESERVED,
    RUN_UP,
    SCHEDULED,
    STOPPED,
    VOIDED,
    VOIDED_BY_REFUND,
    answer,
    deadline_passed,
    payment_differed,
    placed,
    put_off,
)
from tests.unit.saga.scenario import Expected, case, deadline, event, given

AUTHORIZED_LATE = (placed(), RESERVED, AUTHORIZATION_UNKNOWN, CLOSED_BY_VOID)
"""An authorisation that nobody heard of, and that the provider did not know; the stock is being released."""
REJECTED = (*AUTHORIZED_LATE, RELEASED)
CAPTURED_LATE = (*RUN_UP, CAPTURE_UNKNOWN, STOPPED, VOIDED_BY_REFUND, RELEASED)
BOOKED_LATE = (placed(), RESERVED, AUTHORIZED, BOOKING_UNKNOWN, NEVER_BOOKED, VOIDED, RELEASED)
DECLINED_FIRST = (placed(), RESERVED, DECLINED, RELEASED)
UNDO: dict[StepName, tuple[str, type[ProcessEvent], Event]] = {
    "authorization": ("late void", VoidRequested, answer(PaymentVoided, "late void")),
    "capture": ("late refund", RefundRequested, answer(PaymentRefunded, "late refund", amount=EUR_30)),
    "shipment": (
        "late cancel shipment",
        ShipmentCancellationRequested,
        answer(ShipmentCancelled, "late cancel shipment"),
    ),
}
LATE_CASES = pytest.mark.parametrize(
    ("before", "late", "step"),
    [
        (REJECTED, AUTHORIZED, "authorization"),
        (DECLINED_FIRST, AUTHORIZED, "authorization"),
        (CAPTURED_LATE, CAPTURED, "capture"),
        (BOOKED_LATE, SCHEDULED, "shipment"),
    ],
)


def found(step: StepName) -> Expected:
    return event(LateOutcomeFound, order_id=ORDER, step=step)


def undo(step: StepName) -> Expected:
    request, kind, _ = UNDO[step]
    return event(kind, order_id=ORDER, request_id=ids.request_id(PROCESS, request))


@LATE_CASES
def test_what_comes_to_light_after_the_order_ended_is_undone_and_the_order_stays_as_it_is(
    before: tuple[Event, ...], late: Event, step: StepName
) -> None:
    five_minutes_on = deadline("compensation", LATER + timedelta(minutes=5))
    given(*before).when(late).then(found(step), five_minutes_on, undo(step))
    given(*before, late).when(late).then_nothing()


@LATE_CASES
def test_when_it_is_undone_nothing_is_left(before: tuple[Event, ...], late: Event, step: StepName) -> None:
    decided = given(*before, late).when(UNDO[step][2])
    decided.then(event(LateOutcomeUndone, step=step))
    process = decided.process
    assert (process.stage, process.late, process.deadline, process.case) == (Stage.COMPENSATED, frozenset(), None, None)
    assert waiting_for(process) is None


@LATE_CASES
def test_while_it_is_not_undone_the_order_waits_and_becomes_a_case(
    before: tuple[Event, ...], late: Event, step: StepName
) -> None:
    scenario = given(*before, late)
    waiting = waiting_for(scenario.process_now)
    assert waiting is not None
    assert waiting.what.endswith("late")
    detail = f"the request to {UNDO[step][0]} has no outcome yet; it goes on being tried"
    scenario.when(deadline_passed("compensation")).then(
        case("undo_unfinished", detail), deadline("compensation", LATER + timedelta(minutes=10))
    )
    given(*before, late, deadline_passed("compensation")).when(UNDO[step][2]).then(event(LateOutcomeUndone, step=step))


def test_an_undo_of_it_that_is_rejected_is_a_case_at_once() -> None:
    refused = put_off("late void", "undo_refused")
    given(*REJECTED, AUTHORIZED).when(refused).then(case("undo_rejected", "the payment provider says no"))
    too_late = answer(ShipmentCancellationRefused, "late cancel shipment", reason="already_collected")
    given(*BOOKED_LATE, SCHEDULED).when(too_late).then(
        case("undo_rejected", "the shipment of an order that was given up cannot be stopped: already_collected")
    )


def test_it_is_one_case_though_another_was_opened_meanwhile() -> None:
    too_late = answer(ShipmentCancellationRefused, "late cancel shipment", reason="already_collected")
    other = payment_differed("authorize", "authorize")
    both = given(*BOOKED_LATE, SCHEDULED, too_late, other)
    assert [one.kind for one in both.process_now.cases] == ["undo_rejected", "answer_differed"]
    both.when(too_late).then_nothing()


def test_what_comes_to_light_while_the_rest_is_still_undone_is_undone_beside_it() -> None:
    given(*AUTHORIZED_LATE).when(AUTHORIZED).then(found("authorization"), undo("authorization"))
    process = given(*AUTHORIZED_LATE, AUTHORIZED).process_now
    assert (process.stage, process.awaits) == (Stage.COMPENSATING, "release")
    ended = given(*AUTHORIZED_LATE, AUTHORIZED, RELEASED).process_now
    assert ended.stage is Stage.COMPENSATED
    assert ended.deadline is not None, "what is not undone yet is not forgotten"


def test_what_is_still_held_is_undone_in_its_turn_and_what_was_done_in_time_stays() -> None:
    given(placed(), RESERVED, AUTHORIZATION_UNKNOWN).when(AUTHORIZED).then_nothing()
    given(*CONFIRMED).when(CAPTURED).then_nothing()
    given(*CONFIRMED).when(SCHEDULED).then_nothing()


@pytest.mark.parametrize("before", [CONFIRMED, RUN_UP, REJECTED])
def test_what_a_party_did_twice_and_keeps_is_a_case_that_outlasts_everything(before: tuple[Event, ...]) -> None:
    kept = answer(SecondAuthorizationKept, "authorize", authorization_id="auth-2", reason="already_captured")
    twice = answer(SecondBookingKept, "schedule", booking_id="booking-2", reason="already_collected")
    told: tuple[tuple[Event, CaseKind, str], ...] = (
        (
            kept,
            "money_held_twice",
            "the payment provider does not let go of money set aside twice (auth-2): already_captured",
        ),
        (
            twice,
            "shipment_booked_twice",
            "the carrier does not drop a shipment booked twice (booking-2): already_collected",
        ),
    )
    for one, kind, detail in told:
        given(*before).when(one).then(case(kind, detail, outlasts_undoing=True))
        assert given(*before, one, CAPTURED).process_now.case == detail


def test_while_the_rest_is_still_undone_its_undoing_leaves_the_deadline_as_it_is() -> None:
    before = given(placed(), RESERVED, deadline_passed("order"), VOIDED, AUTHORIZED)
    after = before.when(answer(PaymentVoided, "late void"))
    after.then(event(LateOutcomeUndone, step="authorization"))
    assert before.process_now.deadline is not None
    assert after.process.deadline == before.process_now.deadline
    assert after.process.version == before.process_now.version + 1


@pytest.mark.parametrize("status", ["authorized", "captured"])
def test_what_was_done_late_and_otherwise_is_undone_and_a_case(status: str) -> None:
    differed = payment_differed("authorize", "authorize").model_copy(
        update={"status": status, "authorization_id": "auth-3"}
    )
    detail = "the payment provider did 1.00 EUR instead of 30.00 EUR"
    given(*AUTHORIZED_LATE).when(differed).then(
        found("authorization"),
        case("answer_differed", detail, outlasts_undoing=status == "captured"),
        undo("authorization"),
    )


def test_why_an_undo_takes_long_is_said_where_it_is_known() -> None:
    stuck = given(placed(), RESERVED, AUTHORIZATION_UNKNOWN, put_off("void", "credential_refused"))
    case_ = stuck.when(deadline_passed("compensation")).process.case
    assert case_ == ("the request to void has no outcome yet (the payment provider says no); it goes on being tried")


def test_of_two_that_an_answer_undoes_it_is_the_one_whose_turn_is_first() -> None:
    late = frozenset({Occurrence("authorization"), Occurrence("capture")})
    process = replace(given(*REJECTED).process_now, late=late)
    reaction = react(process, answer(PaymentRefunded, "late refund", amount=EUR_30), LATER, LIMITS)
    assert [one.step for one in reaction.events if isinstance(one, LateOutcomeUndone)] == ["capture"]


@pytest.mark.parametrize("behind", [(), (deadline_passed("compensation"),)], ids=["in time", "overdue"])
def test_a_late_capture_that_another_refund_gave_back_whole_leaves_nothing_either(behind: tuple[Event, ...]) -> None:
    """Somebody's refund was faster than the undo, which payments then answers with `PaymentClosed`."""
    decided = given(*CAPTURED_LATE, CAPTURED, *behind).when(answer(PaymentClosed, "late refund"))
    decided.then(event(LateOutcomeUndone, step="capture"))
    process = decided.process
    assert (process.late, process.deadline, process.case) == (frozenset(), None, None)
    assert waiting_for(process) is None


def test_a_late_capture_that_the_undo_of_the_authorization_gave_back_leaves_nothing_either() -> None:
    found_first = (*RUN_UP, CAPTURE_REFUSED, STOPPED, CAPTURED, answer(PaymentRefunded, "void", amount=EUR_30))
    before = given(*found_first, RELEASED)
    assert (before.process_now.stage, before.process_now.late) == (
        Stage.COMPENSATED,
        frozenset({Occurrence("capture")}),
    )
    decided = before.when(answer(PaymentClosed, "late refund"))
    decided.then(event(LateOutcomeUndone, step="capture"))
    assert decided.process.deadline is None


def test_of_two_that_came_late_each_has_its_end_where_both_undos_find_nothing_left() -> None:
    late = frozenset({Occurrence("authorization"), Occurrence("capture")})
    process = replace(given(*REJECTED, AUTHORIZED).process_now, late=late)
    first = react(process, answer(PaymentClosed, "late void"), LATER, LIMITS).process
    assert first is not None
    assert first.deadline is not None
    second = react(first, answer(PaymentClosed, "late refund"), LATER, LIMITS).process
    assert second is not None
    assert (second.late, second.deadline) == (frozenset(), None)
