"""What needs a person: that a case was opened, and what people did about it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar, Literal
from uuid import UUID

from commerce.eventstore import Event, Sealed
from commerce.values.money import Money

CaseKind = Literal[
    "answer_differed",
    "money_held_twice",
    "shipment_booked_twice",
    "outcome_unknown",
    "undo_unfinished",
    "undo_rejected",
    "order_waits",
    "done_after_skip",
    "not_shipped",
    "refund_failed",
    "refund_unfinished",
    "unknown_payment",
    "reconciliation",
    "hold_ends",
    "dispute",
]
"""What a case is about; `saga/cases.py` says it in words."""

Resolution = Literal["settled", "refunded_by_hand", "written_off", "false_alarm"]
"""How a person decided a case."""

_KIND_BY_WORDS: Mapping[str, CaseKind] = {
    "has no outcome yet": "undo_unfinished",
    "the order waits: ": "order_waits",
    "money set aside twice": "money_held_twice",
    "booked twice": "shipment_booked_twice",
    "cannot be stopped: ": "undo_rejected",
    " instead of ": "answer_differed",
}
"""The kind of a case of version 1 or 2 by the words of its detail; the first that are found count."""


class CaseOpened(Event):
    """A compensation does not finish, or a party's answer differs from what it was asked: a person has to look."""

    TOPIC: ClassVar[str] = "saga.CaseOpened"
    SENTENCE: ClassVar[str] = "A person has to look: {detail}"
    class_version: ClassVar[int] = 3

    order_id: UUID
    kind: CaseKind
    detail: str
    outlasts_undoing: bool = False
    """Whether it stays a case when everything is undone, as what was undone may not be all that was done."""
    about: str | None = None
    """What at the party it is about, such as the id of a dispute, where an order can have several of a kind."""
    amount: Money | None = None
    """The money at risk, where that is not the order's."""
    answer_by: datetime | None = None
    """Until when the party takes an answer."""

    @staticmethod
    def upcast_v1_v2(fields: dict[str, object]) -> None:
        """A case ended with the undoing."""
        fields["outlasts_undoing"] = False

    @staticmethod
    def upcast_v2_v3(fields: dict[str, object]) -> None:
        """A case said what it is about in its detail alone, in one of a few ways."""
        detail = str(fields["detail"])
        told = (kind for words, kind in _KIND_BY_WORDS.items() if words in detail)
        fields["kind"] = next(told, "undo_rejected")


class CaseAssigned(Event):
    """Somebody looks after what is open about the order; nobody in particular without an `owner`."""

    TOPIC: ClassVar[str] = "saga.CaseAssigned"
    SENTENCE: ClassVar[str] = "{who} gave the case to {assigned}"

    order_id: UUID
    owner: str | None


class CaseNoted(Event):
    """Somebody wrote down how far they are with what is open about the order; sealed."""

    TOPIC: ClassVar[str] = "saga.CaseNoted"
    SENTENCE: ClassVar[str] = "{who} noted on the case: {note}"

    order_id: UUID
    note: Sealed


class CaseResolved(Event):
    """A person decided what was open about the order, for a `reason` of their own; `reference` is where that stands,
    such as in the bank's books."""

    TOPIC: ClassVar[str] = "saga.CaseResolved"
    SENTENCE: ClassVar[str] = "{who} closed the case, {resolution_told}: {reason}"

    order_id: UUID
    kinds: tuple[CaseKind, ...]
    resolution: Resolution
    reason: Sealed
    reference: Sealed | None = None


CaseEvent = CaseOpened | CaseAssigned | CaseNoted | CaseResolved
