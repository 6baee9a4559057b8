"""The order: its state, how events change it, and the rules that decide which events may follow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from functools import reduce
from uuid import UUID

from commerce.eventstore import Aggregate, Event, Sealed
from commerce.ordering.disputes import Disputes, order_disputes_after
from commerce.ordering.events import (
    OrderCancellationRefused,
    OrderCancellationRequested,
    OrderCancelled,
    OrderConfirmed,
    OrderDelivered,
    OrderDisputeClosed,
    OrderDisputed,
    OrderEvent,
    OrderPlaced,
    OrderRejected,
    OrderShipped,
)
from commerce.ordering.reference import Reference
from commerce.values.errors import InvalidInput, RuleBroken
from commerce.values.money import LARGEST, Money, total
from commerce.values.order_line import OrderLine

MOST_LINES = 1_000
MOST_PIECES = 1_000_000
"""The largest quantity of one line."""


class OrderStatus(StrEnum):
    """Where an order stands, as clients see it."""

    PLACED = "placed"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    CANCELLING = "cancelling"
    CANCELLED = "cancelled"
    SHIPPED = "shipped"
    DELIVERED = "delivered"


def actions_now(order: Order | None) -> list[str]:
    """What clients may ask for with an order now; see `RuleBroken`."""
    is_open = order is not None and order.status in (OrderStatus.PLACED, OrderStatus.CONFIRMED)
    return ["cancellation"] if is_open else []


class OrderPlacedBefore(RuleBroken):
    """The request was accepted so long ago that its answer is forgotten; its order is still there."""

    def __init__(self, order_id: UUID) -> None:
        super().__init__(f"order {order_id} was placed with this Idempotency-Key before; look at it, or use a new key")
        self.order_id = order_id


class OrderNotOpen(RuleBroken):
    """The command comes too late: the order is past that point, or has ended."""

    def __init__(self, order: Order, command: str) -> None:
        super().__init__(f"order {order.id} is {order.status} and can no longer be {command}")


class OrderNotConfirmed(RuleBroken):
    """Only a confirmed order is shipped."""

    def __init__(self, order: Order) -> None:
        super().__init__(f"order {order.id} is {order.status}; it can be shipped once it is confirmed")


class OrderNotShipped(RuleBroken):
    """Only a shipped order is delivered."""

    def __init__(self, order: Order) -> None:
        super().__init__(f"order {order.id} is {order.status}; it can be delivered once it is shipped")


class NoCancellationPending(RuleBroken):
    """A cancellation succeeds or fails only after it was requested."""

    def __init__(self, order: Order) -> None:
        super().__init__(f"order {order.id} is {order.status}; request its cancellation first")


@dataclass(frozen=True, slots=True)
class Order(Aggregate):
    """An order at one version of its stream; times are the log's and not part of it."""

    status: OrderStatus
    customer_id: UUID | None
    currency: str
    lines: tuple[OrderLine, ...]
    total: Money
    shipping_address: Sealed
    payment_method: str
    email: Sealed | None = None
    phone: Sealed | None = None
    reference: Sealed | None = None
    """The shop's own, such as an invoice number."""
    reference_id: UUID | None = None
    """What it is found by: a keyed hash of `reference`."""
    tracking_number: str | None = None
    carrier: str | None = None
    estimated_delivery: date | None = None
    reason: str | None = None
    """Why it was rejected."""
    cancellation_reason: Sealed | None = None
    """Why its cancellation was requested last."""
    refusal: str | None = None
    """Why the last request to cancel it was rejected; read models and the audit know it by this name."""
    status_before: OrderStatus | None = None
    """What it was when its cancellation was requested."""
    disputes: Disputes = ()
    """In the order in which they were told of."""


_STATUS_AFTER: Mapping[type[Event], OrderStatus] = {
    OrderConfirmed: OrderStatus.CONFIRMED,
    OrderRejected: OrderStatus.REJECTED,
    OrderCancellationRequested: OrderStatus.CANCELLING,
    OrderCancelled: OrderStatus.CANCELLED,
    OrderShipped: OrderStatus.SHIPPED,
    OrderDelivered: OrderStatus.DELIVERED,
}


def evolve(order: Order | None, event: Event) -> Order | None:  # noqa: PLR0911 (a case for each event)
    """Apply one event; before it was placed there is no order."""
    if isinstance(event, OrderPlaced):
        return _placed(event)
    if order is None:
        return None
    version, status = event.originator_version, _STATUS_AFTER.get(type(event), order.status)
    match event:
        case OrderConfirmed():
            return replace(
                order,
                version=version,
                status=status,
                tracking_number=event.tracking_number,
                carrier=event.carrier,
                estimated_delivery=event.estimated_delivery,
            )
        case OrderRejected(reason=reason):
            return replace(order, version=version, status=status, reason=reason)
        case OrderCancellationRequested(reason=reason):
            before = order.status
            return replace(
                order, version=version, status=status, status_before=before, cancellation_reason=reason, refusal=None
            )
        case OrderCancellationRefused(cause=cause):
            status = order.status_before or order.status
            return replace(
                order, version=version, status=status, status_before=None, cancellation_reason=None, refusal=cause
            )
        case OrderDisputed() | OrderDisputeClosed():
            return replace(order, version=version, disputes=order_disputes_after(order.disputes, event))
    return replace(order, version=version, status=status)


