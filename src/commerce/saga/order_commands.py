"""What a process wants done with its order, and how that is handled, in the process manager's own transaction."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from commerce.eventstore import in_stream
from commerce.ordering import disputes
from commerce.ordering import order as ordering
from commerce.ordering.disputes import OrderDispute
from commerce.ordering.events import OrderEvent
from commerce.ordering.order import Order, OrderStatus
from commerce.values.dispute import DisputeOutcome


@dataclass(frozen=True, slots=True)
class ConfirmOrder:
    """The order is to be confirmed."""

    tracking_number: str
    carrier: str
    estimated_delivery: date


@dataclass(frozen=True, slots=True)
class RejectOrder:
    """The order is to be rejected."""

    reason: str


@dataclass(frozen=True, slots=True)
class CancelOrder:
    """The order is to be cancelled, as somebody asked."""


@dataclass(frozen=True, slots=True)
class RejectCancellation:
    """The order is to stand as it did."""

    cause: str


@dataclass(frozen=True, slots=True)
class ShipOrder:
    """The order is to be shipped."""


@dataclass(frozen=True, slots=True)
class DeliverOrder:
    """The order is to be delivered."""


@dataclass(frozen=True, slots=True)
class DisputeOrder:
    """The order is to show that what was paid is disputed."""

    dispute: OrderDispute


@dataclass(frozen=True, slots=True)
class CloseDispute:
    """The order is to show how a dispute ended."""

    dispute_id: str
    outcome: DisputeOutcome


OrderCommand = (
    ConfirmOrder
    | RejectOrder
    | CancelOrder
    | RejectCancellation
    | ShipOrder
    | DeliverOrder
    | DisputeOrder
    | CloseDispute
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
    further on in the log, and what the process decides on it settles everything else. Disputes change no status.
    """
    is_cancelling = order.status is OrderStatus.CANCELLING
    events: list[OrderEvent] = []
    match command:
        case CancelOrder():
            events = ordering.cancel(order)
        case RejectCancellation():
            events = ordering.reject_cancellation(order, command.cause)
        case DisputeOrder():
            events = disputes.note_dispute(order.disputes, command.dispute)
        case CloseDispute():
            events = disputes.note_dispute_closed(order.disputes, command.dispute_id, command.outcome)
        case ConfirmOrder() if not is_cancelling:
            events = ordering.confirm(order, command.tracking_number, command.carrier, command.estimated_delivery)
        case RejectOrder() if not is_cancelling:
            events = ordering.reject(order, command.reason)
        case ShipOrder() if not is_cancelling:
            events = ordering.ship(order)
        case DeliverOrder() if not is_cancelling:
            events = ordering.deliver(order)
    return events
