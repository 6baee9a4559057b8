"""The stream that one command is about, as a consumer works with it: read, decide, append, and read again when it
moved."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Generic, TypeVar
from uuid import UUID

from commerce.eventstore import Aggregate, Append, Event, EventStore, Metadata, Recorded, connection_from, in_stream
from commerce.payments.events import PaymentCallPostponed, PaymentCallUnanswered
from commerce.shipping.events import ShipmentCallPostponed, ShipmentCallUnanswered
from commerce.values import ids
from commerce.values.errors import StaleVersion
from workers.outbox.messages import Command
from workers.runtime.retries import TryAgain

Postponed = PaymentCallPostponed | ShipmentCallPostponed
State = TypeVar("State", bound=Aggregate)
Fold = Callable[[Iterable[Event], State | None], State | None]

_MOST_ROUNDS = 5
"""How often a decision is made anew because the stream moved, before the message comes again later."""


class StreamSession(Generic[State]):
    """One stream's events and state; `state` is None before the first event."""

    def __init__(self, store: EventStore, stream: UUID, fold: Fold[State], command: Command, actor: Metadata) -> None:
        self.command = command
        self.state: State | None = None
        self.requested: Event | None = None
        """The process's request that the command stands for; None where the log has none, as after a restore."""
        self._store = store
        self._stream = stream
        self._fold = fold
        self._actor = actor
        self._history: Sequence[Recorded] = ()
        self._cause: int | None = None

    async def read(self, kind: type[Event]) -> None:
        """Take in the stream, and what the process asked for, as they are now. Raises `Unavailable`.

        A message is only a hint: a request of another kind than its subject stands for was never asked for this way.
        """
        process = ids.process_id(self.command.order_id)
        found = await self._store.read_together([self._stream, process])
        self._take(found[self._stream])
        for recorded in found[process]:
            if (
                isinstance(recorded.event, kind)
                and getattr(recorded.event, "request_id", None) == self.command.request_id
            ):
                self.requested, self._cause = recorded.event, recorded.position
                return

    async def append(self, events: Sequence[Event]) -> None:
        """Append what was decided on the present state. Raises `TryAgain` where the stream moved meanwhile,
        `Unavailable`."""
        try:
            await self._append(events)
        except StaleVersion:
            raise TryAgain("the stream moved before an attempt", delay=0.05) from None

    async def settle(self, decide: Callable[[State], Sequence[Event]]) -> None:
        """Append an outcome, decided again for as often as the stream moves. Raises `TryAgain`, `Unavailable`."""
        for _ in range(_MOST_ROUNDS):
            assert self.state is not None  # an outcome follows an attempt
            try:
                await self._append(decide(self.state))
            except StaleVersion:
                self._take((await self._store.read_together([self._stream]))[self._stream])
                continue
            return
        raise TryAgain("the stream moves all the time", delay=0.5)

    def count(self, kind: type[Event], request_id: UUID) -> int:
        """How many events of a kind there were about a request when the stream was read."""
        return sum(isinstance(event, kind) for event in self._about(request_id))

    def waits_for_credential(self) -> bool:
        """Whether the last call for this request was put off, as the party did not take our credential."""
        last = next(reversed(self._about(self.command.request_id)), None)
        return isinstance(last, Postponed) and last.cause == "credential_refused"

    def is_under_way(self, kinds: tuple[type[Event], ...], request_id: UUID) -> bool:
        """Whether the last attempt may still be a call that somebody waits for: how it ended is not on record."""
        ends = (PaymentCallUnanswered, PaymentCallPostponed, ShipmentCallUnanswered, ShipmentCallPostponed)
        calls = [event for event in self._about(request_id) if isinstance(event, (*kinds, *ends))]
        return bool(calls) and isinstance(calls[-1], kinds)

    def is_doubtful(self, kinds: tuple[type[Event], ...], request_id: UUID, *, is_answered: bool) -> bool:
        """Whether a call for this request may have been, or may still be, handled without anybody hearing of it."""
        attempts = sum(isinstance(event, kinds) for event in self._about(request_id))
        unheard = self.count(PaymentCallUnanswered, request_id) + self.count(ShipmentCallUnanswered, request_id)
        return attempts > 1 or (attempts == 1 and (unheard > 0 or not is_answered))

    async def arrived(self) -> None:
        """Tell the relay that the request is being worked on, though the stream says nothing new. Raises
        `Unavailable`."""
        async with connection_from(self._store.pool) as connection:
            await connection.execute(
                "UPDATE commerce_requests SET sent_at = clock_timestamp() WHERE request_id = %s",
                [self.command.request_id],
            )

    async def age(self, kinds: tuple[type[Event], ...], request_id: UUID) -> tuple[timedelta, timedelta]:
        """How long ago a request was attempted first and last, by the log's clock.

        Attempts of this handling do not count, nor do those that the party did not even look at, as it did not take our
        credential. Raises `Unavailable`.
        """
        times: list[datetime] = []
        for recorded in self._history:
            event = recorded.event
            if getattr(event, "request_id", None) != request_id:
                continue
            if isinstance(event, kinds):
                times.append(recorded.recorded_at)
            elif times and isinstance(event, Postponed) and event.cause == "credential_refused":
                times.pop()
        if not times:
            return timedelta(), timedelta()
        now = await self._now()
        return now - times[0], now - times[-1]

    async def _append(self, events: Sequence[Event]) -> None:
        if not events:
            return
        events = in_stream(events, self._stream, after=self.state.version if self.state else 0)
        append = Append(events, self.command.order_id, self._actor, causation_id=self._cause)
        self._cause = await self._store.append(append)
        self.state = self._fold(events, self.state)

    def _about(self, request_id: UUID) -> list[Event]:
        return [one.event for one in self._history if getattr(one.event, "request_id", None) == request_id]

    def _take(self, history: Sequence[Recorded]) -> None:
        self._history = history
        self.state = self._fold((recorded.event for recorded in history), None)

    async def _now(self) -> datetime:
        async with connection_from(self._store.pool) as connection:
            cursor = await connection.execute("SELECT clock_timestamp()")
            row = await cursor.fetchone()
        assert row is not None
        now: datetime = row[0]
        return now
