from enum import StrEnum


class LogVerificationStatus(StrEnum):
    CANCELLED = "cancelled"
    CANCELLING = "cancelling"
    DONE = "done"
    FAILED = "failed"
    RUNNING = "running"
    WAITING = "waiting"

    def __str__(self) -> str:
        return str(self.value)

    @classmethod
    def _missing_(cls, value: object) -> "LogVerificationStatus | None":
        """A word that the API has learned since this client was generated is itself, and no error."""
        if not isinstance(value, str):
            return None
        word = str.__new__(cls, value)
        word._name_ = word._value_ = value
        return word