def _placed(event: OrderPlaced) -> Order:
    return Order(
        id=event.originator_id,
        version=event.originator_version,
        status=OrderStatus.PLACED,
        customer_id=event.customer_id,
        currency=event.currency,
        lines=event.lines,
        total=event.total,
        shipping_address=event.shipping_address,
        payment_method=event.payment_method,
        email=event.email,
        phone=event.phone,
        reference=event.reference,
        reference_id=event.reference_id,
    )


def fold(events: Iterable[Event], order: Order | None = None) -> Order | None:
    """The order after these events, which begin its stream or follow on `order`."""
    return reduce(evolve, events, order)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOrder:
    """What a client orders, at the prices that it pays, with its personal data sealed."""

    customer_id: UUID | None
    currency: str
    lines: Sequence[OrderLine]
    shipping_address: Sealed
    payment_method: str
    email: Sealed | None = None
    phone: Sealed | None = None
    reference: Reference | None = None


def place(new: NewOrder) -> list[OrderEvent]:
    """Place an order; its total is the sum of its lines. Raises `InvalidInput`, naming the line and field."""
    if not 1 <= len(new.lines) <= MOST_LINES:
        raise InvalidInput(f"an order has 1 to {MOST_LINES} lines, not {len(new.lines)}", "lines")
    for number, line in enumerate(new.lines):
        _check_line(line, new.currency, f"lines[{number}]")
    order_total = total((line.unit_price * line.quantity for line in new.lines), new.currency)
    if order_total.amount >= LARGEST:
        raise InvalidInput(f"the total {order_total} is out of range; it stays below {LARGEST:f}", "lines")
    return [
        OrderPlaced(
            customer_id=new.customer_id,
            currency=new.currency,
            lines=tuple(new.lines),
            total=order_total,
            shipping_address=new.shipping_address,
            payment_method=new.payment_method,
            email=new.email,
            phone=new.phone,
            reference=new.reference.sealed if new.reference else None,
            reference_id=new.reference.found_by if new.reference else None,
        )
    ]


def _check_line(line: OrderLine, currency: str, field: str) -> None:
    if not 1 <= line.quantity <= MOST_PIECES:
        raise InvalidInput(f"the quantity is 1 to {MOST_PIECES}, not {line.quantity}", f"{field}.quantity")
    if line.unit_price.currency != currency:
        raise InvalidInput(
            f"the price {line.unit_price} is not in {currency}, the order's currency", f"{field}.unit_price"
        )
    if line.unit_price.amount < 0:
        raise InvalidInput(f"the price {line.unit_price} is negative", f"{field}.unit_price")


def confirm(order: Order, tracking_number: str, carrier: str, estimated_delivery: date) -> list[OrderEvent]:
    """Confirm an order whose every step is done. Raises `OrderNotOpen`, also while its cancellation is requested."""
    if order.status in (OrderStatus.CONFIRMED, OrderStatus.SHIPPED, OrderStatus.DELIVERED):
        return []
    if order.status is not OrderStatus.PLACED:
        raise OrderNotOpen(order, "confirmed")
    return [OrderConfirmed(tracking_number=tracking_number, carrier=carrier, estimated_delivery=estimated_delivery)]


def reject(order: Order, reason: str) -> list[OrderEvent]:
    """Reject an order that could not be handled, even when its cancellation was requested meanwhile.

    Raises `OrderNotOpen` once it was confirmed.
    """
    if order.status is OrderStatus.REJECTED:
        return []
    standing = order.status_before if order.status is OrderStatus.CANCELLING else order.status
    if standing is not OrderStatus.PLACED:
        raise OrderNotOpen(order, "rejected")
    return [OrderRejected(reason=reason)]


def request_cancellation(order: Order, reason: Sealed) -> list[OrderEvent]:
    """Request the cancellation of an order. Raises `OrderNotOpen` once it was shipped or rejected."""
    if order.status in (OrderStatus.CANCELLING, OrderStatus.CANCELLED):
        return []
    if order.status not in (OrderStatus.PLACED, OrderStatus.CONFIRMED):
        raise OrderNotOpen(order, "cancelled")
    return [OrderCancellationRequested(reason=reason)]


def reject_cancellation(order: Order, cause: str) -> list[OrderEvent]:
    """Reject a cancellation that came too late: the order is again what it was before.

    Raises `NoCancellationPending`.
    """
    if order.status is OrderStatus.CANCELLING:
        return [OrderCancellationRefused(cause=cause)]
    if order.refusal == cause:
        return []
    raise NoCancellationPending(order)


def cancel(order: Order) -> list[OrderEvent]:
    """End an order whose cancellation was requested, once it is undone. Raises `NoCancellationPending`."""
    if order.status is OrderStatus.CANCELLED:
        return []
    if order.status is not OrderStatus.CANCELLING:
        raise NoCancellationPending(order)
    return [OrderCancelled()]


def ship(order: Order) -> list[OrderEvent]:
    """Note that the shipment left. Raises `OrderNotConfirmed`, also while a cancellation is pending."""
    if order.status in (OrderStatus.SHIPPED, OrderStatus.DELIVERED):
        return []
    if order.status is not OrderStatus.CONFIRMED:
        raise OrderNotConfirmed(order)
    return [OrderShipped()]


def deliver(order: Order) -> list[OrderEvent]:
    """Note that the shipment arrived. Raises `OrderNotShipped`."""
    if order.status is OrderStatus.DELIVERED:
        return []
    if order.status is not OrderStatus.SHIPPED:
        raise OrderNotShipped(order)
    return [OrderDelivered()]
