"""Cancelling an order at every stage of its process."""

from __future__ import annotations

import pytest

from commerce.eventstore import Event
from commerce.saga.events import CompensationAbandoned, ParcelDispatched
from commerce.saga.order_commands import CancelOrder, DeliverOrder, OrderCommand, RejectCancellation, ShipOrder
from commerce.saga.process import Stage
from tests.unit.saga.inputs import (
    AUTHORIZED,
    CANCELLATION_REQUESTED,
    CONFIRMED,
    DECLINED,
    DELIVERED,
    DISPATCHED,
    NEVER_BOOKED,
    REFUNDED,
    RELEASED,
    RESERVED,
    RUN_UP,
    SCHEDULED,
    STOPPED,
    TOO_LATE,
    line,
    placed,
)
from tests.unit.saga.scenario import asked, compensated, compensating, event, given, undo_by, undone

CANCELLING = (*CONFIRMED, CANCELLATION_REQUESTED)


@pytest.mark.parametrize(
    ("behind", "undo"),
    [
        ((placed(),), "release"),
        ((placed(), RESERVED), "void"),
        ((placed(), RESERVED, AUTHORIZED), "cancel shipment"),
        (RUN_UP, "cancel shipment"),
        (CONFIRMED, "cancel shipment"),
    ],
)
def test_a_cancellation_undoes_what_is_done_and_what_is_in_flight(behind: tuple[Event, ...], undo: str) -> None:
    given(*behind).when(CANCELLATION_REQUESTED).then(compensating("cancelled", "cancelled"), undo_by(), asked(undo))


def test_a_confirmed_order_is_undone_in_reverse_and_cancelled_last() -> None:
    given(*CANCELLING).when(STOPPED).then(undone("shipment"), asked("refund"))
    given(*CANCELLING, STOPPED).when(REFUNDED).then(undone("capture"), asked("release"))
    given(*CANCELLING, STOPPED, REFUNDED).when(RELEASED).then(
        undone("stock"), compensated("cancelled", "cancelled"), commands=[CancelOrder()]
    )


def test_a_confirmed_order_that_cost_nothing_is_cancelled_without_a_refund() -> None:
    free = (placed((line("TEA", 3, "0"), line("CUP", 1, "0")), total="0"), RESERVED, SCHEDULED, CANCELLATION_REQUESTED)
    given(*free).when(NEVER_BOOKED).then(undone("shipment"), asked("release"))
    given(*free, NEVER_BOOKED).when(RELEASED).then(
        undone("stock"), compensated("cancelled", "cancelled"), commands=[CancelOrder()]
    )


def test_a_cancellation_asked_for_twice_is_one() -> None:
    given(placed(), CANCELLATION_REQUESTED).when(CANCELLATION_REQUESTED).then_nothing()
    given(*CANCELLING).when(CANCELLATION_REQUESTED).then_nothing()
    given(placed(), CANCELLATION_REQUESTED, RELEASED).when(CANCELLATION_REQUESTED).then_nothing()


def test_an_order_that_is_being_rejected_ends_cancelled_when_somebody_asks_for_it() -> None:
    behind = (placed(), RESERVED, DECLINED)
    given(*behind).when(CANCELLATION_REQUESTED).then(compensating("cancelled", "cancelled"))
    given(*behind, CANCELLATION_REQUESTED).when(CANCELLATION_REQUESTED).then_nothing()
    given(*behind, CANCELLATION_REQUESTED).when(RELEASED).then(
        undone("stock"), compensated("cancelled", "cancelled"), commands=[CancelOrder()]
    )


def test_a_cancellation_during_a_rejection_keeps_what_is_waited_for_and_its_deadline() -> None:
    before = given(placed(), RESERVED, DECLINED).process_now
    after = given(placed(), RESERVED, DECLINED).when(CANCELLATION_REQUESTED).process
    assert (after.awaits, after.deadline, after.stage) == (before.awaits, before.deadline, Stage.COMPENSATING)
    assert after.deadline is not None


def test_a_cancellation_that_the_log_holds_behind_the_end_of_a_rejection_cancels() -> None:
    """The order was `cancelling` already when it was to be rejected, so it was not."""
    behind = (placed(), RESERVED, DECLINED, RELEASED)
    given(*behind).when(CANCELLATION_REQUESTED).then(compensated("cancelled", "cancelled"), commands=[CancelOrder()])
    given(*behind, CANCELLATION_REQUESTED).when(CANCELLATION_REQUESTED).then_nothing()


def test_a_shipment_that_cannot_be_stopped_leaves_the_order_as_it_was() -> None:
    given(*CANCELLING).when(TOO_LATE).then(
        event(CompensationAbandoned, cause="out for delivery"), commands=[RejectCancellation("out for delivery")]
    )
    process = given(*CANCELLING).when(TOO_LATE).process
    assert (process.stage, process.awaits, process.deadline, process.completion) == (Stage.COMPLETED, None, None, None)


def test_a_rejected_cancellation_is_rejected_again_without_asking_the_carrier() -> None:
    given(*CANCELLING, TOO_LATE).when(CANCELLATION_REQUESTED).then(commands=[RejectCancellation("out for delivery")])


def test_a_dispatch_after_the_rejection_ships_the_order() -> None:
    given(*CANCELLING, TOO_LATE).when(DISPATCHED).then(
        event(ParcelDispatched), asked("dispatch"), commands=[ShipOrder()]
    )


def test_a_shipment_that_leaves_while_its_cancellation_is_asked_for_settles_it() -> None:
    given(*CANCELLING).when(DISPATCHED).then(
        event(CompensationAbandoned, cause="dispatched"),
        event(ParcelDispatched),
        asked("dispatch"),
        commands=[RejectCancellation("dispatched"), ShipOrder()],
    )
    given(*CANCELLING, DISPATCHED).when(TOO_LATE).then_nothing()
    given(*CANCELLING, DISPATCHED).when(DISPATCHED).then_nothing()


@pytest.mark.parametrize(
    ("behind", "commands"),
    [
        ((DISPATCHED,), [RejectCancellation("dispatched"), ShipOrder()]),
        ((DISPATCHED, DELIVERED), [RejectCancellation("delivered"), ShipOrder(), DeliverOrder()]),
    ],
)
def test_a_cancellation_behind_the_dispatch_is_rejected_and_the_order_told_what_it_could_not_be_told_before(
    behind: tuple[Event, ...], commands: list[OrderCommand]
) -> None:
    given(*CONFIRMED, *behind).when(CANCELLATION_REQUESTED).then(commands=commands)


def test_a_dispatch_of_a_shipment_that_was_stopped_means_nothing() -> None:
    given(*CANCELLING, STOPPED).when(DISPATCHED).then_nothing()
    given(placed(), RESERVED, AUTHORIZED, CANCELLATION_REQUESTED).when(DISPATCHED).then_nothing()
