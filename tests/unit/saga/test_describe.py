"""What an order waits for, in plain words."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import cast

import pytest

from commerce.eventstore import Append, Event
from commerce.saga.description import AwaitedStep, awaited_parties, waiting_for
from commerce.saga.events import CompensationStarted, ProcessEvent
from commerce.saga.process import evolve
from commerce.saga.step_definition import Occurrence
from tests.unit.saga.inputs import (
    AUTHORIZATION_UNKNOWN,
    AUTHORIZED,
    BOOKING_UNKNOWN,
    CANCELLATION_REQUESTED,
    CAPTURE_UNKNOWN,
    CLOSED_BY_VOID,
    CONFIRMED,
    DECLINED,
    DELIVERED,
    DISPATCHED,
    ORDER,
    PROCESS,
    REFUSED,
    RELEASED,
    RESERVED,
    RUN_UP,
    SHORT,
    START,
    STOPPED,
    line,
    placed,
)
from tests.unit.saga.log import OUTSIDE, Log
from tests.unit.saga.scenario import given

PAST = START + timedelta(minutes=15)
UNDO_PAST = START + timedelta(minutes=5)


@pytest.mark.parametrize(
    ("behind", "what", "next_"),
    [
        ((placed(),), "the stock to be reserved", "authorise the payment"),
        ((placed(), RESERVED), "the payment to be authorised", "book the shipment"),
        ((placed(), RESERVED, AUTHORIZED), "the carrier to take the shipment", "take the money"),
        (RUN_UP, "the money to be taken", "confirm the order"),
    ],
)
def test_on_the_way_forward(behind: tuple[Event, ...], what: str, next_: str) -> None:
    assert waiting_for(given(*behind).process_now) == AwaitedStep(what, next_, PAST)


@pytest.mark.parametrize(
    ("behind", "what", "next_"),
    [
        ((placed(), RESERVED, DECLINED), "the stock to be released", "reject the order (payment_declined)"),
        ((placed(), RESERVED, AUTHORIZED, REFUSED), "the payment to be let go", "release the stock"),
        ((*RUN_UP, CAPTURE_UNKNOWN), "the shipment to be stopped", "give the money back"),
        ((*RUN_UP, CAPTURE_UNKNOWN, STOPPED), "the money to be given back", "release the stock"),
        ((placed(), RESERVED, AUTHORIZED, BOOKING_UNKNOWN), "the shipment to be stopped", "let go of the payment"),
        ((placed(), CANCELLATION_REQUESTED), "the stock to be released", "cancel the order"),
    ],
)
def test_on_the_way_back(behind: tuple[Event, ...], what: str, next_: str) -> None:
    assert waiting_for(given(*behind).process_now) == AwaitedStep(what, next_, UNDO_PAST)


@pytest.mark.parametrize("behind", [(), (RESERVED,), (RESERVED, AUTHORIZED), (*RUN_UP[1:],)])
def test_whatever_event_of_a_process_was_the_last_it_can_be_said_what_it_waits_for(behind: tuple[Event, ...]) -> None:
    log, process = Log(), None
    for one in given(placed(), *behind, CANCELLATION_REQUESTED).stated:
        assert log.append([Append([one], ORDER, OUTSIDE)])
    for recorded in log.events:
        if recorded.stream == PROCESS:
            process = evolve(process, cast(ProcessEvent, recorded.event))
            waiting_for(process)


def test_an_order_without_stock_is_not_said_to_reserve_any() -> None:
    free = placed((line("LEAFLET", 1, "0", stocked=False),), total="0")
    assert waiting_for(given(free).process_now) == AwaitedStep(
        "the carrier to take the shipment", "confirm the order", PAST
    )


def test_after_confirmation() -> None:
    assert waiting_for(given(*CONFIRMED).process_now) == AwaitedStep("the shipment to be dispatched", "ship the order")
    dispatched = given(*CONFIRMED, DISPATCHED).process_now
    assert waiting_for(dispatched) == AwaitedStep("the shipment to arrive", "deliver the order")


def test_an_order_that_has_ended_waits_for_nothing() -> None:
    assert waiting_for(given(*CONFIRMED, DISPATCHED, DELIVERED).process_now) is None
    assert waiting_for(given(placed(), SHORT).process_now) is None


@pytest.mark.parametrize(
    ("events", "parties"),
    [
        ((placed(),), set()),
        ((placed(), RESERVED), {"payment provider"}),
        ((placed(), RESERVED, AUTHORIZED), {"carrier"}),
        (CONFIRMED, set()),
        ((placed(), RESERVED, AUTHORIZATION_UNKNOWN, CLOSED_BY_VOID, RELEASED, AUTHORIZED), {"payment provider"}),
    ],
    ids=["stock", "money", "shipment", "confirmed", "authorised late"],
)
def test_the_parties_that_an_order_waits_for(events: tuple[Event, ...], parties: set[str]) -> None:
    assert awaited_parties(given(*events).process_now) == parties


def test_all_that_came_to_light_late_is_waited_for_and_nothing_comes_after_it() -> None:
    process = given(placed(), RESERVED, AUTHORIZATION_UNKNOWN, CLOSED_BY_VOID, RELEASED, AUTHORIZED).process_now
    late = replace(process, late=frozenset({Occurrence("authorization"), Occurrence("shipment")}))
    waiting = waiting_for(late)
    assert waiting is not None
    assert (waiting.what, waiting.next) == (
        "the payment to be let go that was authorised late and the shipment to be stopped that the carrier took late",
        "nothing more",
    )


def test_between_the_beginning_of_the_undoing_and_its_first_request_that_comes_next() -> None:
    begun = evolve(
        given(placed(), RESERVED).process_now,
        CompensationStarted(originator_id=PROCESS, originator_version=6, reason="timed_out", outcome="rejected"),
    )
    waiting = waiting_for(begun)
    assert waiting is not None
    assert waiting.next == "let go of the payment"
