"""Refunds that somebody asks for, beside the way of the order."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from commerce.eventstore import Event, Sealed
from commerce.payments.events import (
    PaymentAnswerDiffered,
    PaymentCallPostponed,
    PaymentClosed,
    PaymentRefunded,
    PaymentRefundFailed,
    PaymentRefundRequested,
)
from commerce.payments.requested_refunds import SKIPPED
from commerce.saga.events import PartialRefundSettled
from commerce.saga.intervention_events import RefundSkipped
from commerce.saga.interventions import InterventionRejected, intervene, possible_actions
from commerce.saga.order_commands import CancelOrder
from commerce.saga.process import Deadline, Stage
from commerce.saga.request_events import PartialRefundRequested
from commerce.values import ids
from commerce.values.money import Money
from tests.unit.saga.inputs import (
    CANCELLATION_REQUESTED,
    CONFIRMED,
    DELIVERED,
    DISPATCHED,
    LATER,
    ORDER,
    REFUNDED,
    RELEASED,
    START,
    STOPPED,
    answer,
    deadline_passed,
)
from tests.unit.saga.scenario import Expected, asked, case, compensated, deadline, event, given, undone

EUR_5 = Money.of("5.00", "EUR")
ONE, TWO = UUID(int=1), UUID(int=2)
STREAM = ids.payment_id(ORDER)


def wanted(refund: UUID) -> PaymentRefundRequested:
    return PaymentRefundRequested(
        originator_id=STREAM,
        originator_version=9,
        order_id=ORDER,
        request_id=refund,
        amount=EUR_5,
        lines=(),
        reason=Sealed("sealed"),
    )


def refunded(refund: UUID) -> PaymentRefunded:
    return PaymentRefunded(originator_id=STREAM, originator_version=10, order_id=ORDER, request_id=refund, amount=EUR_5)


def not_refunded(refund: UUID) -> PaymentRefundFailed:
    return PaymentRefundFailed(
        originator_id=STREAM,
        originator_version=10,
        order_id=ORDER,
        request_id=refund,
        amount=EUR_5,
        reason="insufficient_balance",
    )


def asked_for(refund: UUID) -> Expected:
    return event(PartialRefundRequested, order_id=ORDER, request_id=refund, amount=EUR_5)


def settled(refund: UUID, outcome: str) -> Expected:
    return event(PartialRefundSettled, request_id=refund, outcome=outcome)


def look_again(minutes: int) -> Expected:
    return deadline("refund", LATER + timedelta(minutes=minutes))


@pytest.mark.parametrize("behind", [CONFIRMED, (*CONFIRMED, DISPATCHED), (*CONFIRMED, DISPATCHED, DELIVERED)])
def test_payments_is_asked_at_every_stage_and_the_order_stays_what_it_is(behind: tuple[Event, ...]) -> None:
    given(*behind).when(wanted(ONE)).then(asked_for(ONE), look_again(5))
    before, after = given(*behind).process_now, given(*behind, wanted(ONE), refunded(ONE)).process_now
    assert (after.stage, after.awaits, after.deadlines) == (before.stage, before.awaits, before.deadlines)


def test_two_equal_refunds_are_two_and_the_same_one_is_one() -> None:
    given(*CONFIRMED, wanted(ONE)).when(wanted(TWO)).then(asked_for(TWO))
    given(*CONFIRMED, wanted(ONE)).when(wanted(ONE)).then_nothing()
    given(*CONFIRMED, wanted(ONE), refunded(ONE)).when(wanted(ONE)).then_nothing()


def test_an_outcome_settles_its_own_refund_once() -> None:
    both = (*CONFIRMED, wanted(ONE), wanted(TWO))
    given(*both).when(refunded(TWO)).then(settled(TWO, "refunded"))
    given(*both, refunded(TWO)).when(refunded(TWO)).then_nothing()
    assert given(*both, refunded(TWO)).process_now.refund_deadline is not None
    assert given(*both, refunded(TWO), refunded(ONE)).process_now.refund_deadline is None


def test_a_refund_that_fails_is_a_case_that_nothing_but_a_person_closes() -> None:
    failed = (*CONFIRMED, wanted(ONE), not_refunded(ONE))
    told = case("refund_failed", "5.00 EUR was not given back: insufficient_balance", outlasts_undoing=True)
    given(*CONFIRMED, wanted(ONE)).when(not_refunded(ONE)).then(settled(ONE, "failed"), told)
    after = given(*failed, CANCELLATION_REQUESTED, STOPPED, REFUNDED, RELEASED).process_now
    assert (after.stage, [one.kind for one in after.cases]) == (Stage.COMPENSATED, ["refund_failed"])


def test_a_refund_without_an_outcome_becomes_a_case_and_goes_on() -> None:
    waiting = (*CONFIRMED, wanted(ONE))
    detail = f"no outcome yet of the refund {ONE}; it goes on being tried"
    told = case("refund_unfinished", detail, outlasts_undoing=True)
    given(*waiting).when(deadline_passed("refund")).then(told, look_again(10))
    given(*waiting, deadline_passed("refund")).when(deadline_passed("refund")).then(told, look_again(20))
    both = given(*waiting, wanted(TWO)).when(deadline_passed("refund"))
    assert both.process.case == f"no outcome yet of the refund {ONE}, {TWO}; it goes on being tried"
    after = given(*waiting, deadline_passed("refund"), refunded(ONE)).process_now
    assert (after.cases, after.deadlines) == ((), given(*CONFIRMED).process_now.deadlines)


def test_its_deadline_stands_beside_that_of_the_order() -> None:
    process = given(*CONFIRMED, wanted(ONE), CANCELLATION_REQUESTED).process_now
    due = START + timedelta(minutes=5)
    assert process.deadlines == (Deadline("compensation", due), Deadline("refund", due))
    assert given(*CONFIRMED, wanted(ONE), refunded(ONE)).when(deadline_passed("refund")).process.cases == ()


def test_a_refund_that_the_provider_takes_for_another_request_is_a_case() -> None:
    told = answer(PaymentCallPostponed, "refund", attempt=1, cause="undo_refused", detail="it says no")
    given(*CONFIRMED, wanted(ONE)).when(told.model_copy(update={"request_id": ONE})).then(
        case("refund_unfinished", "it says no", outlasts_undoing=True)
    )


@pytest.mark.parametrize(("amount", "ends"), [("6.00", True), (None, False)])
def test_an_answer_that_differs_is_a_case_and_ends_a_refund_only_if_money_moved(amount: str | None, ends: bool) -> None:
    differed = PaymentAnswerDiffered(
        originator_id=STREAM,
        originator_version=11,
        order_id=ORDER,
        request_id=ONE,
        operation="refund",
        asked="5.00 EUR",
        answered="gave 6.00 EUR back",
        status="refunded",
        authorization_id="auth-1",
        amount=Money.of(amount, "EUR") if amount else None,
    )
    told = case("answer_differed", "the payment provider gave 6.00 EUR back instead of 5.00 EUR", outlasts_undoing=True)
    expected = [settled(ONE, "failed"), told] if ends else [told]
    given(*CONFIRMED, wanted(ONE)).when(differed).then(*expected)


def test_a_person_ends_a_refund_whose_outcome_nobody_learns() -> None:
    overdue = given(*CONFIRMED, wanted(ONE), deadline_passed("refund"))
    (skip,) = intervene(overdue.process_now, "skip", Sealed("done by hand"))
    assert skip.requests == (f"partial refund:{ONE}",)
    overdue.when(skip).then(event(RefundSkipped, order_id=ORDER, request_ids=(ONE,)))
    ended = not_refunded(ONE).model_copy(update={"reason": SKIPPED})
    after = given(*CONFIRMED, wanted(ONE), deadline_passed("refund"), skip).when(ended)
    after.then(settled(ONE, "failed"))
    assert (after.process.cases, possible_actions(after.process)) == ((), [])
    with pytest.raises(InterventionRejected, match="nothing is asked for that one can skip"):
        intervene(after.process, "skip", Sealed("once more"))
    both = given(*CONFIRMED, wanted(ONE), wanted(TWO)).process_now
    with pytest.raises(InterventionRejected, match=f"name the request: one of partial refund:{ONE}, partial"):
        intervene(both, "skip", Sealed("which?"))


def test_the_outcome_of_a_refund_is_not_taken_for_that_of_an_undo() -> None:
    """Or an order would count as undone for which the provider still keeps money."""
    undoing = (*CONFIRMED, wanted(ONE), CANCELLATION_REQUESTED, STOPPED)
    given(*undoing).when(refunded(ONE)).then(settled(ONE, "refunded"))
    given(*undoing, refunded(ONE)).when(REFUNDED).then(undone("capture"), asked("release"))


def test_an_order_that_was_refunded_in_parts_is_cancelled_when_nothing_is_left_to_give_back() -> None:
    closed = answer(PaymentClosed, "refund")
    undoing = (*CONFIRMED, wanted(ONE), refunded(ONE), CANCELLATION_REQUESTED, STOPPED)
    given(*undoing).when(closed).then(undone("capture"), asked("release"))
    given(*undoing, closed).when(RELEASED).then(
        undone("stock"), compensated("cancelled", "cancelled"), commands=[CancelOrder()]
    )


def test_once_all_are_settled_the_time_of_the_next_begins_anew() -> None:
    waiting = (*CONFIRMED, wanted(ONE), deadline_passed("refund"), deadline_passed("refund"), refunded(ONE))
    given(*waiting).when(wanted(TWO)).then(
        event(PartialRefundRequested, order_id=ORDER, request_id=TWO, amount=EUR_5), look_again(5)
    )
    overdue = given(*waiting, wanted(TWO)).when(deadline_passed("refund"))
    assert [one.due_at for one in overdue.process.deadlines if one.name == "refund"] == [LATER + timedelta(minutes=10)]
    assert [one.name for one in overdue.before.deadlines] == [] if overdue.before else False
