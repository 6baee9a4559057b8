"""What the events of every stream of calls have alike. Each context declares its own, with their topics."""

from __future__ import annotations

from typing import ClassVar, Literal
from uuid import UUID

from commerce.eventstore import Event

PostponementCause = Literal["credential_refused", "busy", "undo_refused", "unavailable"]
"""Why a call was put off: the party does not take our credential; it is busy; it does not undo what it did; it does not
answer at all."""


class RequestEvent(Event):
    """Part of what became of one request; `request_id` is the process's request that it answers."""

    order_id: UUID
    request_id: UUID


class RequestWithdrawn(Event):
    """Nobody asks for these requests any more; a party is only asked what became of them."""

    order_id: UUID
    request_ids: tuple[UUID, ...]


class CallAttempted(RequestEvent):
    """The party is about to be called for the `attempt`-th time."""

    attempt: int


class CallsBegunAnew(RequestEvent):
    """The party is to be called for the request in another way: the calls before it do not count any more."""


class CallUnanswered(RequestEvent):
    """The party gave no answer to the `attempt`-th call that tells whether it was done; `detail` says what came
    instead."""

    attempt: int
    detail: str


class CallPostponed(RequestEvent):
    """The party does not do now what the `attempt`-th call asked for; `detail` says why. It is asked again."""

    class_version: ClassVar[int] = 2

    attempt: int
    cause: PostponementCause
    detail: str

    @staticmethod
    def upcast_v1_v2(_fields: dict[str, object]) -> None:
        """Version 2 has one more cause, `unavailable`: nothing of what was recorded changes."""


class AnswerDiffered(RequestEvent):
    """The party's answer is about something else than what it was asked: no success, whatever it says.

    `asked` and `answered` say it for people.
    """

    operation: str
    asked: str
    answered: str
