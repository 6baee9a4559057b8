"""The rules of a shipment."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from commerce.eventstore import Event
from commerce.outside.call_state import call_unanswered
from commerce.shipping import decisions
from commerce.shipping import shipment as shipping
from commerce.shipping.errors import (
    BookingHeld,
    CancellationPending,
    ShipmentNotAttempted,
    ShipmentNotDispatched,
    ShipmentNotOpen,
    ShipmentNotScheduled,
)
from commerce.shipping.events import (
    BookingAttempted,
    BookingOutcomeUnknown,
    ShipmentAnswerDiffered,
    ShipmentCallUnanswered,
    ShipmentCancellationAttempted,
    ShipmentCancellationRefused,
    ShipmentCancelled,
    ShipmentClosed,
    ShipmentDelivered,
    ShipmentDispatched,
    ShipmentEvent,
    ShipmentRefused,
    ShipmentScheduled,
)
from commerce.shipping.shipment import Booking, Shipment, ShipmentStatus, ShippingOperation, evolve, fold
from commerce.shipping.undo_plan import (
    AskCarrier,
    CancelBooking,
    CloseShipment,
    ShipmentLeft,
    ShipmentUndone,
    Undo,
    next_undo_step,
)
from commerce.values import ids
from commerce.values.errors import RuleBroken
from tests.unit.scenario import SomethingElse, Told, decision_table, event, placed_in

ORDER = UUID("11111111-1111-5111-8111-111111111111")
SHIPMENT = ids.shipment_id(ORDER)
SCHEDULE = ShippingOperation.SCHEDULE
BOOK = UUID(int=1)
UNDO = UUID(int=2)
OTHER = UUID(int=3)
BOOKING = Booking("book-1", "T1", "Swift", date(2026, 12, 1))


def asked_to_book(attempt: int) -> ShipmentEvent:
    return event(BookingAttempted, order_id=ORDER, request_id=BOOK, attempt=attempt)


def asked_to_cancel(attempt: int, request: UUID = UNDO) -> ShipmentEvent:
    return event(ShipmentCancellationAttempted, order_id=ORDER, request_id=request, attempt=attempt)


scheduled = event(
    ShipmentScheduled,
    order_id=ORDER,
    request_id=BOOK,
    booking_id="book-1",
    tracking_number="T1",
    carrier="Swift",
    estimated_delivery=date(2026, 12, 1),
)
refused = event(ShipmentRefused, order_id=ORDER, request_id=BOOK, reason="country not served")
unknown = event(BookingOutcomeUnknown, order_id=ORDER, request_id=BOOK, attempts=1)
cancelled = event(ShipmentCancelled, order_id=ORDER, request_id=UNDO)
cancellation_refused = event(ShipmentCancellationRefused, order_id=ORDER, request_id=UNDO, reason="dispatched")
closed = event(ShipmentClosed, order_id=ORDER, request_id=UNDO)
dispatched = event(ShipmentDispatched, order_id=ORDER)
delivered = event(ShipmentDelivered, order_id=ORDER)


def differed(operation: str, request: UUID, booking: str | None) -> ShipmentAnswerDiffered:
    return event(
        ShipmentAnswerDiffered,
        order_id=ORDER,
        request_id=request,
        operation=operation,
        asked="a shipment",
        answered="did something else",
        booking_id=booking,
    )


booked_wrongly = differed("book", BOOK, "book-2")
booked_for_another = differed("book", BOOK, None)
dropped_another = differed("cancel", UNDO, None)

given = Told(fold, SHIPMENT)

SCHEDULED: list[ShipmentEvent] = [asked_to_book(1), scheduled]
PAST: dict[str, Sequence[ShipmentEvent]] = {
    "booking": [asked_to_book(1)],
    "scheduled": SCHEDULED,
    "refused": [asked_to_book(1), refused],
    "unknown": [asked_to_book(1), unknown],
    "cancelling": [*SCHEDULED, asked_to_cancel(1)],
    "cancelled": [*SCHEDULED, asked_to_cancel(1), cancelled],
    "carrier kept it": [*SCHEDULED, asked_to_cancel(1), cancellation_refused],
    "dispatched": [*SCHEDULED, dispatched],
    "too late to cancel": [*SCHEDULED, dispatched, cancellation_refused],
    "delivered": [*SCHEDULED, dispatched, delivered],
    "closed first": [closed],
    "closed": [asked_to_book(1), closed],
    "scheduled after all": [asked_to_book(1), closed, scheduled],
    "booked wrongly": [asked_to_book(1), booked_wrongly],
    "booked for another": [asked_to_book(1), booked_for_another],
    "wrongly after all": [asked_to_book(1), closed, booked_wrongly],
    "dropped another": [*SCHEDULED, asked_to_cancel(1), dropped_another],
}

Command = Callable[[Shipment], Sequence[Event]]
COMMANDS: dict[str, tuple[Command, ShipmentEvent]] = {
    "book": (lambda shipment: decisions.book(shipment, ORDER, BOOK), asked_to_book(2)),
    "scheduled": (lambda shipment: decisions.scheduled(shipment, BOOK, BOOKING), scheduled),
    "refused": (lambda shipment: decisions.refused(shipment, BOOK, "country not served"), refused),
    "give up": (lambda shipment: decisions.unknown(shipment, BOOK), unknown),
    "cancel": (lambda shipment: decisions.cancel(shipment, UNDO), asked_to_cancel(1)),
    "cancelled": (lambda shipment: decisions.cancelled(shipment, UNDO), cancelled),
    "refuse": (lambda shipment: decisions.cancellation_refused(shipment, UNDO, "dispatched"), cancellation_refused),
    "close": (lambda shipment: decisions.close(shipment, ORDER, UNDO), closed),
    "dispatch": (shipping.dispatch, dispatched),
    "deliver": (shipping.deliver, delivered),
}
RULES = {
    "not open": ShipmentNotOpen,
    "no booking": ShipmentNotScheduled,
    "no attempt": ShipmentNotAttempted,
    "pending": CancellationPending,
    "not left": ShipmentNotDispatched,
    "held": BookingHeld,
}
BOOKING_IT = decision_table("""
                    | book     | scheduled  | refused    | give up    | dispatch   | deliver
