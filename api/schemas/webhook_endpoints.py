"""Webhook endpoints and deliveries as clients describe them and see them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, ConfigDict, Field
from pydantic.config import JsonDict

from api.schemas.fields import Body, Email, Flag
from api.schemas.parameters import Since, Until
from commerce.eventstore import Sealed
from commerce.integration_events import PUBLISHED
from commerce.webhooks.addresses import LONGEST_URL_CHARACTERS
from commerce.webhooks.deliveries import Delivery, DeliveryStatus
from projections.orders import OrderNumbers
from projections.webhook_endpoints import WebhookEndpointRow

_ID = "7c1e0f2a-5d3b-5e8f-9a41-2b6d8c0e4f13"
_ORDER = "3f0e4c6e-8f4b-5a0e-9d57-0a4c2f1b7d11"
_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw0c4x4XzqvJo="
_URL = "https://erp.example/hooks/commerce"
_ABOUT: JsonDict = {
    "endpoint_id": _ID,
    "url": _URL,
    "event_types": ["ordering.OrderConfirmed", "ordering.OrderShipped"],
    "notice_to": "integration@shop.example",
}
EXAMPLE_ADDED: JsonDict = {**_ABOUT, "status": "enabled", "secret": _SECRET, "position": 4711}
EXAMPLE_CHANGED: JsonDict = {"endpoint_id": _ID, "version": 4, "position": 4712}
EXAMPLE_ROTATED: JsonDict = {
    "endpoint_id": _ID,
    "previous_until": "2026-11-24T14:05:00Z",
    "secret": _SECRET,
    "position": 4713,
}
EXAMPLE_REPLAY: JsonDict = {"endpoint_id": _ID, "after": 4200, "position": 4714}
EXAMPLE_ENDPOINT: JsonDict = {
    **_ABOUT,
    "status": "enabled",
    "disabled_reason": None,
    "disabled_at": None,
    "previous_secret_until": None,
    "added_by": "operator:anna",
    "added_at": "2026-11-23T14:05:00.500000Z",
}
EXAMPLE_DELIVERY: JsonDict = {
    "position": 42,
    "event_id": f"{_ORDER}:1",
    "event_type": "ordering.OrderConfirmed",
    "subject": _ORDER,
    "number": "7KXM-2PD4",
    "status": "waiting",
    "created_at": "2026-11-23T14:06:00.250000Z",
    "ended_at": None,
    "next_attempt_at": "2026-11-23T14:06:05.500000Z",
    "failures": 1,
    "attempts": [
        {
            "at": "2026-11-23T14:06:00.300000Z",
            "duration_ms": 84,
            "status": 503,
            "problem": "answered 503",
            "excerpt": "down for maintenance",
        }
    ],
}


def _known(event_type: str) -> str:
    if event_type not in PUBLISHED:
        raise ValueError("must be the type of an integration event, such as ordering.OrderConfirmed (docs/events.md)")
    return event_type


EventType = Annotated[
    str,
    AfterValidator(_known),
    Field(json_schema_extra={"enum": sorted(PUBLISHED)}, examples=["ordering.OrderConfirmed"]),
]
EventTypes = Annotated[list[EventType], Field(max_length=len(PUBLISHED))]
Url = Annotated[str, Field(max_length=LONGEST_URL_CHARACTERS, examples=[_URL])]


def _examples(*examples: dict[str, Any]) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": list(examples)})


class AddEndpoint(Body):
    """Where deliveries are to go, and which."""

    model_config = _examples({"url": _URL, "event_types": ["ordering.OrderConfirmed", "ordering.OrderShipped"]})

    url: Url
    """An https:// address of the public Internet."""
    event_types: EventTypes = Field(default_factory=list)
    """What it is told; empty or left out: everything that is published, also what comes to be later."""
    notice_to: Email | None = None
    """Who gets a mail when the endpoint is disabled, as it takes nothing."""


class ChangeEndpoint(Body):
    """What changes of an endpoint (RFC 7396): what is left out stays."""

    model_config = _examples({"event_types": ["ordering.OrderConfirmed"], "enabled": True})

    url: Url | None = None
    """Where deliveries go from now on, also those that wait."""
    event_types: EventTypes | None = None
    """What it is told from now on; empty: everything."""
    notice_to: Email | None = None
    """Who gets a mail when it is disabled; null: nobody."""
    enabled: Flag | None = None
    """`false`: nothing is delivered until it is `true` again; then everything that waited is."""


class RotateSecret(Body):
    """The secret that takes another one's place."""

    model_config = _examples({"previous_until": None})

    previous_until: Until | None = None
    """Until when deliveries are signed with the present one, too; for 24 hours where it is left out."""


class ReplayDeliveries(Body):
    """From when on everything is to be delivered once more."""

    model_config = _examples({"since": "2026-11-23T00:00:00Z"})

    since: Since
    """What was recorded then or later is delivered; it may lie before the endpoint was added."""


EndpointStatus = Literal["enabled", "disabled"]


