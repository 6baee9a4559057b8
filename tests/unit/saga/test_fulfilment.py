"""The shipment of a confirmed order leaves, and arrives."""

from __future__ import annotations

from commerce.saga.events import ParcelDelivered, ParcelDispatched
from commerce.saga.order_commands import DeliverOrder, ShipOrder
from tests.unit.saga.inputs import (
    AUTHORIZED,
    BOOKED_OUT,
    CAPTURED,
    CONFIRMED,
    DELIVERED,
    DISPATCHED,
    RUN_UP,
    SCHEDULED,
    SHORT,
    line,
    placed,
)
from tests.unit.saga.scenario import asked, event, given


def test_a_shipment_that_left_has_its_pieces_booked_out_and_the_order_shipped() -> None:
    given(*CONFIRMED).when(DISPATCHED).then(event(ParcelDispatched), asked("dispatch"), commands=[ShipOrder()])


def test_a_shipment_without_anything_reserved_has_nothing_to_book_out() -> None:
    postage = placed((line("POSTAGE", 1, "30.00", stocked=False),))
    given(postage, AUTHORIZED, SCHEDULED, CAPTURED).when(DISPATCHED).then(
        event(ParcelDispatched), commands=[ShipOrder()]
    )


def test_nothing_is_waited_for_when_the_pieces_are_booked_out() -> None:
    assert given(*CONFIRMED).when(DISPATCHED).process.awaits is None
    given(*CONFIRMED, DISPATCHED).when(BOOKED_OUT).then_nothing()


def test_a_shipment_that_arrived_delivers_the_order() -> None:
    given(*CONFIRMED, DISPATCHED).when(DELIVERED).then(event(ParcelDelivered), commands=[DeliverOrder()])


def test_a_shipment_leaves_and_arrives_once() -> None:
    given(*CONFIRMED, DISPATCHED).when(DISPATCHED).then_nothing()
    given(*CONFIRMED, DISPATCHED, DELIVERED).when(DISPATCHED).then_nothing()
    given(*CONFIRMED, DISPATCHED, DELIVERED).when(DELIVERED).then_nothing()


def test_a_shipment_cannot_arrive_before_it_left() -> None:
    given(*CONFIRMED).when(DELIVERED).then_nothing()


def test_no_shipment_leaves_before_the_order_is_confirmed() -> None:
    given(*RUN_UP).when(DISPATCHED).then_nothing()
    given(placed(), SHORT).when(DISPATCHED).then_nothing()
