"""The table of steps is whole, and a step that an order takes several times is kept apart by its key."""

from __future__ import annotations

from typing import get_args

import pytest

from commerce.eventstore import Event, in_stream
from commerce.saga.compensation import next_undo
from commerce.saga.definitions import DEFINITIONS, REQUESTS, told_request
from commerce.saga.events import ProcessEvent
from commerce.saga.process import Process, evolve
from commerce.saga.request_events import Requested, ShipmentCancellationRequested, ShipmentRequested, StepName
from commerce.saga.step_definition import Occurrence, Step, occurrence_key
from commerce.saga.step_events import ShipmentBooked, StepFailed, StepUndone
from commerce.saga.steps import DISPATCH, SHIPMENT, STEPS
from commerce.values import ids
from tests.unit.saga.inputs import ARRIVES, ORDER, PROCESS, placed
from tests.unit.saga.scenario import given


class Keyed(Event):
    """What a later version of an event adds: which shipment it is about."""

    shipment: str

    @property
    def key(self) -> str:
        return self.shipment


class OneRequested(Keyed, ShipmentRequested):
    """One of several shipments is to be booked."""


class OneBooked(Keyed, ShipmentBooked):
    """One of several shipments is booked."""


class OneFailed(Keyed, StepFailed):
    """One of several shipments cannot be booked."""


class OneCancellationRequested(Keyed, ShipmentCancellationRequested):
    """One of several shipments is to be stopped."""


class OneUndone(Keyed, StepUndone):
    """One of several shipments is stopped."""


def requested(shipment: str) -> OneRequested:
    request_id = ids.request_id(PROCESS, SHIPMENT.request.occurrence(shipment))
    return OneRequested(order_id=ORDER, request_id=request_id, shipment=shipment)


def stopping(shipment: str) -> OneCancellationRequested:
    request_id = ids.request_id(PROCESS, SHIPMENT.undo.occurrence(shipment))
    return OneCancellationRequested(order_id=ORDER, request_id=request_id, shipment=shipment)


def booked(shipment: str) -> OneBooked:
    return OneBooked(shipment=shipment, tracking_number=shipment, carrier="Swift", estimated_delivery=ARRIVES)


def after(
    *events: OneRequested | OneBooked | OneFailed | OneCancellationRequested | OneUndone,
) -> Process:
    process = given(placed()).process_now
    for event in in_stream(events, PROCESS, after=process.version):
        process = evolve(process, event)
    return process


def test_two_shipments_are_asked_for_and_answered_apart() -> None:
    process = after(requested("a"), booked("a"), requested("b"))
    assert process.awaits == "schedule:b"
    assert process.held == {"stock", "shipment:a", "shipment:b"}
    assert process.unheard == {"stock", "shipment:b"}


def test_a_shipment_that_fails_leaves_the_other_as_it_is() -> None:
    process = after(
        requested("a"), booked("a"), requested("b"), OneFailed(shipment="b", step="shipment", reason="full")
    )
    assert process.held == {"stock", "shipment:a"}
    assert next_undo(process) == "cancel shipment:a"


def test_two_shipments_are_undone_one_after_the_other() -> None:
    both = (requested("a"), booked("a"), requested("b"), booked("b"))
    assert next_undo(after(*both)) == "cancel shipment:a"
    undone = (*both, stopping("a"), OneUndone(shipment="a", step="shipment"))
    assert after(*both, stopping("a")).awaits == "cancel shipment:a"
    assert after(*undone).held == {"stock", "shipment:b"}
    assert next_undo(after(*undone)) == "cancel shipment:b"


def test_a_request_is_known_by_its_name_and_key_and_without_a_key_as_it_always_was() -> None:
    process = given(placed()).process_now
    assert process.request_id(SHIPMENT.request.occurrence()) == ids.request_id(PROCESS, "schedule")
    found = {process.request_id(SHIPMENT.request.occurrence(key)) for key in ("", "a", "b")}
    assert len(found) == 3


def test_a_step_and_its_key_are_found_again() -> None:
    for definition in DEFINITIONS.values():
        for step in definition.steps:
            for name in (step.occurrence("a"), *(request.occurrence("a") for request in step.requests)):
                assert (definition.step_of(name), occurrence_key(name)) == (step, "a")
        assert definition.request_named(DISPATCH.occurrence()) == DISPATCH


def test_every_step_has_a_row_and_its_own_turn_on_the_way_back() -> None:
    assert {step.name for step in STEPS} == set(get_args(StepName))
    assert len({step.undo_turn for step in STEPS}) == len(STEPS)


def test_every_request_has_a_row_and_its_own_name() -> None:
    assert {request.event for request in REQUESTS} == {
        kind for kind in get_args(ProcessEvent) if issubclass(kind, Requested)
    }
    assert len({request.name for request in REQUESTS}) == len(REQUESTS)


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
def test_what_is_asked_of_a_party_has_a_subject_and_a_sign_of_the_attempt(step: Step) -> None:
    for request in step.requests:
        assert (request.subject is not None) == (request.attempted is not None) == (step.party is not None)


def test_what_is_asked_of_a_party_goes_where_it_always_went() -> None:
    """The subjects are a contract with the broker's users, and the attempts tell the relay that a message arrived."""
    assert {
        (request.subject, request.event.TOPIC, request.attempted.TOPIC) for request in REQUESTS if request.attempted
    } == {
        ("commands.payments.authorize", "saga.AuthorizationRequested", "payments.AuthorizationAttempted"),
        ("commands.payments.capture", "saga.CaptureRequested", "payments.CaptureAttempted"),
        ("commands.payments.void", "saga.VoidRequested", "payments.VoidAttempted"),
        ("commands.payments.refund", "saga.RefundRequested", "payments.RefundAttempted"),
        ("commands.payments.refund", "saga.PartialRefundRequested", "payments.RefundAttempted"),
        ("commands.shipping.schedule", "saga.ShipmentRequested", "shipping.BookingAttempted"),
        ("commands.shipping.cancel", "saga.ShipmentCancellationRequested", "shipping.CancellationAttempted"),
    }


def test_a_request_is_told_by_its_name_whatever_its_key() -> None:
    assert told_request(Occurrence("capture:a")) == told_request(Occurrence("capture")) == "the money to be taken"
    assert told_request(Occurrence("unheard of")) == "unheard of"
