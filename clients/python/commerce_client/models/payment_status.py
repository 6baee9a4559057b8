from enum import StrEnum


class PaymentStatus(StrEnum):
    ACTION_REQUIRED = "action_required"
    AUTHORIZED = "authorized"
    AUTHORIZING = "authorizing"
    CAPTURED = "captured"
    CAPTURING = "capturing"
    CLOSED = "closed"
    DECLINED = "declined"
    DIFFERED = "differed"
    REFUNDED = "refunded"
    REFUNDING = "refunding"
    UNKNOWN = "unknown"
    VOIDED = "voided"
    VOIDING = "voiding"

    def __str__(self) -> str:
        return str(self.value)

    @classmethod
    def _missing_(cls, value: object) -> "PaymentStatus | None":
        """A word that the API has learned since this client was generated is itself, and no error."""
        if not isinstance(value, str):
            return None
        word = str.__new__(cls, value)
        word._name_ = word._value_ = value
        return word
