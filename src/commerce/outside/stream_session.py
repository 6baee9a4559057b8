"""The stream that one command is about, as its handler works with it: read, decide, append, and read again when it
moved."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Generic, Protocol, TypeVar
from uuid import UUID

import structlog

from commerce.eventstore import Append, Event, EventStore, Metadata, Recorded, connection_from, in_stream
from commerce.outside.call_state import CallState
from commerce.outside.errors import TryAgain
from commerce.outside.events import (
    AnswerDiffered,
    CallAttempted,
    CallPostponed,
    CallsBegunAnew,
    CallUnanswered,
    PostponementCause,
    RequestWithdrawn,
)
from commerce.outside.party import RequestOnRecord
from commerce.values import ids
from commerce.values.errors import StaleVersion

_MOST_ROUNDS = 5
"""How often an outcome is decided, because the stream moved, before the command comes again later."""

_log = structlog.stdlib.get_logger(__name__)


class Hint(Protocol):
    """Names a request, as a message does; what is asked for stands in the log."""

    @property
    def order_id(self) -> UUID:
        """The order it is about."""

    @property
    def request_id(self) -> UUID:
        """Its id, and its idempotency key."""


class Asked(Hint, Protocol):
    """A request in a context's own words."""

    @property
    def operation(self) -> str:
        """What its party is asked to do."""


State = TypeVar("State", bound=CallState)
Request = TypeVar("Request", bound=Asked)
RequestOf = Callable[[Event], Request | None]
"""What an event asks of a context, if it does. A context does not know who asks: the worker that starts it tells it."""
Fold = Callable[[Iterable[Event], State | None], State | None]
Decide = Callable[[State], Sequence[Event]]


