"""The events of stock items (a stream per SKU) and reservations (a stream per order): the schema of record."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from commerce.eventstore import Event, Sealed, recorded_in_plain_text
from commerce.values.value import Value


class Quantity(Value):
    """So many pieces of a SKU."""

    sku: str
    quantity: int


class Shortage(Value):
    """More of a SKU was asked for than is available."""

    sku: str
    requested: int
    available: int


class StockItemRegistered(Event):
    """A SKU is kept in stock from now on."""

    TOPIC: ClassVar[str] = "inventory.StockItemRegistered"
    INDEXED: ClassVar[tuple[str, ...]] = ("sku",)

    sku: str


class StockReceived(Event):
    """Pieces came in."""

    TOPIC: ClassVar[str] = "inventory.StockReceived"

    sku: str
    quantity: int


class StockAdjusted(Event):
    """The count was corrected by `quantity` pieces, which may be negative; why is free text, sealed with the
    stock item's key."""

    TOPIC: ClassVar[str] = "inventory.StockAdjusted"
    class_version: ClassVar[int] = 2

    sku: str
    quantity: int
    reason: Sealed

    @staticmethod
    def upcast_v1_v2(fields: dict[str, str]) -> None:
        """Reasons were recorded in plain text, and stay as they were."""
        fields["reason"] = recorded_in_plain_text(fields["reason"])


class StockReserved(Event):
    """Pieces are promised to an order."""

    TOPIC: ClassVar[str] = "inventory.StockReserved"

    sku: str
    order_id: UUID
    quantity: int


class StockReleased(Event):
    """Pieces that were promised to an order are available again."""

    TOPIC: ClassVar[str] = "inventory.StockReleased"

    sku: str
    order_id: UUID
    quantity: int


class StockDispatched(Event):
    """Pieces that were promised to an order left the house."""

    TOPIC: ClassVar[str] = "inventory.StockDispatched"

    sku: str
    order_id: UUID
    quantity: int


class ReservationConfirmed(Event):
    """All pieces of an order are reserved."""

    TOPIC: ClassVar[str] = "inventory.ReservationConfirmed"

    order_id: UUID
    request_id: UUID
    lines: tuple[Quantity, ...]


class ReservationRejected(Event):
    """Nothing is reserved for an order, as some SKUs are short."""

    TOPIC: ClassVar[str] = "inventory.ReservationRejected"

    order_id: UUID
    request_id: UUID
    shortages: tuple[Shortage, ...]


class ReservationReleased(Event):
    """What was reserved for an order, if anything, is available again."""

    TOPIC: ClassVar[str] = "inventory.ReservationReleased"

    order_id: UUID
    request_id: UUID


class ReservationDispatched(Event):
    """What was reserved for an order left the house with its shipment."""

    TOPIC: ClassVar[str] = "inventory.ReservationDispatched"

    order_id: UUID
    request_id: UUID


StockItemEvent = StockItemRegistered | StockReceived | StockAdjusted | StockReserved | StockReleased | StockDispatched
ReservationEvent = ReservationConfirmed | ReservationRejected | ReservationReleased | ReservationDispatched
