"""The events of people's decisions about parked events (a stream per subscription): the schema of record.

A subscription that reads the log again, as a rebuild does, treats these events as it was decided.
"""

from __future__ import annotations

from typing import ClassVar

from commerce.eventstore import Event, Sealed
from commerce.values.value import Value


class ParkedRetried(Event):
    """A subscription is to try parked events again."""

    TOPIC: ClassVar[str] = "subscriptions.ParkedRetried"
    SENTENCE: ClassVar[str] = "{who} had {subscription} try the parked events at {positions} again: {reason}"

    subscription: str
    positions: tuple[int, ...]
    reason: Sealed


class ParkedDiscarded(Event):
    """A subscription is to leave parked events out, for good."""

    TOPIC: ClassVar[str] = "subscriptions.ParkedDiscarded"
    SENTENCE: ClassVar[str] = "{who} had {subscription} leave out the parked events at {positions}: {reason}"

    subscription: str
    positions: tuple[int, ...]
    reason: Sealed


class EditedPayload(Value):
    """What one event is read as: its topic, and its payload as JSON, with sealed fields as they were."""

    position: int
    topic: str
    payload: str


class ParkedEdited(Event):
    """A subscription is to read parked events as they were corrected; in the log they stay as they are."""

    TOPIC: ClassVar[str] = "subscriptions.ParkedEdited"
    SENTENCE: ClassVar[str] = "{who} corrected the parked events at {positions} for {subscription}: {reason}"

    subscription: str
    positions: tuple[int, ...]
    edits: tuple[EditedPayload, ...]
    reason: Sealed


ParkedDecision = ParkedRetried | ParkedDiscarded | ParkedEdited
