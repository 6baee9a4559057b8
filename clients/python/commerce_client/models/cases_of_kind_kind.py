from enum import StrEnum


class CasesOfKindKind(StrEnum):
    ANSWER_DIFFERED = "answer_differed"
    DISPUTE = "dispute"
    DONE_AFTER_SKIP = "done_after_skip"
    HOLD_ENDS = "hold_ends"
    MONEY_HELD_TWICE = "money_held_twice"
    NOT_SHIPPED = "not_shipped"
    ORDER_WAITS = "order_waits"
    OUTCOME_UNKNOWN = "outcome_unknown"
    RECONCILIATION = "reconciliation"
    REFUND_FAILED = "refund_failed"
    REFUND_UNFINISHED = "refund_unfinished"
    SHIPMENT_BOOKED_TWICE = "shipment_booked_twice"
    UNDO_REJECTED = "undo_rejected"
    UNDO_UNFINISHED = "undo_unfinished"
    UNKNOWN_PAYMENT = "unknown_payment"

    def __str__(self) -> str:
        return str(self.value)

    @classmethod
    def _missing_(cls, value: object) -> "CasesOfKindKind | None":
        """A word that the API has learned since this client was generated is itself, and no error."""
        if not isinstance(value, str):
            return None
        word = str.__new__(cls, value)
        word._name_ = word._value_ = value
        return word
