from enum import StrEnum


class LogFindingKind(StrEnum):
    CHANGED = "changed"
    HEAD = "head"
    INSERTED = "inserted"
    REMOVED = "removed"
    REORDERED = "reordered"
    SEAL = "seal"
    STREAM = "stream"
    TIME = "time"

    def __str__(self) -> str:
        return str(self.value)

    @classmethod
    def _missing_(cls, value: object) -> "LogFindingKind | None":
        """A word that the API has learned since this client was generated is itself, and no error."""
        if not isinstance(value, str):
            return None
        word = str.__new__(cls, value)
        word._name_ = word._value_ = value
        return word
