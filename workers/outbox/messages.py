"""Which events of the log become messages, and what they say; pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import cast, get_args
from uuid import UUID

from commerce.customers import events as customers
from commerce.eventstore import Blamed, Event, EventFailed, Recorded
from commerce.integration_events import PUBLISHED
from commerce.payments import events as payments
from commerce.payments.webhook_events import WebhookEvent, WebhookOutcome, WebhookReceived
from commerce.saga.definitions import EVERY_STEP, PARTIES, REQUESTS
from commerce.saga.intervention_events import RefundSkipped, UndoSkipped
from commerce.saga.request_events import AuthorizationRequested, PartialRefundRequested, Requested
from commerce.saga.step_definition import AboutRequest
from commerce.saga.steps import REFUND_OUTCOMES
from commerce.staff.events import StaffCredentialChange, StaffInvited
from commerce.values.money import Money
from workers.outbox.broker import COMMANDS, EVENTS
from workers.outbox.message_schemas import Command, EventData, IntegrationEvent, MessageAmount

Kinds = frozenset[type[Event]]

SUBJECTS: dict[type[Event], str] = {request.event: request.subject for request in REQUESTS if request.subject}
"""Where each request to the world outside is sent."""

WEBHOOK_SUBJECT = "commands.payments.webhook"
"""Where a message of the provider is sent, so that the payments worker asks what is so."""

_ASKING: tuple[type[Event], ...] = (*SUBJECTS, WebhookReceived, payments.PaymentAttemptRequested, RefundSkipped)

_OUTSIDE = tuple(step for step in EVERY_STEP if step.party)

ATTEMPTED: Kinds = frozenset(request.attempted for request in REQUESTS if request.attempted)
"""Signs that a request arrived and is being worked on."""

OUTCOMES: Kinds = REFUND_OUTCOMES.union(get_args(WebhookOutcome), *(step.outcomes for step in _OUTSIDE))
"""What answers a request."""

UNANSWERED: Kinds = frozenset(party.unanswered for party in PARTIES)
"""Calls of which nobody heard the end."""

SETTLES: dict[type[Event], tuple[str, ...]] = {
    undone: tuple(SUBJECTS[step.request.event] for step in _OUTSIDE if undone in step.undone_by)
    for undone in (kind for step in _OUTSIDE for kind in step.undone)
}
"""Outcomes of an undo, after which what was undone needs no outcome of its own any more."""

TOPICS = PUBLISHED | {UndoSkipped.TOPIC} | {kind.TOPIC for kind in (*_ASKING, *ATTEMPTED, *OUTCOMES, *UNANSWERED)}
"""Topics of all events that the relay reads."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message on its way: `id` is the same whenever the same attempt is published again."""

    subject: str
    stream: str
    id: str
    body: bytes
    correlation_id: str
    position: int
    """The place in the log of the event that it is made of."""
    content_type: str = "application/json"
    client_request: str | None = None
    """The id of the request to the API that led to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedRequest:
    """Where a request to the outside stands in the log, and where it is sent."""

    request_id: UUID
    subject: str
    order_id: UUID
    process_id: UUID
    position: int

    @property
    def row(self) -> tuple[object, ...]:
        """The columns that the tables of requests and of doubtful calls begin with."""
        return self.request_id, self.subject, self.order_id, self.process_id, self.position

    @property
    def command(self) -> Command:
        """What names it to its consumer."""
        return Command(
            order_id=self.order_id, process_id=self.process_id, request_id=self.request_id, position=self.position
        )

    def command_message(self, message_id: str) -> Outgoing:
        """The command on its way."""
        return Outgoing(
            subject=self.subject,
            stream=COMMANDS,
            id=message_id,
            body=self.command.model_dump_json().encode(),
            correlation_id=str(self.order_id),
            position=self.position,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideRequest(LoggedRequest):
    """A request as the relay remembers it until it has an outcome; `version` is its event's in the process's stream."""

    version: int
    attempt: int = 1

    def outgoing(self) -> Outgoing:
        """The message of this attempt."""
        return self.command_message(f"{event_id(self.process_id, self.version)}:{self.subject}:{self.attempt}")


def array_columns(rows: Iterable[Sequence[object]]) -> list[list[object]]:
    """Rows as the arrays that `unnest` takes."""
    return [list(column) for column in zip(*rows, strict=True)]


def requests_in(batch: Iterable[Recorded], kinds: Kinds) -> list[UUID]:
    """The requests that a batch's events of these kinds are about."""
    return [cast(AboutRequest, recorded.event).request_id for recorded in batch if type(recorded.event) in kinds]


