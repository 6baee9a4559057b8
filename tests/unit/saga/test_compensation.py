"""The way back: one undo after the other, the order's end last, and a person told when it takes too long."""

from __future__ import annotations

from datetime import timedelta

import pytest

from commerce.eventstore import Event
from commerce.saga.decide import react
from commerce.saga.order_commands import RejectOrder
from commerce.saga.process import Stage
from commerce.saga.process_decision import NOTHING
from tests.unit.saga.inputs import (
    AUTHORIZATION_UNKNOWN,
    AUTHORIZED,
    BOOKING_UNKNOWN,
    CAPTURE_UNKNOWN,
    CAPTURED,
    CLOSED_BY_REFUND,
    CLOSED_BY_VOID,
    CONFIRMED,
    DECLINED,
    LATER,
    LIMITS,
    NEVER_BOOKED,
    REFUNDED,
    REFUSED,
    RELEASED,
    RESERVED,
    RUN_UP,
    SHORT,
    STOPPED,
    TOO_LATE,
    VOIDED,
    VOIDED_BY_REFUND,
    deadline_passed,
    line,
    placed,
)
from tests.unit.saga.scenario import asked, case, compensated, compensating, deadline, given, undo_by, undone

STUCK = "the request to {} has no outcome yet; it goes on being tried"


@pytest.mark.parametrize("answered", [STOPPED, NEVER_BOOKED])
def test_a_stopped_shipment_has_the_authorisation_voided(answered: Event) -> None:
    given(placed(), RESERVED, AUTHORIZED, BOOKING_UNKNOWN).when(answered).then(undone("shipment"), asked("void"))


@pytest.mark.parametrize("answered", [VOIDED, CLOSED_BY_VOID])
def test_a_payment_that_was_let_go_has_the_stock_released(answered: Event) -> None:
    given(placed(), RESERVED, AUTHORIZED, REFUSED).when(answered).then(undone("authorization"), asked("release"))


@pytest.mark.parametrize("answered", [REFUNDED, VOIDED_BY_REFUND, CLOSED_BY_REFUND])
def test_a_capture_is_undone_whether_it_had_happened_or_not(answered: Event) -> None:
    scenario = given(*RUN_UP, CAPTURE_UNKNOWN)
    scenario.when(STOPPED).then(undone("shipment"), asked("refund"))
    given(*RUN_UP, CAPTURE_UNKNOWN, STOPPED).when(answered).then(undone("capture"), asked("release"))


def test_released_stock_is_the_end_and_only_then_the_order_is_rejected() -> None:
    given(placed(), RESERVED, DECLINED).when(RELEASED).then(
        undone("stock"), compensated("payment_declined"), commands=[RejectOrder("payment_declined")]
    )
    given(*RUN_UP, CAPTURE_UNKNOWN, STOPPED, REFUNDED).when(RELEASED).then(
        undone("stock"), compensated("payment_unavailable"), commands=[RejectOrder("payment_unavailable")]
    )


def test_an_order_without_stock_ends_when_its_payment_is_undone() -> None:
    postage = placed((line("POSTAGE", 1, "30.00", stocked=False),))
    given(postage, AUTHORIZATION_UNKNOWN).when(VOIDED).then(
        undone("authorization"), compensated("payment_unavailable"), commands=[RejectOrder("payment_unavailable")]
    )


def test_an_order_that_costs_nothing_has_no_payment_to_undo() -> None:
    free = placed((line("TEA", 3, "0"), line("CUP", 1, "0")), total="0")
    given(free, RESERVED, BOOKING_UNKNOWN).when(STOPPED).then(undone("shipment"), asked("release"))


def test_a_compensated_process_waits_for_nothing() -> None:
    process = given(placed(), RESERVED, DECLINED).when(RELEASED).process
    assert (process.stage, process.awaits, process.deadline, process.held) == (
        Stage.COMPENSATED,
        None,
        None,
        frozenset(),
    )