@dataclass(frozen=True, slots=True)
class EndpointAddedAnswer:
    """A new endpoint; its secret is shown in this answer alone."""

    endpoint_id: UUID
    """It is listed, changed and removed under this id."""
    url: str
    """Where deliveries go."""
    event_types: list[str]
    """What it is told; empty: everything."""
    notice_to: str | None
    """Who gets a mail when it is disabled."""
    status: EndpointStatus
    """`enabled`."""
    secret: str
    """What each delivery is signed with, as Standard Webhooks has it. Keep it where the receiver's secrets are."""
    position: int
    """What is recorded after this place in the log is delivered."""


@dataclass(frozen=True, slots=True)
class EndpointChangedAnswer:
    """An endpoint that is as described from this place in the log on."""

    endpoint_id: UUID
    """The endpoint."""
    version: int
    """Of its stream."""
    position: int
    """The place in the log."""


@dataclass(frozen=True, slots=True)
class SecretRotatedAnswer:
    """A new secret; it is shown in this answer alone."""

    endpoint_id: UUID
    """The endpoint."""
    previous_until: datetime
    """Until when deliveries are signed with the secret before, too."""
    secret: str
    """The secret."""
    position: int
    """The place in the log."""


@dataclass(frozen=True, slots=True)
class ReplayAnswer:
    """Everything after a place in the log is delivered once more."""

    endpoint_id: UUID
    """The endpoint."""
    after: int
    """The first event that is delivered again stands after this place in the log."""
    position: int
    """The place in the log of this request."""


@dataclass(frozen=True, slots=True)
class WebhookEndpointView:
    """An endpoint, without its secret."""

    endpoint_id: UUID
    """It is changed and removed under this id."""
    url: str
    """Where deliveries go."""
    event_types: list[str]
    """What it is told; empty: everything that is published."""
    notice_to: str | None
    """Who gets a mail when it is disabled."""
    status: EndpointStatus
    """Whether it is told anything."""
    disabled_reason: str | None
    """`gone`: it answered 410; `failing`: it took nothing for three days; `by_operator`; null while it is enabled."""
    disabled_at: datetime | None
    """When it was disabled."""
    previous_secret_until: datetime | None
    """Until when deliveries are, or were, signed with the secret before, too."""
    added_by: str
    """Who added it: role and subject."""
    added_at: datetime
    """When it was added."""


@dataclass(frozen=True, slots=True)
class AttemptView:
    """One attempt to deliver."""

    at: datetime
    """When it began."""
    duration_ms: int
    """How long it took."""
    status: int | None
    """The HTTP status that was answered; null where there was no answer."""
    problem: str | None
    """Why it was not taken; null where it was."""
    excerpt: str
    """How the answer's body begins."""


@dataclass(frozen=True, slots=True)
class DeliveryView:
    """An event for an endpoint, and what became of it."""

    position: int
    """The event's place in the log, by which a delivery is named."""
    event_id: str
    """`webhook-id`, and the CloudEvent's `id`: the same in every attempt."""
    event_type: str
    """The event's type."""
    subject: UUID
    """The order or customer that it is about."""
    number: str | None
    """What people call that order; null for a customer, and while the list of orders does not show it yet."""
    status: DeliveryStatus
    """`waiting`; `delivered`; or `failed`: given up after three days, while others were taken."""
    created_at: datetime
    """Since when there is something to deliver."""
    ended_at: datetime | None
    """When it was taken or given up."""
    next_attempt_at: datetime | None
    """When it is tried next; null where it has ended."""
    failures: int
    """Failed attempts since it began, or was to be delivered again."""
    attempts: list[AttemptView]
    """The newest 50, the oldest of them first."""


def endpoint_view(row: WebhookEndpointRow, opened: Mapping[Sealed, str]) -> WebhookEndpointView:
    """An endpoint as it is shown; `opened` has the e-mail addresses that can be read."""
    return WebhookEndpointView(
        endpoint_id=row.endpoint_id,
        url=row.url,
        event_types=row.event_types,
        notice_to=None if row.notice_to is None else opened.get(row.notice_to),
        status="disabled" if row.disabled else "enabled",
        disabled_reason=row.disabled,
        disabled_at=row.disabled_at,
        previous_secret_until=row.previous_until,
        added_by=row.added_by,
        added_at=row.added_at,
    )


def delivery_view(delivery: Delivery, numbers: OrderNumbers) -> DeliveryView:
    """A delivery as it is shown; `numbers` are what people call orders."""
    return DeliveryView(
        position=delivery.position,
        event_id=delivery.event_id,
        event_type=delivery.event_type,
        subject=delivery.about,
        number=numbers.get(delivery.about),
        status=DeliveryStatus(delivery.status),
        created_at=delivery.created_at,
        ended_at=delivery.ended_at,
        next_attempt_at=delivery.due_at,
        failures=delivery.failures,
        attempts=[AttemptView(**{**each, "at": datetime.fromisoformat(each["at"])}) for each in delivery.attempts],
    )
