"""The events of stock items (a stream per SKU) and reservations (a stream per order): the schema of record."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from commerce.eventstore import Event, Sealed, recorded_in_plain_text
from commerce.values.value import Value


class Quantity(Value):
    """A number of pieces of one SKU."""

    sku: str
    quantity: int

    def __str__(self) -> str:
        return f"{self.quantity} × {self.sku}"


class Shortage(Value):
    """More of a SKU was asked for than is available."""

    sku: str
    requested: int
    available: int

    def __str__(self) -> str:
        return f"{self.requested} × {self.sku} wanted, {self.available} there"


class StockItemRegistered(Event):
    """A SKU is kept in stock from now on."""

    TOPIC: ClassVar[str] = "inventory.StockItemRegistered"
    SENTENCE: ClassVar[str] = "{sku} is kept in stock from now on, says {who}"
    INDEXED: ClassVar[tuple[str, ...]] = ("sku",)

    sku: str


class StockReceived(Event):
    """Pieces came in."""

    TOPIC: ClassVar[str] = "inventory.StockReceived"
    SENTENCE: ClassVar[str] = "{who} took in {quantity} of {sku}"

    sku: str
    quantity: int


class StockAdjusted(Event):
    """The count was corrected by `quantity` pieces, which may be negative; why is free text, sealed with the
    stock item's key."""

    TOPIC: ClassVar[str] = "inventory.StockAdjusted"
    SENTENCE: ClassVar[str] = "{who} corrected the count of {sku} by {quantity:+d}: {reason}"
    class_version: ClassVar[int] = 2

    sku: str
    quantity: int
    reason: Sealed

    @staticmethod
    def upcast_v1_v2(fields: dict[str, str]) -> None:
        """Reasons were recorded in plain text, and stay as they were."""
        fields["reason"] = recorded_in_plain_text(fields["reason"])


class OrderStockMoved(Event):
    """Pieces of one SKU move for an order."""

    sku: str
    order_id: UUID
    quantity: int


class StockReserved(OrderStockMoved):
    """Pieces are promised to an order."""

    TOPIC: ClassVar[str] = "inventory.StockReserved"
    SENTENCE: ClassVar[str] = "{quantity} of {sku} reserved for order {order_id}"


class StockReleased(OrderStockMoved):
    """Pieces that were promised to an order are available again."""

    TOPIC: ClassVar[str] = "inventory.StockReleased"
    SENTENCE: ClassVar[str] = "{quantity} of {sku}, reserved for order {order_id}, given back to stock"


class StockDispatched(OrderStockMoved):
    """Pieces that were promised to an order left the warehouse."""

    TOPIC: ClassVar[str] = "inventory.StockDispatched"
    SENTENCE: ClassVar[str] = "{quantity} of {sku} left the house for order {order_id}"


class ReservationAnswer(Event):
    """What became of an order's reservation; `request_id` is the process's request that it answers."""

    order_id: UUID
    request_id: UUID


class ReservationConfirmed(ReservationAnswer):
    """All pieces of an order are reserved."""

    TOPIC: ClassVar[str] = "inventory.ReservationConfirmed"
    SENTENCE: ClassVar[str] = "Everything is reserved: {lines}"

    lines: tuple[Quantity, ...]


class ReservationRejected(ReservationAnswer):
    """Nothing is reserved for an order, as some SKUs are short."""

    TOPIC: ClassVar[str] = "inventory.ReservationRejected"
    SENTENCE: ClassVar[str] = "Nothing could be reserved, as there is too little in stock: {shortages}"

    shortages: tuple[Shortage, ...]


class ReservationReleased(ReservationAnswer):
    """What was reserved for an order, if anything, is available again."""

    TOPIC: ClassVar[str] = "inventory.ReservationReleased"
    SENTENCE: ClassVar[str] = "The reservation is undone"


class ReservationDispatched(ReservationAnswer):
    """What was reserved for an order left the warehouse with its shipment."""

    TOPIC: ClassVar[str] = "inventory.ReservationDispatched"
    SENTENCE: ClassVar[str] = "The reserved pieces left the house"


StockItemEvent = StockItemRegistered | StockReceived | StockAdjusted | StockReserved | StockReleased | StockDispatched
ReservationEvent = ReservationConfirmed | ReservationRejected | ReservationReleased | ReservationDispatched