@pytest.mark.parametrize(
    ("behind", "undo"),
    [
        ((placed(),), "release"),
        ((placed(), RESERVED), "void"),
        ((placed(), RESERVED, AUTHORIZED), "cancel shipment"),
        (RUN_UP, "cancel shipment"),
    ],
)
def test_an_order_that_takes_too_long_is_undone_beginning_with_the_step_in_flight(
    behind: tuple[Event, ...], undo: str
) -> None:
    given(*behind).when(deadline_passed("order")).then(compensating("timed_out"), undo_by(), asked(undo))


def test_a_capture_in_flight_when_time_is_up_is_refunded_whatever_becomes_of_it() -> None:
    late = given(*RUN_UP, deadline_passed("order"))
    late.when(CAPTURED).then_nothing()
    given(*RUN_UP, deadline_passed("order"), CAPTURED).when(STOPPED).then(undone("shipment"), asked("refund"))


def test_a_deadline_that_passed_while_the_last_step_was_read_changes_nothing() -> None:
    given(*CONFIRMED).when(deadline_passed("order")).then_nothing()
    given(placed(), RESERVED, DECLINED).when(deadline_passed("order")).then_nothing()
    given(placed(), SHORT).when(deadline_passed("order")).then_nothing()


def test_an_undo_that_takes_too_long_becomes_a_case_and_is_waited_for_longer_each_time() -> None:
    behind: tuple[Event, ...] = (placed(), RESERVED, AUTHORIZED, REFUSED)
    for minutes in (10, 20, 40, 60, 60):
        again = deadline("compensation", LATER + timedelta(minutes=minutes))
        given(*behind).when(deadline_passed("compensation")).then(case("undo_unfinished", STUCK.format("void")), again)
        behind = (*behind, deadline_passed("compensation"))
    given(*behind).when(VOIDED).then(undone("authorization"), asked("release"))


def test_a_compensation_stuck_for_weeks_is_still_looked_at_every_hour() -> None:
    behind = (placed(), RESERVED, DECLINED, *[deadline_passed("compensation")] * 2_000)
    given(*behind).when(deadline_passed("compensation")).then(
        case("undo_unfinished", STUCK.format("release")), deadline("compensation", LATER + timedelta(hours=1))
    )


def test_the_same_passed_deadline_opens_one_case() -> None:
    decided = given(placed(), RESERVED, DECLINED).when(deadline_passed("compensation"))
    passed = deadline_passed("compensation")
    assert react(decided.process, passed, LATER, LIMITS) == NOTHING


def test_a_case_ends_with_the_compensation() -> None:
    stuck = (placed(), RESERVED, DECLINED, deadline_passed("compensation"))
    assert given(*stuck).process_now.case == STUCK.format("release")
    assert given(*stuck).when(RELEASED).process.case is None


def test_the_deadline_of_a_compensation_means_nothing_before_and_after_it() -> None:
    given(placed()).when(deadline_passed("compensation")).then_nothing()
    given(*CONFIRMED).when(deadline_passed("compensation")).then_nothing()
    given(placed(), RESERVED, DECLINED, RELEASED).when(deadline_passed("compensation")).then_nothing()


def test_a_deadline_nobody_set_means_nothing() -> None:
    given(placed()).when(deadline_passed("tea")).then_nothing()
    given(placed(), RESERVED, DECLINED).when(deadline_passed("tea")).then_nothing()


def test_a_shipment_that_cannot_be_stopped_before_the_order_was_confirmed_is_a_case_and_never_counts_as_undone() -> (
    None
):
    behind = (placed(), RESERVED, AUTHORIZED, BOOKING_UNKNOWN)
    detail = "the shipment of an order that was never confirmed cannot be stopped: out for delivery"
    given(*behind).when(TOO_LATE).then(case("undo_rejected", detail))
    given(*behind, TOO_LATE).when(TOO_LATE).then_nothing()
    given(*behind, TOO_LATE).when(STOPPED).then(undone("shipment"), asked("void"))
