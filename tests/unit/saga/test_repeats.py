"""What was handled before, comes late, or was never asked for is followed by nothing."""

from __future__ import annotations

from itertools import pairwise
from typing import cast
from uuid import UUID

import pytest

from commerce.eventstore import Event
from commerce.ordering.events import OrderShipped
from commerce.payments.events import PaymentCaptured, PaymentRefunded
from commerce.saga.request_events import StepName
from commerce.saga.step_definition import AboutRequest
from tests.unit.saga.inputs import (
    AUTHORIZATION_UNKNOWN,
    AUTHORIZED,
    BOOKING_UNKNOWN,
    CANCELLATION_REQUESTED,
    CAPTURE_DECLINED,
    CAPTURE_UNKNOWN,
    CAPTURED,
    CLOSED_BY_REFUND,
    CLOSED_BY_VOID,
    CONFIRMED,
    DECLINED,
    DELIVERED,
    DISPATCHED,
    EUR_30,
    NEVER_BOOKED,
    ORDER,
    REFUNDED,
    REFUSED,
    RELEASED,
    RESERVED,
    RUN_UP,
    SCHEDULED,
    SHORT,
    STOPPED,
    TOO_LATE,
    VOIDED,
    VOIDED_BY_REFUND,
    answer,
    placed,
)
from tests.unit.saga.scenario import given

WAYS: tuple[tuple[Event, ...], ...] = (
    (*CONFIRMED, DISPATCHED, DELIVERED),
    (*CONFIRMED, CANCELLATION_REQUESTED, STOPPED, REFUNDED, RELEASED),
    (placed(), SHORT),
    (placed(), RESERVED, DECLINED, RELEASED),
    (placed(), RESERVED, AUTHORIZATION_UNKNOWN, CLOSED_BY_VOID, RELEASED),
    (placed(), RESERVED, AUTHORIZED, REFUSED, VOIDED, RELEASED),
    (placed(), RESERVED, AUTHORIZED, BOOKING_UNKNOWN, NEVER_BOOKED, VOIDED, RELEASED),
    (*RUN_UP, CAPTURE_UNKNOWN, STOPPED, VOIDED_BY_REFUND, RELEASED),
)
"""Every way through the process, from placed to its end."""

FORWARD: tuple[Event, ...] = (
    RESERVED,
    SHORT,
    AUTHORIZED,
    DECLINED,
    AUTHORIZATION_UNKNOWN,
    SCHEDULED,
    REFUSED,
    BOOKING_UNKNOWN,
    CAPTURED,
    CAPTURE_UNKNOWN,
    CAPTURE_DECLINED,
)
BACK: tuple[Event, ...] = (
    STOPPED,
    NEVER_BOOKED,
    TOO_LATE,
    REFUNDED,
    VOIDED_BY_REFUND,
    CLOSED_BY_REFUND,
    VOIDED,
    CLOSED_BY_VOID,
    RELEASED,
)
LATE: dict[UUID, StepName] = {
    AUTHORIZED.request_id: "authorization",
    SCHEDULED.request_id: "shipment",
    CAPTURED.request_id: "capture",
}
BEGINNINGS = list(dict.fromkeys(way[:end] for way in WAYS for end in range(1, len(way) + 1)))


def name(events: tuple[Event, ...]) -> str:
    return "-".join(type(one).__name__ for one in events)


@pytest.mark.parametrize("way", BEGINNINGS, ids=name)
def test_every_event_counts_once(way: tuple[Event, ...]) -> None:
    for one in way:
        given(*way).when(one).then_nothing()


@pytest.mark.parametrize("way", BEGINNINGS, ids=name)
def test_an_answer_counts_only_while_its_request_is_waited_for(way: tuple[Event, ...]) -> None:
    process = given(*way).process_now
    for one in (*FORWARD, *BACK):
        request_id = cast(AboutRequest, one).request_id
        if LATE.get(request_id) in process.unheard - process.held and process.completion is not None:
            continue  # it tells that a step was done after it was given up: see test_late
        if process.awaits is None or request_id != process.request_id(process.awaits):
            given(*way).when(one).then_nothing()


def test_an_answer_to_somebody_elses_request_is_not_ours() -> None:
    """Such as a refund that an operator asked for while the process waits for its own."""
    cancelling = (*CONFIRMED, CANCELLATION_REQUESTED, STOPPED)
    given(*cancelling).when(answer(PaymentRefunded, "reserve", amount=EUR_30)).then_nothing()


def test_an_answer_that_does_not_fit_the_request_is_not_taken_for_one() -> None:
    given(placed(), RESERVED).when(answer(PaymentRefunded, "authorize", amount=EUR_30)).then_nothing()
    given(placed(), RESERVED, DECLINED).when(answer(PaymentCaptured, "release", amount=EUR_30)).then_nothing()


def test_an_order_whose_placing_was_not_read_has_no_process() -> None:
    for one in (RESERVED, CANCELLATION_REQUESTED, DISPATCHED, DELIVERED):
        given().when(one).then_nothing()


def test_events_that_are_no_business_of_the_process_are_passed_over() -> None:
    given(*CONFIRMED).when(OrderShipped(originator_id=ORDER, originator_version=3)).then_nothing()


def test_no_request_is_ever_issued_twice() -> None:
    for way in WAYS:
        asked_for = [one.request_id for one in given(*way).stated if hasattr(one, "request_id")]
        assert len(asked_for) == len(set(asked_for))


def test_the_events_of_a_process_are_numbered_without_a_gap() -> None:
    for way in WAYS:
        assert all(
            after.originator_version == one.originator_version + 1 for one, after in pairwise(given(*way).stated)
        )
