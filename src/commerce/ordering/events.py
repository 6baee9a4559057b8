"""The events of an order: the schema of record."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from commerce.eventstore import Event, Sealed
from commerce.values.dispute import DisputeOutcome
from commerce.values.money import Money
from commerce.values.order_line import OrderLine as OrderLine  # noqa: PLC0414 (part of the schema, so importable from here)


class OrderPlaced(Event):
    """A customer (or a guest: no `customer_id`) ordered; `shipping_address` is a sealed `Address`.

    `reference` is the shop's own, such as an invoice number, and sealed, as it may name people; `reference_id`, a keyed
    hash of it, is what the order is found by.
    """

    TOPIC: ClassVar[str] = "ordering.OrderPlaced"
    SENTENCE: ClassVar[str] = (
        "{who} placed {order} for {buyer}: {lines}; {total} in all, to be paid with {payment_method}"
    )
    class_version: ClassVar[int] = 2

    customer_id: UUID | None
    currency: str
    lines: tuple[OrderLine, ...]
    total: Money
    shipping_address: Sealed
    payment_method: str
    email: Sealed | None = None
    phone: Sealed | None = None
    reference: Sealed | None = None
    reference_id: UUID | None = None

    @staticmethod
    def upcast_v1_v2(_fields: dict[str, object]) -> None:
        """Nobody was asked for an e-mail address, a telephone number or a reference: there are none."""


class OrderConfirmed(Event):
    """Stock is reserved, the shipment booked and the money captured."""

    TOPIC: ClassVar[str] = "ordering.OrderConfirmed"
    SENTENCE: ClassVar[str] = (
        "The order is confirmed: {carrier} brings it under {tracking_number}, by {estimated_delivery}"
    )

    tracking_number: str
    carrier: str
    estimated_delivery: date


class OrderRejected(Event):
    """The order could not be handled; all that was done for it has been undone."""

    TOPIC: ClassVar[str] = "ordering.OrderRejected"
    SENTENCE: ClassVar[str] = "The order is rejected: {reason}"

    reason: str


class OrderCancellationRequested(Event):
    """A client requests that the order be undone; `reason` is free text, sealed."""

    TOPIC: ClassVar[str] = "ordering.OrderCancellationRequested"
    SENTENCE: ClassVar[str] = "{who} asked for the order to be cancelled: {reason}"

    reason: Sealed


class OrderCancellationRefused(Event):
    """The cancellation came too late, such as for a shipment that was `dispatched`; the order is what it was before."""

    TOPIC: ClassVar[str] = "ordering.OrderCancellationRefused"
    SENTENCE: ClassVar[str] = "The cancellation is refused, as it came too late: {cause}"

    cause: str


class OrderCancelled(Event):
    """The order is undone, as was requested."""

    TOPIC: ClassVar[str] = "ordering.OrderCancelled"
    SENTENCE: ClassVar[str] = "The order is cancelled"


class OrderShipped(Event):
    """The shipment left the warehouse."""

    TOPIC: ClassVar[str] = "ordering.OrderShipped"
    SENTENCE: ClassVar[str] = "The order is shipped"


class OrderDelivered(Event):
    """The shipment arrived."""

    TOPIC: ClassVar[str] = "ordering.OrderDelivered"
    SENTENCE: ClassVar[str] = "The order is delivered"


class OrderDisputed(Event):
    """The customer has the bank take back what they paid; told again where amount, reason or `answer_by` changed."""

    TOPIC: ClassVar[str] = "ordering.OrderDisputed"
    SENTENCE: ClassVar[str] = "The order's payment is disputed: {amount} ({reason}, {dispute_id}){until}"

    dispute_id: str
    amount: Money
    reason: str
    answer_by: datetime | None


class OrderDisputeClosed(Event):
    """A dispute about the order's payment has ended, by the provider's word."""

    TOPIC: ClassVar[str] = "ordering.OrderDisputeClosed"
    SENTENCE: ClassVar[str] = "The dispute {dispute_id} about the order's payment is over: {outcome}"

    dispute_id: str
    outcome: DisputeOutcome


class ReferenceClaimed(Event):
    """An order has a reference of the shop's; the stream stands for that reference in its channel, and holds
    nothing else."""

    TOPIC: ClassVar[str] = "ordering.ReferenceClaimed"
    SENTENCE: ClassVar[str] = "The shop's reference is this order's from now on"

    order_id: UUID


OrderEvent = (
    OrderPlaced
    | OrderConfirmed
    | OrderRejected
    | OrderCancellationRequested
    | OrderCancellationRefused
    | OrderCancelled
    | OrderShipped
    | OrderDelivered
    | OrderDisputed
    | OrderDisputeClosed
)
