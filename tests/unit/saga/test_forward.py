"""The way from placed to confirmed, and each way in which it can fail."""

from __future__ import annotations

from datetime import timedelta

from commerce.inventory.events import Quantity
from commerce.saga.events import ProcessCompleted, ProcessStarted
from commerce.saga.order_commands import RejectOrder
from commerce.saga.process import Stage
from commerce.values.money import Money
from tests.unit.saga.inputs import (
    AUTHORIZATION_UNKNOWN,
    AUTHORIZED,
    BOOKING_UNKNOWN,
    CAPTURE_DECLINED,
    CAPTURE_UNKNOWN,
    CAPTURED,
    CONFIRM,
    DECLINED,
    EUR_30,
    LATER,
    ORDER,
    REFUSED,
    RESERVED,
    RUN_UP,
    SCHEDULED,
    SHORT,
    STOPPED,
    WANTED,
    line,
    placed,
)
from tests.unit.saga.scenario import (
    Expected,
    asked,
    booked,
    compensated,
    compensating,
    deadline,
    event,
    failed,
    given,
    succeeded,
    undo_by,
    undone,
)


def started(total: Money = EUR_30, wanted: tuple[Quantity, ...] = WANTED) -> Expected:
    return event(ProcessStarted, order_id=ORDER, total=total, payment_method="pm_card_ok", wanted=wanted)


ORDER_DEADLINE = deadline("order", LATER + timedelta(minutes=15))


def test_an_order_that_was_placed_first_has_its_stock_reserved_each_sku_once() -> None:
    given().when(placed()).then(started(), ORDER_DEADLINE, asked("reserve"))


def test_an_order_of_nothing_stocked_goes_on_to_the_payment() -> None:
    postage = placed((line("POSTAGE", 1, "30.00", stocked=False),))
    given().when(postage).then(started(wanted=()), ORDER_DEADLINE, asked("authorize"))


def test_an_order_of_nothing_stocked_that_costs_nothing_only_needs_a_shipment() -> None:
    free = placed((line("LEAFLET", 1, "0", stocked=False),), total="0")
    nothing = Money.of("0", "EUR")
    given().when(free).then(started(nothing, ()), ORDER_DEADLINE, asked("schedule"))
    given(free).when(SCHEDULED).then(booked(), event(ProcessCompleted), commands=[CONFIRM])


def test_reserved_stock_leads_to_the_authorisation() -> None:
    given(placed()).when(RESERVED).then(succeeded("stock"), asked("authorize"))


def test_an_order_that_costs_nothing_is_neither_authorised_nor_captured() -> None:
    free = placed((line("TEA", 3, "0"), line("CUP", 1, "0")), total="0")
    given(free).when(RESERVED).then(succeeded("stock"), asked("schedule"))
    given(free, RESERVED).when(SCHEDULED).then(booked(), event(ProcessCompleted), commands=[CONFIRM])


def test_an_authorised_payment_leads_to_the_shipment() -> None:
    given(placed(), RESERVED).when(AUTHORIZED).then(succeeded("authorization"), asked("schedule"))


def test_a_booked_shipment_leads_to_the_capture() -> None:
    given(placed(), RESERVED, AUTHORIZED).when(SCHEDULED).then(booked(), asked("capture"))


def test_captured_money_completes_the_process_and_confirms_the_order() -> None:
    given(*RUN_UP).when(CAPTURED).then(succeeded("capture"), event(ProcessCompleted), commands=[CONFIRM])


def test_a_completed_process_waits_for_nothing_and_has_no_deadline() -> None:
    process = given(*RUN_UP).when(CAPTURED).process
    assert (process.stage, process.awaits, process.deadline) == (Stage.COMPLETED, None, None)


def test_too_little_stock_rejects_the_order_at_once_as_there_is_nothing_to_undo() -> None:
    given(placed()).when(SHORT).then(
        failed("stock", "out_of_stock"), compensated("out_of_stock"), commands=[RejectOrder("out_of_stock")]
    )


def test_a_declined_payment_has_the_stock_released() -> None:
    given(placed(), RESERVED).when(DECLINED).then(
        failed("authorization", "payment_declined"), compensating("payment_declined"), undo_by(), asked("release")
    )


def test_a_declined_payment_of_an_order_without_stock_rejects_it_at_once() -> None:
    given(placed((line("POSTAGE", 1, "30.00", stocked=False),))).when(DECLINED).then(
        failed("authorization", "payment_declined"),
        compensated("payment_declined"),
        commands=[RejectOrder("payment_declined")],
    )


def test_an_authorisation_nobody_knows_of_is_voided() -> None:
    given(placed(), RESERVED).when(AUTHORIZATION_UNKNOWN).then(
        failed("authorization", "payment_unavailable", known=False),
        compensating("payment_unavailable"),
        undo_by(),
        asked("void"),
    )


def test_a_rejected_shipment_has_the_payment_voided() -> None:
    given(placed(), RESERVED, AUTHORIZED).when(REFUSED).then(
        failed("shipment", "shipping_unavailable"), compensating("shipping_unavailable"), undo_by(), asked("void")
    )


def test_a_booking_nobody_knows_of_is_cancelled_first() -> None:
    given(placed(), RESERVED, AUTHORIZED).when(BOOKING_UNKNOWN).then(
        failed("shipment", "shipping_unavailable", known=False),
        compensating("shipping_unavailable"),
        undo_by(),
        asked("cancel shipment"),
    )


def test_a_capture_nobody_knows_of_has_the_shipment_stopped_before_money_moves() -> None:
    given(*RUN_UP).when(CAPTURE_UNKNOWN).then(
        failed("capture", "payment_unavailable", known=False),
        compensating("payment_unavailable"),
        undo_by(),
        asked("cancel shipment"),
    )


def test_a_declined_capture_leaves_an_authorisation_to_void() -> None:
    given(*RUN_UP).when(CAPTURE_DECLINED).then(
        failed("capture", "payment_declined"), compensating("payment_declined"), undo_by(), asked("cancel shipment")
    )
    given(*RUN_UP, CAPTURE_DECLINED).when(STOPPED).then(undone("shipment"), asked("void"))


def test_an_order_that_costs_nothing_waits_for_nothing_once_its_shipment_is_booked() -> None:
    process = given(placed((line("TEA", 1, "0.00"),), "0.00"), RESERVED, SCHEDULED).process_now
    assert (process.stage, process.awaits) == (Stage.COMPLETED, None)