booking             | again    | event       | event       | event       | no booking | not left
scheduled           | -        | -          | -          | -          | event       | not left
refused             | -        | not open   | -          | -          | no booking | not left
unknown             | -        | event       | -          | -          | no booking | not left
cancelling          | -        | -          | -          | -          | pending    | not left
cancelled           | -        | -          | -          | -          | no booking | not left
carrier kept it     | -        | -          | -          | -          | event       | not left
dispatched          | -        | -          | -          | -          | -          | event
too late to cancel  | -        | -          | -          | -          | -          | event
delivered           | -        | -          | -          | -          | -          | -
closed first        | not open | no attempt | no attempt | no attempt | pending    | not left
closed              | not open | event       | -          | -          | pending    | not left
scheduled after all | -        | -          | -          | -          | pending    | not left
booked wrongly      | -        | -          | -          | -          | no booking | not left
booked for another  | -        | event       | -          | -          | no booking | not left
wrongly after all   | -        | -          | -          | -          | pending    | not left
dropped another     | -        | -          | -          | -          | pending    | not left
""")
UNDOING_IT = decision_table("""
                    | cancel     | cancelled  | refuse     | close
booking             | no booking | no attempt | no attempt | event
scheduled           | event       | no attempt | no attempt | held
refused             | no booking | no attempt | no attempt | event
unknown             | no booking | no attempt | no attempt | event
cancelling          | again      | event       | event       | held
cancelled           | -          | -          | -          | -
carrier kept it     | -          | -          | -          | held
dispatched          | not open   | no attempt | event       | held
too late to cancel  | -          | -          | -          | held
delivered           | not open   | no attempt | event       | held
closed first        | -          | -          | -          | -
closed              | -          | -          | -          | -
scheduled after all | event       | no attempt | no attempt | held
booked wrongly      | event       | no attempt | no attempt | held
booked for another  | no booking | no attempt | no attempt | event
wrongly after all   | event       | no attempt | no attempt | held
dropped another     | again      | event       | event       | held
""")
TABLE = BOOKING_IT + UNDOING_IT


@pytest.mark.parametrize(("past", "command", "cell"), TABLE)
def test_each_command_is_answered_by_where_the_shipment_is(past: str, command: str, cell: str) -> None:
    decide, event_of_it = COMMANDS[command]
    decided = given(*PAST[past]).when(decide)
    if cell in RULES:
        decided.then_breaks(RULES[cell])
    elif cell == "-":
        decided.then_nothing_new()
    else:
        decided.then(event_of_it.model_copy(update={"attempt": 2}) if cell == "again" else event_of_it)


def test_the_tables_have_every_past_and_every_command() -> None:
    assert {(past, command) for past, command, _ in TABLE} == {(past, command) for past in PAST for command in COMMANDS}
    assert {given.state(*events).status for events in PAST.values()} == set(ShipmentStatus)


@pytest.mark.parametrize(
    ("past", "status"),
    [
        ("booking", "booking"),
        ("scheduled", "scheduled"),
        ("refused", "refused"),
        ("unknown", "unknown"),
        ("cancelling", "cancelling"),
        ("cancelled", "cancelled"),
        ("carrier kept it", "scheduled"),
        ("dispatched", "dispatched"),
        ("too late to cancel", "dispatched"),
        ("delivered", "delivered"),
        ("closed first", "closed"),
        ("closed", "closed"),
        ("scheduled after all", "scheduled"),
        ("booked wrongly", "differed"),
        ("booked for another", "differed"),
        ("dropped another", "cancelling"),
    ],
)
def test_the_last_event_says_where_a_shipment_stands(past: str, status: str) -> None:
    assert given.state(*PAST[past]).status == status


@pytest.mark.parametrize(
    ("past", "next_step"),
    [
        ("booking", AskCarrier(BOOK)),
        ("scheduled", CancelBooking("book-1")),
        ("refused", CloseShipment()),
        ("unknown", AskCarrier(BOOK)),
        ("cancelling", CancelBooking("book-1")),
        ("booked wrongly", CancelBooking("book-2")),
        ("booked for another", AskCarrier(BOOK)),
        ("wrongly after all", CancelBooking("book-2")),
        ("dropped another", CancelBooking("book-1")),
        ("cancelled", ShipmentUndone()),
        ("carrier kept it", CancelBooking("book-1")),
        ("dispatched", ShipmentLeft()),
        ("too late to cancel", ShipmentLeft()),
        ("delivered", ShipmentLeft()),
        ("closed first", ShipmentUndone()),
        ("closed", ShipmentUndone()),
        ("scheduled after all", CancelBooking("book-1")),
    ],
)
def test_an_undo_is_decided_from_where_the_shipment_is(past: str, next_step: Undo) -> None:
    assert next_undo_step(given.state(*PAST[past])) == next_step


def test_a_shipment_that_was_never_begun_is_undone_by_closing_it() -> None:
    assert next_undo_step(None) == CloseShipment()


def test_a_shipment_begins_with_an_attempted_booking() -> None:
    given().when(decisions.book, ORDER, BOOK).then(asked_to_book(1))


def test_an_undo_that_comes_first_closes_the_shipment() -> None:
    given().when(decisions.close, ORDER, UNDO).then(closed)


def test_another_request_does_not_book_a_shipment_again() -> None:
    given(asked_to_book(1)).when(decisions.book, ORDER, OTHER).then_breaks(ShipmentNotOpen)


@pytest.mark.parametrize(
    "decide",
    [
        lambda it: decisions.scheduled(it, OTHER, BOOKING),
        lambda it: decisions.refused(it, OTHER, "country not served"),
        lambda it: decisions.unknown(it, OTHER),
        lambda it: decisions.cancelled(it, OTHER),
        lambda it: decisions.cancellation_refused(it, OTHER, "dispatched"),
    ],
)
@pytest.mark.parametrize("past", ["booking", "scheduled", "cancelling"])
def test_an_outcome_belongs_to_the_request_that_was_attempted(past: str, decide: Command) -> None:
    given(*PAST[past]).when(decide).then_breaks(
        ShipmentNotAttempted, f"request {OTHER} was never attempted; record the attempt before the call"
    )


@pytest.mark.parametrize(
    "decide",
    [
        lambda it: decisions.cancel(it, OTHER),
        lambda it: decisions.cancelled(it, OTHER),
        lambda it: decisions.cancellation_refused(it, OTHER, "dispatched"),
    ],
)
def test_a_cancelled_shipment_stays_cancelled_whatever_is_asked(decide: Command) -> None:
    given(*PAST["cancelled"]).when(decide).then_nothing_new()


def test_after_the_carrier_kept_a_shipment_another_request_may_try_to_cancel_it() -> None:
    given(*PAST["carrier kept it"]).when(decisions.cancel, OTHER).then(asked_to_cancel(1, OTHER))


def test_a_given_up_booking_says_how_often_it_was_attempted() -> None:
    given(asked_to_book(1), asked_to_book(2)).when(decisions.unknown, BOOK).then(
        unknown.model_copy(update={"attempts": 2})
    )


@pytest.mark.parametrize(
    ("past", "command", "text"),
    [
        ("closed", "book", f"the shipment of order {ORDER} is closed; a booking is not possible any more"),
        ("refused", "scheduled", f"the shipment of order {ORDER} is refused; a booking is not possible any more"),
        (
            "dispatched",
            "cancel",
            f"the shipment of order {ORDER} is dispatched; a cancellation is not possible any more",
        ),
        ("unknown", "cancel", f"the shipment of order {ORDER} is unknown; wait until the carrier has scheduled it"),
        ("booking", "dispatch", f"the shipment of order {ORDER} is booking; wait until the carrier has scheduled it"),
        ("cancelling", "dispatch", f"the shipment of order {ORDER} is being cancelled; keep the shipment back"),
        ("scheduled", "deliver", f"the shipment of order {ORDER} is scheduled; record its dispatch first"),
        ("scheduled", "close", f"the shipment of order {ORDER} is scheduled; cancel its booking instead of closing it"),
    ],
)
def test_a_rejection_says_what_is_in_the_way(past: str, command: str, text: str) -> None:
    with pytest.raises(RuleBroken) as caught:
        COMMANDS[command][0](given.state(*PAST[past]))
    assert str(caught.value) == text


def test_a_scheduled_shipment_keeps_what_the_carrier_promised() -> None:
    shipment = given.state(*SCHEDULED)
    assert (shipment.order_id, shipment.booking) == (ORDER, BOOKING)


def test_a_consumer_sees_how_often_it_tried_and_whether_there_is_an_outcome() -> None:
    trying = given.state(asked_to_book(1), asked_to_book(2))
    assert (trying.attempts(SCHEDULE, BOOK), trying.attempts(SCHEDULE, OTHER), trying.answered) == (2, 0, frozenset())
    assert given.state(*SCHEDULED, asked_to_cancel(1), asked_to_cancel(2)).attempts(ShippingOperation.CANCEL, UNDO) == 2
    assert given.state(*PAST["refused"]).answered == {BOOK}
    assert given.state(*PAST["carrier kept it"]).answered == {BOOK, UNDO}
    assert given.state(*PAST["cancelled"]).answered == {BOOK, UNDO}


def test_a_closed_shipment_names_the_undo_that_closed_it() -> None:
    assert given.state(closed).closed_by == UNDO
    assert given.state(closed).answered == {UNDO}


def test_a_booking_found_after_the_closing_leaves_the_undo_without_its_outcome_again() -> None:
    shipment = given.state(*PAST["scheduled after all"])
    assert (shipment.closed_by, shipment.answered) == (UNDO, frozenset({BOOK}))


every_event = st.sampled_from([one for events in PAST.values() for one in events])


@for_all(st.lists(every_event, max_size=10))
def test_applying_events_never_fails_whatever_their_order(events: list[ShipmentEvent]) -> None:
    shipment = given(*events).state
    if shipment is not None:
        assert shipment.version == len(events)
        next_undo_step(shipment)


def test_a_event_of_another_kind_changes_nothing_but_the_version() -> None:
    shipment = given.state(closed)
    [foreign] = placed_in(SHIPMENT, [event(SomethingElse)], after=1)
    assert evolve(shipment, foreign) == replace(shipment, version=2)
    assert evolve(None, foreign) is None


def test_folding_goes_on_from_a_state() -> None:
    assert given.state(*SCHEDULED) == fold(placed_in(SHIPMENT, [scheduled], after=1), given.state(asked_to_book(1)))


@pytest.mark.parametrize(
    ("past", "operation", "request_id", "attempt"),
    [("booking", SCHEDULE, BOOK, 1), ("cancelling", ShippingOperation.CANCEL, UNDO, 1), ("closed", SCHEDULE, BOOK, 1)],
)
def test_a_call_without_an_answer_is_noted_for_the_last_attempt_of_its_request_and_changes_nothing(
    past: str, operation: ShippingOperation, request_id: UUID, attempt: int
) -> None:
    before = PAST[past]
    noted = event(ShipmentCallUnanswered, order_id=ORDER, request_id=request_id, attempt=attempt, detail="silence")
    given(*before).when(call_unanswered, ShipmentCallUnanswered, operation, request_id, "silence").then(noted)
    assert given.state(*before, noted) == replace(given.state(*before), version=len(before) + 1)


def test_a_call_without_an_answer_counts_attempts() -> None:
    past = [asked_to_book(1), asked_to_book(2)]
    noted = event(ShipmentCallUnanswered, order_id=ORDER, request_id=BOOK, attempt=2, detail="silence")
    given(*past).when(call_unanswered, ShipmentCallUnanswered, SCHEDULE, BOOK, "silence").then(noted)


@pytest.mark.parametrize("past", ["scheduled", "refused", "unknown", "closed first"])
def test_a_call_without_an_answer_is_not_noted_after_the_outcome_nor_without_an_attempt(past: str) -> None:
    given(*PAST[past]).when(call_unanswered, ShipmentCallUnanswered, SCHEDULE, BOOK, "silence").then_nothing_new()


def test_an_answer_that_differs_is_put_on_record_once() -> None:
    given(asked_to_book(1)).when(decisions.answer_differed, booked_wrongly).then(booked_wrongly)
    given(*PAST["booked wrongly"]).when(decisions.answer_differed, booked_wrongly).then_nothing_new()
    given(*PAST["cancelling"]).when(decisions.answer_differed, dropped_another).then(dropped_another)
    given(*PAST["dropped another"]).when(decisions.answer_differed, dropped_another).then_nothing_new()


@pytest.mark.parametrize("past", ["scheduled", "refused", "cancelled"])
def test_an_answer_that_differs_does_not_change_what_is_known(past: str) -> None:
    given(*PAST[past]).when(decisions.answer_differed, booked_wrongly).then_nothing_new()


def test_a_wrong_booking_that_the_carrier_kept_stays_a_wrong_one() -> None:
    kept = given.state(*PAST["booked wrongly"], asked_to_cancel(1), cancellation_refused)
    assert kept.status == "differed"
