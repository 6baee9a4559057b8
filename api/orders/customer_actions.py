"""What customers have to do now for the payment of their orders."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

from commerce.eventstore import Event, EventStore, Recorded
from commerce.ordering.order import OrderStatus
from commerce.payments.payment import PaymentStatus, fold
from commerce.payments.tries import CustomerAction
from commerce.values import ids
from projections.orders import OrderRow


async def awaited_actions(store: EventStore, orders: Iterable[OrderRow]) -> Mapping[UUID, CustomerAction]:
    """By order, for those that wait for one: from the payments' own streams, which are never behind a command. Only
    placed orders can."""
    payments = {ids.payment_id(one.order_id): one for one in orders if one.state.status is OrderStatus.PLACED}
    if not payments:
        return {}
    found = await store.read_together(payments)
    actions = {order.order_id: action_for(order, found[id_]) for id_, order in payments.items()}
    return {order_id: action for order_id, action in actions.items() if action is not None}


def action_for(order: OrderRow, payment: Iterable[Recorded]) -> CustomerAction | None:
    """What the customer of an order has to do now, as its payment's stream says."""
    is_placed = order.state.status is OrderStatus.PLACED
    return action_in(recorded.event for recorded in payment) if is_placed else None


def action_in(payment: Iterable[Event]) -> CustomerAction | None:
    """What the customer has to do now, as the events of a payment say."""
    state = fold(payment)
    return state.tries.action if state is not None and state.status is PaymentStatus.ACTION_REQUIRED else None
