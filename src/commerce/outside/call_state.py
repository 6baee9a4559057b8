"""The state of a stream of calls: what its party was asked, and which requests have an outcome."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field
from uuid import UUID

from commerce.eventstore import Aggregate, Event
from commerce.outside.events import CallPostponed, CallUnanswered, PostponementCause
from commerce.values.money import Money


@dataclass(frozen=True, slots=True)
class Attempt:
    """The last attempt of an operation: its request, its number among the request's attempts, and the amount that it
    names, if any."""

    request_id: UUID
    number: int
    amount: Money | None = None


@dataclass(frozen=True, slots=True)
class CallState(Aggregate):
    """What every stream of calls keeps, at one version."""

    order_id: UUID
    _: KW_ONLY
    attempted: Mapping[str, Attempt] = field(default_factory=dict)
    """The last attempt of each operation."""
    answered: frozenset[UUID] = frozenset()
    """The requests that have an outcome, `OutcomeUnknown` included."""
    closed_by: UUID | None = None
    """The undo that found nothing at the party."""
    seconds: Mapping[str, bool] = field(default_factory=dict)
    """What the party did a second time for one request, by its own id; and whether what became of that is known."""
    differences: Mapping[UUID, str] = field(default_factory=dict)
    """What was answered last to each request whose answer differed from it."""

    @property
    def reopened(self) -> frozenset[UUID]:
        """The requests that have an outcome, once it became known that the party did something: the undo that closed
        without an outcome, if any, has to begin again."""
        return self.answered.difference([self.closed_by])

    @property
    def party_id(self) -> str | None:
        """What the party calls the thing that the calls are about, where it can be asked about it."""
        return None

    def key_of(self, _operation: str, request_id: UUID) -> UUID:
        """The idempotency key of the last call for a request; its id, but where the party is called for one request in
        several ways."""
        return request_id

    def attempts(self, operation: str, request_id: UUID) -> int:
        """How often an operation was attempted for a request."""
        attempt = self.attempted.get(operation)
        return attempt.number if attempt is not None and attempt.request_id == request_id else 0

    def open_attempt(self, operation: str, request_id: UUID) -> int:
        """The number of the last attempt of a request that has no outcome; 0 where there is no such attempt."""
        return 0 if request_id in self.answered else self.attempts(operation, request_id)

    def is_settled(self, second: str) -> bool:
        """Whether nothing is left to do about what the party did a second time."""
        return self.seconds.get(second, True)


def call_unanswered(
    state: CallState, kind: type[CallUnanswered], operation: str, request_id: UUID, detail: str
) -> list[Event]:
    """The last attempt of a request had no answer. No event where the request has an outcome, or another request was
    attempted after it."""
    number = state.open_attempt(operation, request_id)
    if not number:
        return []
    return [kind(order_id=state.order_id, request_id=request_id, attempt=number, detail=detail)]


def call_postponed(
    state: CallState,
    kind: type[CallPostponed],
    operation: str,
    request_id: UUID,
    *,
    cause: PostponementCause,
    detail: str,
) -> list[Event]:
    """The party does not do it now. No event where the request has an outcome, or another was attempted after it."""
    number = state.open_attempt(operation, request_id)
    if not number:
        return []
    return [kind(order_id=state.order_id, request_id=request_id, attempt=number, cause=cause, detail=detail)]
