from enum import StrEnum


class ShipmentStatus(StrEnum):
    BOOKING = "booking"
    CANCELLED = "cancelled"
    CANCELLING = "cancelling"
    CLOSED = "closed"
    DELIVERED = "delivered"
    DIFFERED = "differed"
    DISPATCHED = "dispatched"
    REFUSED = "refused"
    SCHEDULED = "scheduled"
    UNKNOWN = "unknown"

    def __str__(self) -> str:
        return str(self.value)

    @classmethod
    def _missing_(cls, value: object) -> "ShipmentStatus | None":
        """A word that the API has learned since this client was generated is itself, and no error."""
        if not isinstance(value, str):
            return None
        word = str.__new__(cls, value)
        word._name_ = word._value_ = value
        return word
