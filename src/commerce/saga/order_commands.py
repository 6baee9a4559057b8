"""Carries out a process's commands on the order, in the process manager's own transaction."""

from __future__ import annotations

from collections.abc import Iterable

from commerce.eventstore import in_stream
from commerce.ordering import order as ordering
from commerce.ordering.events import OrderEvent
from commerce.ordering.order import Order, OrderStatus
from commerce.saga.decision import (
    CancelOrder,
    ConfirmOrder,
    DeliverOrder,
    OrderCommand,
    RejectCancellation,
    RejectOrder,
    ShipOrder,
)


def handle_order_commands(
    order: Order | None, commands: Iterable[OrderCommand]
) -> tuple[Order | None, list[OrderEvent]]:
    """The order after these commands, and the events that made it so. Raises `RuleBroken` where the order's rules
    forbid one."""
    events: list[OrderEvent] = []
    for command in commands:
        decided = [] if order is None else in_stream(_decide(order, command), order.id, after=order.version)
        order = ordering.fold(decided, order)
        events += decided
    return order, events


def _decide(order: Order, command: OrderCommand) -> list[OrderEvent]:
    """Ask the order's rules.

    While its cancellation is asked for, an order is only cancelled, or told that this is rejected: the request stands
    further on in the log, and what the process decides on it settles everything else.
    """
    is_cancelling = order.status is OrderStatus.CANCELLING
    events: list[OrderEvent] = []
    match command:
        case CancelOrder():
            events = ordering.cancel(order)
        case RejectCancellation():
            events = ordering.refuse_cancellation(order, command.cause)
        case ConfirmOrder() if not is_cancelling:
            events = ordering.confirm(order, command.tracking_number, command.carrier, command.estimated_delivery)
        case RejectOrder() if not is_cancelling:
            events = ordering.reject(order, command.reason)
        case ShipOrder() if not is_cancelling:
            events = ordering.ship(order)
        case DeliverOrder() if not is_cancelling:
            events = ordering.deliver(order)
    return events