def settled_subjects(event: Event) -> tuple[str, ...]:
    """The subjects of the requests that need no outcome of their own after an event, as it undoes what they asked for,
    or a person took that as undone."""
    if not isinstance(event, UndoSkipped):
        return SETTLES.get(type(event), ())
    steps = () if event.late else (step for step in EVERY_STEP if step.name == event.step)
    return tuple(SUBJECTS[one.request.event] for step in steps for one in (step, *step.includes))


def withdrawn_in(batch: Iterable[Recorded]) -> list[UUID]:
    """The requests that nobody asks for any more, as a batch says."""
    events = (recorded.event for recorded in batch)
    return [request_id for event in events if isinstance(event, UndoSkipped) for request_id in event.request_ids]


def event_id(stream: UUID, version: int) -> str:
    """An event's name outside the log."""
    return f"{stream}:{version}"


def request_of(recorded: Recorded) -> OutsideRequest | None:
    """The request that an event makes of the world outside, if it does."""
    match event := recorded.event:
        case WebhookReceived():
            subject, order_id = WEBHOOK_SUBJECT, event.order_id or event.request_id
        case payments.PaymentAttemptRequested():  # what the process asked for, once more
            subject, order_id = SUBJECTS[AuthorizationRequested], event.order_id
        case RefundSkipped():  # so that payments ends it
            subject, order_id = SUBJECTS[PartialRefundRequested], event.order_id
        case Requested() if type(event) in SUBJECTS:
            subject, order_id = SUBJECTS[type(event)], event.order_id
        case _:
            return None
    return OutsideRequest(
        request_id=event.request_id,
        subject=subject,
        order_id=order_id,
        process_id=recorded.stream,
        position=recorded.position,
        version=recorded.originator_version,
    )


def integration_event_of(recorded: Recorded) -> Outgoing | None:
    """The integration event that an event is published as, if it is."""
    if recorded.topic not in PUBLISHED:
        return None
    about = _about(recorded)
    if about is None:
        return None
    message = IntegrationEvent(
        id=event_id(recorded.stream, recorded.originator_version),
        type=recorded.topic,
        subject=str(about.order_id or about.customer_id or about.member_id),
        time=recorded.recorded_at,
        data=about,
    )
    subject = f"events.{recorded.topic}"
    return Outgoing(
        subject=subject,
        stream=EVENTS,
        id=f"{message.id}:{subject}:1",
        body=message.model_dump_json().encode(),
        correlation_id=message.subject,
        position=recorded.position,
        content_type="application/cloudevents+json",
    )


def _about(recorded: Recorded) -> EventData | None:
    """What an integration event tells; None where it is about nobody."""
    event, position = recorded.event, recorded.position
    match event:
        case customers.EmailConfirmationRequested() | customers.EmailChangeRequested() | customers.EmailChanged():
            return EventData(customer_id=recorded.stream, position=position)
        case customers.PasswordResetRequested(customer_id=customer_id):
            return None if customer_id is None else EventData(customer_id=customer_id, position=position)
        case StaffInvited() | StaffCredentialChange():
            return EventData(member_id=recorded.stream, position=position)
        case _:
            return EventData(
                order_id=getattr(event, "order_id", recorded.stream),
                position=position,
                customer_id=getattr(event, "customer_id", None),
                amount=_amount(getattr(event, "total", getattr(event, "amount", None))),
            )


def messages_of(batch: Iterable[Recorded]) -> list[Outgoing]:
    """All messages of a batch, in its order; a request that is answered in the same batch is not sent.

    Raises `EventFailed` for one that cannot be read.
    """
    events = list(batch)
    for recorded in events:
        with Blamed(recorded):
            _require_order(recorded)
    answered = set(requests_in(events, OUTCOMES))
    messages: list[Outgoing] = []
    for recorded in events:
        request = request_of(recorded)
        if request is not None and request.request_id not in answered:
            messages.append(request.outgoing())
        published = integration_event_of(recorded)
        if published is not None:
            messages.append(published)
    return messages


def published_again(batch: Iterable[Recorded]) -> list[Outgoing]:
    """The integration events of a batch that was published before, but for those that the relay has parked as it cannot
    read them."""
    messages: list[Outgoing] = []
    for recorded in batch:
        with suppress(EventFailed), Blamed(recorded):
            _require_order(recorded)
            messages += filter(None, [integration_event_of(recorded)])
    return messages


class _NoOrder(Exception):
    """A message cannot say of which order it is."""


def _require_order(recorded: Recorded) -> None:
    """Raise for an event that cannot be read, or belongs to no order; word of a provider may name none, and nobody's
    e-mail address has no customer."""
    assert recorded.event
    if recorded.correlation_id is None and not isinstance(
        recorded.event, WebhookEvent | customers.PasswordResetRequested
    ):
        raise _NoOrder(f"{recorded.topic} names no order")


def _amount(money: Money | None) -> MessageAmount | None:
    return None if money is None else MessageAmount(amount=str(money.amount), currency=money.currency)
