"""Bugs that other shops had with money and stock, each as what a process does instead."""

from __future__ import annotations

from uuid import uuid4

import pytest

from commerce.payments import decisions
from commerce.payments.errors import PaymentNotOpen
from commerce.payments.events import PaymentRefunded
from commerce.saga.order_commands import RejectOrder
from commerce.values import ids
from tests.unit.payments.test_refunds import UNDO, Paid
from tests.unit.saga.inputs import (
    CAPTURED,
    CONFIRMED,
    DISPATCHED,
    EUR_30,
    ORDER,
    REFUNDED,
    RELEASED,
    RUN_UP,
    STOPPED,
    deadline_passed,
)
from tests.unit.saga.scenario import asked, compensated, given, undone


def test_an_expired_order_whose_payment_went_through_is_refunded_before_it_is_rejected() -> None:
    expired = (*RUN_UP, deadline_passed("order"))
    given(*expired).when(CAPTURED).then_nothing()
    given(*expired, CAPTURED).when(STOPPED).then(undone("shipment"), asked("refund"))
    given(*expired, CAPTURED, STOPPED, REFUNDED).when(RELEASED).then(
        undone("stock"), compensated("timed_out"), commands=[RejectOrder("timed_out")]
    )


def test_money_is_given_back_under_its_own_request_and_no_other_refund_settles_it() -> None:
    undoing = (*RUN_UP, deadline_passed("order"), STOPPED)
    other = PaymentRefunded(
        originator_id=ids.payment_id(ORDER), originator_version=9, order_id=ORDER, request_id=uuid4(), amount=EUR_30
    )
    given(*undoing).when(other).then_nothing()


def test_an_outcome_that_comes_three_times_settles_once() -> None:
    given(*CONFIRMED).when(CAPTURED).then_nothing()
    given(*CONFIRMED, CAPTURED).when(CAPTURED).then_nothing()


def test_stock_leaves_once_however_often_the_dispatch_is_told() -> None:
    given(*CONFIRMED, DISPATCHED).when(DISPATCHED).then_nothing()


def test_captured_money_is_not_voided() -> None:
    with pytest.raises(PaymentNotOpen, match="a void"):
        decisions.void(Paid().now, UNDO)
