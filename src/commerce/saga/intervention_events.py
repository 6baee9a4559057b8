"""What people have a process do: that they intervened, and the undo that is taken as done for it."""

from __future__ import annotations

from typing import ClassVar, Literal
from uuid import UUID

from commerce.eventstore import Event, Sealed
from commerce.outside.events import RequestWithdrawn
from commerce.saga.request_events import StepName

Intervention = Literal["retry", "compensate", "skip"]
"""What a person has a process do: ask again, give the order up, or take an undo as done."""


class Intervened(Event):
    """A person has the process do something that it would not do now by itself, with its `requests`."""

    TOPIC: ClassVar[str] = "saga.Intervened"
    SENTENCE: ClassVar[str] = "{who} intervened, {intervention}: {reason}"

    order_id: UUID
    action: Intervention
    requests: tuple[str, ...]
    """What is asked for again, or is taken as undone; empty where the order is given up."""
    reason: Sealed


class UndoSkipped(RequestWithdrawn):
    """A person says that a step is undone, or needs no undoing: it is not asked for any more."""

    TOPIC: ClassVar[str] = "saga.UndoSkipped"
    SENTENCE: ClassVar[str] = "Taken as undone, as a person decided: {step}; it is not asked for any more"

    step: StepName
    late: bool = False
    """Whether it was undone because it had come to light late."""

    @property
    def key(self) -> str:
        """What the step is for; as for events that are `Keyed`."""
        return ""


class RefundSkipped(RequestWithdrawn):
    """A person says that a refund which somebody asked for is not to be made any more, or was made by hand; payments
    ends it."""

    TOPIC: ClassVar[str] = "saga.RefundSkipped"
    SENTENCE: ClassVar[str] = "As a person decided, the refund is not asked for any more"

    @property
    def request_id(self) -> UUID:
        """The refund."""
        return self.request_ids[0]


InterventionEvent = Intervened | UndoSkipped | RefundSkipped
