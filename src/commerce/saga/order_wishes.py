"""Carries out a process's wishes on the order, in the process manager's own transaction."""

from __future__ import annotations

from collections.abc import Iterable

from commerce.ordering import order as ordering
from commerce.ordering.events import OrderEvent
from commerce.ordering.order import Order, Status
from commerce.saga.reaction import Cancel, Confirm, Deliver, OrderWish, RefuseCancellation, Reject, Ship


def carry_out(order: Order | None, wishes: Iterable[OrderWish]) -> tuple[Order | None, list[OrderEvent]]:
    """The order after these wishes, and the facts that made it so. Raises `RuleBroken` where the order's rules forbid one."""
    facts: list[OrderEvent] = []
    for wish in wishes:
        decided = [] if order is None else _decide(order, wish)
        order = ordering.fold(decided, order)
        facts += decided
    return order, facts


def _decide(order: Order, wish: OrderWish) -> list[OrderEvent]:
    """Ask the order's rules.

    While its cancellation is asked for, an order is only cancelled, or told that this is refused: the request stands further
    on in the log, and what the process decides on it settles everything else.
    """
    is_cancelling = order.status is Status.CANCELLING
    facts: list[OrderEvent] = []
    match wish:
        case Cancel():
            facts = ordering.cancel(order)
        case RefuseCancellation():
            facts = ordering.refuse_cancellation(order, wish.cause)
        case Confirm() if not is_cancelling:
            facts = ordering.confirm(order, wish.tracking_number, wish.carrier, wish.estimated_delivery)
        case Reject() if not is_cancelling:
            facts = ordering.reject(order, wish.reason)
        case Ship() if not is_cancelling:
            facts = ordering.ship(order)
        case Deliver() if not is_cancelling:
            facts = ordering.deliver(order)
    return facts
