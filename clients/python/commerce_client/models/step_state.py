from enum import StrEnum


class StepState(StrEnum):
    AHEAD = "ahead"
    ASKED = "asked"
    DONE = "done"
    FAILED = "failed"
    LEFT_OUT = "left_out"
    SKIPPED = "skipped"
    UNDOING = "undoing"
    UNDONE = "undone"

    def __str__(self) -> str:
        return str(self.value)

    @classmethod
    def _missing_(cls, value: object) -> "StepState | None":
        """A word that the API has learned since this client was generated is itself, and no error."""
        if not isinstance(value, str):
            return None
        word = str.__new__(cls, value)
        word._name_ = word._value_ = value
        return word
