"""What became of each step, by the events of a process."""

from __future__ import annotations

from datetime import timedelta

from commerce.saga.events import ProcessStarted
from commerce.saga.step_statuses import StepStatus, step_statuses
from commerce.values.money import Money
from tests.unit.saga.inputs import EUR_30, ORDER, START, WANTED
from tests.unit.saga.scenario import (
    Expected,
    asked,
    booked,
    compensated,
    compensating,
    event,
    failed,
    succeeded,
    undone,
)


def started(total: Money = EUR_30) -> Expected:
    return event(ProcessStarted, order_id=ORDER, total=total, payment_method="pm_card_ok", wanted=WANTED)


def statuses(*events: Expected) -> list[StepStatus]:
    made = (make(version) for version, make in enumerate(events, start=1))
    return step_statuses((one, START + timedelta(seconds=number)) for number, one in enumerate(made, start=1))


def states(*events: Expected) -> list[str]:
    return [f"{one.step} {one.state}" for one in statuses(*events)]


def test_steps_are_done_one_by_one_and_what_is_asked_for_names_its_request() -> None:
    history = (started(), asked("reserve"), succeeded("stock"), asked("authorize"))
    assert states(*history) == ["stock done", "authorization asked", "shipment ahead", "capture ahead"]
    stock, authorization, shipment, _ = statuses(*history)
    assert (stock.since, stock.request) == (START + timedelta(seconds=3), None)
    assert (authorization.what, authorization.request) == ("authorise the payment", "authorize")
    assert (shipment.since, shipment.reason) == (None, None)


def test_an_order_that_is_free_has_no_steps_of_payment() -> None:
    assert states(started(Money.of("0.00", "EUR"))) == ["stock ahead", "shipment ahead"]


def test_what_failed_says_why_and_what_is_not_begun_is_left_out() -> None:
    past = (started(), asked("reserve"), succeeded("stock"), asked("authorize"))
    history = (*past, failed("authorization", "payment_declined"), compensating("payment_declined"), asked("release"))
    assert states(*history) == ["stock undoing", "authorization failed", "shipment left_out", "capture left_out"]
    assert [one.reason for one in statuses(*history)] == [None, "payment_declined", None, None]
    assert statuses(*history)[0].request == "release"
    ended = (*history, undone("stock"), compensated("payment_declined"))
    assert states(*ended)[0] == "stock undone"


def test_money_that_is_given_back_leaves_nothing_of_its_authorisation() -> None:
    done = (started(), succeeded("stock"), succeeded("authorization"), booked(), asked("capture"), succeeded("capture"))
    history = (*done, compensating("cancelled", "cancelled"), asked("refund"), undone("capture"))
    assert states(*history) == ["stock done", "authorization undone", "shipment done", "capture undone"]
