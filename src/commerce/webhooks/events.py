"""The events of a webhook endpoint (a stream per endpoint): the schema of record. Its secrets are sealed with a key of
its own."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Literal

from commerce.eventstore import Event, Sealed, SealedSecret

DisabledReason = Literal["gone", "failing", "by_operator"]
"""`gone`: it answered 410; `failing`: it took nothing for three days; `by_operator`: somebody of the shop wanted it."""


class EndpointAdded(Event):
    """Another system is told what happens from now on."""

    TOPIC: ClassVar[str] = "webhooks.EndpointAdded"
    SENTENCE: ClassVar[str] = "{who} added the webhook endpoint {url}"

    url: str
    event_types: tuple[str, ...]
    """What it is told; empty: everything that is published."""
    secret: SealedSecret
    """What deliveries are signed with."""
    notice_to: Sealed | None = None
    """The e-mail address of those who look after it."""


class EndpointChanged(Event):
    """An endpoint has another address, other event types or another e-mail address; all three as they are now."""

    TOPIC: ClassVar[str] = "webhooks.EndpointChanged"
    SENTENCE: ClassVar[str] = "{who} changed the webhook endpoint, which is {url} now"

    url: str
    event_types: tuple[str, ...]
    notice_to: Sealed | None = None


class SecretRotated(Event):
    """Deliveries are signed with a new secret, and until a stated time with the one before, too."""

    TOPIC: ClassVar[str] = "webhooks.SecretRotated"
    SENTENCE: ClassVar[str] = (
        "{who} gave the webhook endpoint a new secret; the one before is used until {previous_until}"
    )

    secret: SealedSecret
    previous_until: datetime


class EndpointDisabled(Event):
    """An endpoint is told nothing until somebody enables it; what happens meanwhile waits for that."""

    TOPIC: ClassVar[str] = "webhooks.EndpointDisabled"
    SENTENCE: ClassVar[str] = "{who} disabled the webhook endpoint ({reason})"

    reason: DisabledReason


class EndpointEnabled(Event):
    """An endpoint is told what happens again, beginning with what waited."""

    TOPIC: ClassVar[str] = "webhooks.EndpointEnabled"
    SENTENCE: ClassVar[str] = "{who} enabled the webhook endpoint"


class ReplayRequested(Event):
    """All that an endpoint was to be told of the log after a position is to be delivered once more."""

    TOPIC: ClassVar[str] = "webhooks.ReplayRequested"
    SENTENCE: ClassVar[str] = "{who} had everything after position {after} delivered to the webhook endpoint once more"

    after: int


class DeliveryReplayRequested(Event):
    """One event of the log is to be delivered to an endpoint once more."""

    TOPIC: ClassVar[str] = "webhooks.DeliveryReplayRequested"
    SENTENCE: ClassVar[str] = "{who} had the event at position {position} delivered to the webhook endpoint once more"

    position: int


class EndpointRemoved(Event):
    """An endpoint is told nothing any more, for good."""

    TOPIC: ClassVar[str] = "webhooks.EndpointRemoved"
    SENTENCE: ClassVar[str] = "{who} removed the webhook endpoint"


EndpointEvent = (
    EndpointAdded
    | EndpointChanged
    | SecretRotated
    | EndpointDisabled
    | EndpointEnabled
    | ReplayRequested
    | DeliveryReplayRequested
    | EndpointRemoved
)