class StreamSession(Generic[State]):
    """One stream's events and state, for one request; `state` is None before the first event."""

    def __init__(self, store: EventStore, stream: UUID, fold: Fold[State], hint: Hint, actor: Metadata) -> None:
        self.order_id, self.request_id = hint.order_id, hint.request_id
        self.state: State | None = None
        self.is_withdrawn = False
        """Whether a person said that nobody is to ask for it any more."""
        self._store = store
        self._stream = stream
        self._fold = fold
        self._actor = actor
        self._history: Sequence[Recorded] = ()
        self._cause: int | None = None

    @property
    def known(self) -> State:
        """The state of a stream that has begun: what was never attempted is closed, and nothing else."""
        assert self.state is not None
        return self.state

    @property
    def is_answered(self) -> bool:
        """Whether the request has an outcome."""
        return self.state is not None and self.request_id in self.state.answered

    async def read(self, operation: str, request_of: RequestOf[Request]) -> Request | None:
        """Take in the stream, and answer what the process asked for; None where the log has no such request, as after
        a restore.

        A request for another operation than the message is about was never asked for this way. Raises `Unavailable`.
        """
        process = ids.process_id(self.order_id)
        found = await self._store.read_together([self._stream, process])
        self._take(found[self._stream])
        self.is_withdrawn = any(self._withdraws(recorded.event) for recorded in found[process])
        for recorded in found[process]:
            request = request_of(recorded.event)
            if request is not None and (request.request_id, request.operation) == (self.request_id, operation):
                self._cause = recorded.position
                return request
        return None

    async def load(self, cause: int) -> None:
        """Take in the stream, for a reason that is no process's request; `cause` is its place in the log. Raises
        `Unavailable`."""
        self._take((await self._store.read_together([self._stream]))[self._stream])
        self._cause = cause

    def _withdraws(self, event: Event) -> bool:
        return isinstance(event, RequestWithdrawn) and self.request_id in event.request_ids

    async def append(self, events: Sequence[Event]) -> None:
        """Append what was decided on the present state. Raises `TryAgain` where the stream moved meanwhile,
        `Unavailable`."""
        try:
            await self._append(events)
        except StaleVersion:
            raise TryAgain("the stream moved before an attempt", delay=0.05) from None

    async def settle(self, decide: Decide[State]) -> None:
        """Append an outcome, decided again as often as the stream moves. Raises `TryAgain`, `Unavailable`."""
        for _ in range(_MOST_ROUNDS):
            try:
                await self._append(decide(self.known))
            except StaleVersion:
                self._take((await self._store.read_together([self._stream]))[self._stream])
                continue
            return
        raise TryAgain("the stream moves all the time", delay=0.5)

    async def settle_difference(self, found: AnswerDiffered, decide: Decide[State]) -> None:
        """Append that an answer is about something else than was asked, which is no success. Raises like `settle`."""
        if decide(self.known):
            request_id = str(found.request_id)
            _log.error("an answer differs", request_id=request_id, asked=found.asked, answered=found.answered)
        await self.settle(decide)

    def on_record(self, operation: str, key: UUID) -> RequestOnRecord:
        """A request as a party is asked about it."""
        if self.state is None:
            return RequestOnRecord(key, operation, None)
        return RequestOnRecord(self.state.key_of(operation, key), operation, self.state.party_id)

    def counted_attempts(self, operation: str) -> int:
        """How many calls for the request count towards giving up: not one that the party itself put off, and none
        before one that found it down, or before it was to be called in another way."""
        uncounted = made = 0
        for event in self._about(self.request_id):
            match event:
                case CallAttempted():
                    made += 1
                case CallPostponed(cause="unavailable") | CallsBegunAnew():
                    uncounted = made
                case CallPostponed():
                    uncounted += 1
        return 0 if self.state is None else self.state.attempts(operation, self.request_id) - uncounted

    def put_off_as(self) -> PostponementCause | None:
        """Why the last call for the request was put off, if it was."""
        last = next(reversed(self._about(self.request_id)), None)
        return last.cause if isinstance(last, CallPostponed) else None

    def is_under_way(self, request_id: UUID) -> bool:
        """Whether the last attempt may still be a call that somebody waits for: how it ended is not on record."""
        kinds = (CallAttempted, CallUnanswered, CallPostponed)
        calls = [event for event in self._about(request_id) if isinstance(event, kinds)]
        return bool(calls) and isinstance(calls[-1], CallAttempted)

    def is_doubtful(self) -> bool:
        """Whether a call for the request may have been, or may still be, handled without anybody hearing of it."""
        about = self._about(self.request_id)
        attempts = sum(isinstance(event, CallAttempted) for event in about)
        is_unheard = any(isinstance(event, CallUnanswered) for event in about)
        return attempts > 1 or (attempts == 1 and (is_unheard or not self.is_answered))

    async def arrived(self) -> None:
        """Tell the relay that the request is being worked on, though the stream says nothing new. Raises
        `Unavailable`."""
        async with connection_from(self._store.pool) as connection:
            await connection.execute(
                "UPDATE commerce_requests SET sent_at = clock_timestamp() WHERE request_id = %s", [self.request_id]
            )

    async def age(self, request_id: UUID) -> tuple[timedelta, timedelta]:
        """How long ago a request was attempted first and last, by the log's clock.

        Attempts of this handling do not count, nor do those that the party did not even look at, as it did not take our
        credential. Raises `Unavailable`.
        """
        times: list[datetime] = []
        for recorded in self._history:
            match recorded.event:
                case CallAttempted(request_id=id_) if id_ == request_id:
                    times.append(recorded.recorded_at)
                case CallPostponed(request_id=id_, cause="credential_refused") if id_ == request_id and times:
                    times.pop()
        if not times:
            return timedelta(), timedelta()
        now = await self.now()
        return now - times[0], now - times[-1]

    async def now(self) -> datetime:
        """The database's time. Raises `Unavailable`."""
        async with connection_from(self._store.pool) as connection:
            cursor = await connection.execute("SELECT clock_timestamp()")
            row = await cursor.fetchone()
        assert row is not None
        now: datetime = row[0]
        return now

    async def _append(self, events: Sequence[Event]) -> None:
        if not events:
            return
        events = in_stream(events, self._stream, after=self.state.version if self.state else 0)
        append = Append(events, self.order_id, self._actor, causation_id=self._cause)
        self._cause = await self._store.append(append)
        self.state = self._fold(events, self.state)

    def _about(self, request_id: UUID) -> list[Event]:
        return [one.event for one in self._history if getattr(one.event, "request_id", None) == request_id]

    def _take(self, history: Sequence[Recorded]) -> None:
        self._history = history
        self.state = self._fold((recorded.event for recorded in history), None)
