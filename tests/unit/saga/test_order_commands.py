"""A process's commands, handled by the rules of the order."""

from __future__ import annotations

import pytest

from commerce.eventstore import Event, in_stream
from commerce.ordering.disputes import OrderDispute
from commerce.ordering.events import (
    OrderCancellationRefused,
    OrderCancelled,
    OrderConfirmed,
    OrderDelivered,
    OrderDisputeClosed,
    OrderDisputed,
    OrderRejected,
    OrderShipped,
)
from commerce.ordering.order import Order, fold
from commerce.saga.order_commands import (
    CancelOrder,
    CloseDispute,
    DeliverOrder,
    DisputeOrder,
    OrderCommand,
    RejectCancellation,
    RejectOrder,
    ShipOrder,
    handle_order_commands,
)
from commerce.values.errors import RuleBroken
from tests.unit.saga.inputs import ARRIVES, CONFIRM, EUR_30, LATER, ORDER, cancellation_requested, placed


def stream(*kinds: Event) -> Order:
    """An order that was placed, and what followed."""
    events = [placed(), *kinds]
    order = fold(one.model_copy(update={"originator_version": version}) for version, one in enumerate(events, start=1))
    assert order is not None
    return order


CONFIRMED_EVENT = OrderConfirmed(
    originator_id=ORDER,
    originator_version=0,
    tracking_number="TRACK-1",
    carrier="Swift",
    estimated_delivery=ARRIVES,
)
OPEN = stream()
STANDING = stream(CONFIRMED_EVENT)
CANCELLING = stream(CONFIRMED_EVENT, cancellation_requested())
CANCELLING_UNCONFIRMED = stream(cancellation_requested())


def topics(order: Order, *commands: OrderCommand) -> list[str]:
    after, events = handle_order_commands(order, commands)
    assert after == fold(events, order)
    assert [event.originator_version for event in events] == list(
        range(order.version + 1, order.version + 1 + len(events))
    )
    return [event.TOPIC for event in events]


def test_an_order_is_confirmed_with_what_the_carrier_said() -> None:
    _, events = handle_order_commands(OPEN, [CONFIRM])
    assert events == [CONFIRMED_EVENT.model_copy(update={"originator_version": 2})]


def test_an_order_is_rejected_with_its_reason() -> None:
    _, events = handle_order_commands(OPEN, [RejectOrder("timed_out")])
    assert events == [OrderRejected(originator_id=ORDER, originator_version=2, reason="timed_out")]


def test_an_order_is_shipped_and_delivered() -> None:
    assert topics(STANDING, ShipOrder()) == [OrderShipped.TOPIC]
    assert topics(STANDING, ShipOrder(), DeliverOrder()) == [OrderShipped.TOPIC, OrderDelivered.TOPIC]


def test_an_order_is_cancelled() -> None:
    assert topics(CANCELLING, CancelOrder()) == [OrderCancelled.TOPIC]


def test_a_rejected_cancellation_is_followed_by_what_had_to_wait_for_it() -> None:
    commands = (RejectCancellation("dispatched"), ShipOrder(), DeliverOrder())
    assert topics(CANCELLING, *commands) == [OrderCancellationRefused.TOPIC, OrderShipped.TOPIC, OrderDelivered.TOPIC]


@pytest.mark.parametrize("command", [CONFIRM, RejectOrder("timed_out")])
def test_an_open_order_that_is_being_cancelled_waits_for_what_becomes_of_that(command: OrderCommand) -> None:
    assert topics(CANCELLING_UNCONFIRMED, command) == []


@pytest.mark.parametrize("command", [ShipOrder(), DeliverOrder()])
def test_a_confirmed_order_that_is_being_cancelled_waits_for_what_becomes_of_that(command: OrderCommand) -> None:
    assert topics(CANCELLING, command) == []


@pytest.mark.parametrize("order", [STANDING, CANCELLING])
def test_a_dispute_is_shown_once_and_how_it_ends_once_whatever_becomes_of_the_order(order: Order) -> None:
    dispute = OrderDispute("dp_1", "open", EUR_30, "fraudulent", LATER)
    disputed, events = handle_order_commands(order, [DisputeOrder(dispute), DisputeOrder(dispute)])
    told = OrderDisputed(dispute_id="dp_1", amount=EUR_30, reason="fraudulent", answer_by=LATER)
    assert events == in_stream([told], ORDER, after=order.version)
    _, events = handle_order_commands(disputed, [CloseDispute("dp_1", "won"), CloseDispute("dp_1", "won")])
    assert events == in_stream([OrderDisputeClosed(dispute_id="dp_1", outcome="won")], ORDER, after=order.version + 1)
    assert handle_order_commands(order, [CloseDispute("dp_1", "won")]) == (order, [])


def test_a_command_against_the_rules_of_the_order_is_not_hushed_up() -> None:
    for command in (CancelOrder(), RejectCancellation("dispatched"), DeliverOrder()):
        with pytest.raises(RuleBroken):
            handle_order_commands(STANDING, [command])


def test_without_an_order_there_is_nothing_to_carry_out() -> None:
    assert handle_order_commands(None, [ShipOrder()]) == (None, [])
