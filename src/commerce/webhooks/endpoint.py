"""A webhook endpoint: where it is, what it is told, what deliveries are signed with, and whether it is told at all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from commerce.eventstore import Aggregate, Event, Sealed, SealedSecret
from commerce.values.errors import InvalidInput, RuleBroken
from commerce.webhooks.events import (
    DeliveryReplayRequested,
    DisabledReason,
    EndpointAdded,
    EndpointChanged,
    EndpointDisabled,
    EndpointEnabled,
    EndpointEvent,
    EndpointRemoved,
    ReplayRequested,
    SecretRotated,
)

USUAL_OVERLAP = timedelta(days=1)
"""How long deliveries are signed with the secret before, too, unless somebody says otherwise."""
LONGEST_OVERLAP = timedelta(days=30)


class EndpointExists(RuleBroken):
    """An endpoint was added for this request before."""


class EndpointNotEnabled(RuleBroken):
    """The endpoint is disabled; enable it first, and what waited is delivered."""


@dataclass(frozen=True, slots=True)
class EndpointTerms:
    """Where an endpoint is, what it is told (empty: everything), and who hears when it is disabled."""

    url: str
    event_types: tuple[str, ...]
    notice_to: Sealed | None = None


@dataclass(frozen=True, slots=True)
class NewSecret:
    """Another secret for an endpoint: when it was asked for, and until when the one before signs, too."""

    secret: SealedSecret
    asked_at: datetime
    previous_until: datetime


@dataclass(frozen=True, slots=True)
class Endpoint(Aggregate):
    """An endpoint at one version of its stream."""

    terms: EndpointTerms
    secret: SealedSecret
    previous_secret: SealedSecret | None = None
    previous_until: datetime | None = None
    disabled: DisabledReason | None = None
    """Why it is told nothing; None while it is told."""
    is_removed: bool = False


def evolve(endpoint: Endpoint | None, event: Event) -> Endpoint | None:
    """Apply one event."""
    match event:
        case EndpointAdded():
            terms = EndpointTerms(event.url, event.event_types, event.notice_to)
            return Endpoint(event.originator_id, event.originator_version, terms, event.secret)
        case EndpointChanged() if endpoint is not None:
            endpoint = replace(endpoint, terms=EndpointTerms(event.url, event.event_types, event.notice_to))
        case SecretRotated() if endpoint is not None:
            endpoint = replace(
                endpoint,
                secret=event.secret,
                previous_secret=endpoint.secret,
                previous_until=event.previous_until,
            )
        case EndpointDisabled() if endpoint is not None:
            endpoint = replace(endpoint, disabled=event.reason)
        case EndpointEnabled() if endpoint is not None:
            endpoint = replace(endpoint, disabled=None)
        case EndpointRemoved() if endpoint is not None:
            endpoint = replace(endpoint, is_removed=True)
    return None if endpoint is None else replace(endpoint, version=event.originator_version)


def fold(events: Iterable[Event]) -> Endpoint | None:
    """The endpoint after these events; None before the first, and after it was removed."""
    endpoint = None
    for event in events:
        endpoint = evolve(endpoint, event)
    return None if endpoint is None or endpoint.is_removed else endpoint


def actions_now(endpoint: Endpoint | None) -> list[str]:
    """What may be done with an endpoint now; see `RuleBroken`."""
    if endpoint is None:
        return []
    return ["PATCH", "DELETE", "rotation", *([] if endpoint.disabled else ["replay"])]


def add(history: Sequence[Event], terms: EndpointTerms, secret: SealedSecret) -> Sequence[EndpointEvent]:
    """Tell another system what happens from now on. Raises `EndpointExists`."""
    if history:
        raise EndpointExists("an endpoint was added for this request before; send another Idempotency-Key")
    return [
        EndpointAdded(url=terms.url, event_types=terms.event_types, secret=secret, notice_to=terms.notice_to),
    ]


def change(endpoint: Endpoint, terms: EndpointTerms) -> Sequence[EndpointEvent]:
    """Have an endpoint be as described; a repeat is no new event."""
    if terms == endpoint.terms:
        return []
    return [EndpointChanged(url=terms.url, event_types=terms.event_types, notice_to=terms.notice_to)]


def rotate(endpoint: Endpoint, new: NewSecret) -> Sequence[EndpointEvent]:
    """Sign with another secret, and for a while with the present one, too.

    Raises `InvalidInput` for a time that is over, or too far.
    """
    if not new.asked_at <= new.previous_until <= new.asked_at + LONGEST_OVERLAP:
        raise InvalidInput(f"name a time that is to come, within {LONGEST_OVERLAP.days} days", "previous_until")
    return [SecretRotated(secret=new.secret, previous_until=new.previous_until)]


def disable(endpoint: Endpoint, reason: DisabledReason) -> Sequence[EndpointEvent]:
    """Tell an endpoint nothing until it is enabled; a repeat is no new event."""
    return [] if endpoint.disabled else [EndpointDisabled(reason=reason)]


def enable(endpoint: Endpoint) -> Sequence[EndpointEvent]:
    """Tell an endpoint what happens, beginning with what waited; a repeat is no new event."""
    return [EndpointEnabled()] if endpoint.disabled else []


def replay(endpoint: Endpoint, after: int) -> Sequence[EndpointEvent]:
    """Deliver once more all that stands after a position. Raises `EndpointNotEnabled`."""
    _require_enabled(endpoint)
    return [ReplayRequested(after=after)]


def replay_delivery(endpoint: Endpoint, position: int) -> Sequence[EndpointEvent]:
    """Deliver the event at a position once more. Raises `EndpointNotEnabled`."""
    _require_enabled(endpoint)
    return [DeliveryReplayRequested(position=position)]


def remove(endpoint: Endpoint | None) -> Sequence[EndpointEvent]:
    """Tell an endpoint nothing any more; a repeat is no new event."""
    return [] if endpoint is None else [EndpointRemoved()]


def _require_enabled(endpoint: Endpoint) -> None:
    if endpoint.disabled:
        raise EndpointNotEnabled(f"endpoint {endpoint.id} is disabled; enable it, and what waited is delivered")
