"""The events of an order: the schema of record."""

from __future__ import annotations

from datetime import date
from typing import ClassVar
from uuid import UUID

from commerce.eventstore import Event, Sealed
from commerce.values.money import Money
from commerce.values.order_line import OrderLine as OrderLine  # noqa: PLC0414 (part of the schema, so importable from here)


class OrderPlaced(Event):
    """A customer (or a guest: no `customer_id`) ordered; `shipping_address` is a sealed `Address`.

    `reference` is the shop's own, such as an invoice number, and sealed, as it may name people; `reference_id`, a keyed
    hash of it, is what the order is found by.
    """

    TOPIC: ClassVar[str] = "ordering.OrderPlaced"
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

    tracking_number: str
    carrier: str
    estimated_delivery: date


class OrderRejected(Event):
    """The order could not be handled; all that was done for it has been undone."""

    TOPIC: ClassVar[str] = "ordering.OrderRejected"

    reason: str


class OrderCancellationRequested(Event):
    """Somebody wants the order undone; why is free text, sealed."""

    TOPIC: ClassVar[str] = "ordering.OrderCancellationRequested"

    reason: Sealed


class OrderCancellationRefused(Event):
    """The cancellation came too late, such as for a shipment that was `dispatched`; the order is what it was before."""

    TOPIC: ClassVar[str] = "ordering.OrderCancellationRefused"

    cause: str


class OrderCancelled(Event):
    """The order is undone as somebody asked."""

    TOPIC: ClassVar[str] = "ordering.OrderCancelled"


class OrderShipped(Event):
    """The shipment left the house."""

    TOPIC: ClassVar[str] = "ordering.OrderShipped"


class OrderDelivered(Event):
    """The shipment arrived."""

    TOPIC: ClassVar[str] = "ordering.OrderDelivered"


class ReferenceClaimed(Event):
    """An order has a reference of the shop's; the stream stands for that reference in its channel, and holds
    nothing else."""

    TOPIC: ClassVar[str] = "ordering.ReferenceClaimed"

    order_id: UUID


ReferenceEvent = ReferenceClaimed

OrderEvent = (
    OrderPlaced
    | OrderConfirmed
    | OrderRejected
    | OrderCancellationRequested
    | OrderCancellationRefused
    | OrderCancelled
    | OrderShipped
    | OrderDelivered
)
