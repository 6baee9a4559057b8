from enum import StrEnum


class ListedErasureGround(StrEnum):
    CONSENT_WITHDRAWN = "consent_withdrawn"
    LEGAL_OBLIGATION = "legal_obligation"
    NO_LONGER_NEEDED = "no_longer_needed"
    OBJECTION = "objection"
    OFFERED_TO_A_CHILD = "offered_to_a_child"
    UNLAWFUL = "unlawful"

    def __str__(self) -> str:
        return str(self.value)

    @classmethod
    def _missing_(cls, value: object) -> "ListedErasureGround | None":
        """A word that the API has learned since this client was generated is itself, and no error."""
        if not isinstance(value, str):
            return None
        word = str.__new__(cls, value)
        word._name_ = word._value_ = value
        return word
