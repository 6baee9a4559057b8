"""Bugs that other shops had with money and stock, each as what happens instead.

What shows only with a provider stands in `integration/workers`: a refund that is failed only after the provider was
asked (`test_refunds`), money that is no order's (`test_webhooks`, `test_reconciliation`).
"""

from __future__ import annotations

from uuid import uuid4

import pytest

from commerce.payments import decisions
from commerce.payments.errors import PaymentNotOpen
from commerce.payments.events import PaymentRefunded
from commerce.saga.order_commands import RejectOrder
from commerce.values import ids
from tests.unit.payments.test_refunds import AUTHORIZE, CAPTURE, UNDO, Paid
from tests.unit.saga.inputs import (
    AUTHORIZED,
    CAPTURED,
    CONFIRM,
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
from tests.unit.saga.scenario import asked, compensated, given, succeeded, undone
from tests.unit.saga.test_customer import WAITING
from workers.notifications import DURABLE


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


def test_an_order_is_confirmed_to_its_customer_after_everything_that_may_still_be_undone() -> None:
    for place, event in enumerate(CONFIRMED):
        commands = given(*CONFIRMED[:place]).when(event).reaction.commands
        assert list(commands) == ([CONFIRM] if event is CAPTURED else [])
    assert "events.ordering.OrderPlaced" not in DURABLE.only


def test_what_is_paid_when_its_time_is_over_is_not_cancelled_as_unpaid() -> None:
    over = (*WAITING, deadline_passed("customer"))
    given(*over).when(AUTHORIZED).then(succeeded("authorization"), asked("schedule"))


def test_an_outcome_that_comes_three_times_settles_once() -> None:
    given(*CONFIRMED).when(CAPTURED).then_nothing()
    given(*CONFIRMED, CAPTURED).when(CAPTURED).then_nothing()


def test_what_an_answer_and_a_message_tell_happens_once() -> None:
    paid = Paid().now
    assert decisions.authorized(paid, AUTHORIZE, "auth-1") == []
    assert decisions.captured(paid, CAPTURE) == []


def test_stock_leaves_once_however_often_the_dispatch_is_told() -> None:
    given(*CONFIRMED, DISPATCHED).when(DISPATCHED).then_nothing()


def test_captured_money_is_not_voided() -> None:
    with pytest.raises(PaymentNotOpen, match="a void"):
        decisions.void(Paid().now, UNDO)
