"""A process's wishes, carried out by the rules of the order."""

from __future__ import annotations

import pytest

from commerce.errors import RuleBroken
from commerce.eventstore.event import Event
from commerce.ordering.events import (
    OrderCancellationRefused,
    OrderCancelled,
    OrderConfirmed,
    OrderDelivered,
    OrderRejected,
    OrderShipped,
)
from commerce.ordering.order import Order, fold
from commerce.saga.order_wishes import carry_out
from commerce.saga.reaction import Cancel, Deliver, OrderWish, RefuseCancellation, Reject, Ship
from tests.unit.saga.inputs import ARRIVES, CONFIRM, ORDER, cancellation_requested, placed


def stream(*kinds: Event) -> Order:
    """An order that was placed, and what followed."""
    facts = [placed(), *kinds]
    order = fold(one.model_copy(update={"originator_version": version}) for version, one in enumerate(facts, start=1))
    assert order is not None
    return order


CONFIRMED_FACT = OrderConfirmed(
    originator_id=ORDER,
    originator_version=0,
    tracking_number="TRACK-1",
    carrier="Swift",
    estimated_delivery=ARRIVES,
)
OPEN = stream()
STANDING = stream(CONFIRMED_FACT)
CANCELLING = stream(CONFIRMED_FACT, cancellation_requested())
CANCELLING_UNCONFIRMED = stream(cancellation_requested())


def topics(order: Order, *wishes: OrderWish) -> list[str]:
    after, facts = carry_out(order, wishes)
    assert after == fold(facts, order)
    assert [fact.originator_version for fact in facts] == list(range(order.version + 1, order.version + 1 + len(facts)))
    return [fact.TOPIC for fact in facts]


def test_an_order_is_confirmed_with_what_the_carrier_said() -> None:
    _, facts = carry_out(OPEN, [CONFIRM])
    assert facts == [CONFIRMED_FACT.model_copy(update={"originator_version": 2})]


def test_an_order_is_rejected_with_its_reason() -> None:
    _, facts = carry_out(OPEN, [Reject("timed_out")])
    assert facts == [OrderRejected(originator_id=ORDER, originator_version=2, reason="timed_out")]


def test_an_order_is_shipped_and_delivered() -> None:
    assert topics(STANDING, Ship()) == [OrderShipped.TOPIC]
    assert topics(STANDING, Ship(), Deliver()) == [OrderShipped.TOPIC, OrderDelivered.TOPIC]


def test_an_order_is_cancelled() -> None:
    assert topics(CANCELLING, Cancel()) == [OrderCancelled.TOPIC]


def test_a_refused_cancellation_is_followed_by_what_had_to_wait_for_it() -> None:
    wishes = (RefuseCancellation("dispatched"), Ship(), Deliver())
    assert topics(CANCELLING, *wishes) == [OrderCancellationRefused.TOPIC, OrderShipped.TOPIC, OrderDelivered.TOPIC]


@pytest.mark.parametrize("wish", [CONFIRM, Reject("timed_out")])
def test_an_open_order_that_is_being_cancelled_waits_for_what_becomes_of_that(wish: OrderWish) -> None:
    assert topics(CANCELLING_UNCONFIRMED, wish) == []


@pytest.mark.parametrize("wish", [Ship(), Deliver()])
def test_a_confirmed_order_that_is_being_cancelled_waits_for_what_becomes_of_that(wish: OrderWish) -> None:
    assert topics(CANCELLING, wish) == []


def test_a_wish_against_the_rules_of_the_order_is_not_hushed_up() -> None:
    for wish in (Cancel(), RefuseCancellation("dispatched"), Deliver()):
        with pytest.raises(RuleBroken):
            carry_out(STANDING, [wish])


def test_without_an_order_there_is_nothing_to_carry_out() -> None:
    assert carry_out(None, [Ship()]) == (None, [])
