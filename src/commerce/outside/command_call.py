"""A command's whole call of a party, as its breaker sees it: attempts on record, retries, and a question at the end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Generic, TypeVar
from uuid import UUID

import stamina

from commerce.eventstore import Event
from commerce.outside.breaker import Breaker
from commerce.outside.call_identity import CallIdentity, calling_for
from commerce.outside.call_state import call_postponed, call_unanswered
from commerce.outside.errors import PartyDown, PartyUnavailable, Postponed, RequestRejected, TryAgain
from commerce.outside.events import CallPostponed, CallUnanswered, PostponementCause
from commerce.outside.party import PartyPort
from commerce.outside.retries import LONGEST_RETRY_PAUSE_S
from commerce.outside.stream_session import State, StreamSession

Outcome = TypeVar("Outcome")
Call = Callable[[], Awaitable[Outcome]]
Attempted = Callable[[], Sequence[Event]]
"""Decides, on the stream as it is now, that an attempt may be made."""


@dataclass(frozen=True, slots=True)
class CallEvents:
    """A context's own events for calls without an outcome."""

    unanswered: type[CallUnanswered]
    postponed: type[CallPostponed]


@dataclass(frozen=True, slots=True)
class CommandCall(Generic[State, Outcome]):
    """What one command has a party do; `key` is its idempotency key there."""

    session: StreamSession[State]
    operation: str
    key: UUID
    attempted: Attempted
    call: Call[Outcome]
    party: PartyPort[Outcome]
    breaker: Breaker
    events: CallEvents
    asks_first: bool = False
    """Whether the party is asked what became of a call without an answer before it is called again."""

    async def made(self, *, is_undo: bool) -> Outcome:
        """The outcome; an undo is attempted without end.

        Raises `PartyUnavailable` where the fault is the order's own, and `Postponed` where it is the party's, or the
        party is left alone.
        """
        try:
            return await self.breaker.call(self.session.order_id, partial(self._retried_or_told, is_undo=is_undo))
        except PartyDown as error:
            await self.note_postponed("unavailable", str(error))
            raise self.breaker.postponed(str(error)) from None

    async def _retried_or_told(self, *, is_undo: bool) -> Outcome:
        """As `made`, with `PartyDown` where the party does not even answer a question."""
        most = self.breaker.policy.attempts
        tries = most if is_undo else most - self.session.counted_attempts(self.operation)
        failed = PartyUnavailable("no attempt is left")
        if tries > 0:
            try:
                is_once = self.asks_first or self.session.put_off_as() == "unavailable"
                return await self._retried(1 if is_once else tries)
            except PartyUnavailable as error:
                failed = error
            is_last = not is_undo and self.session.counted_attempts(self.operation) >= most
            if _is_silent(failed) and not is_last:  # then a question would only take as long again
                raise PartyDown(str(failed)) from failed
        return await self._told(failed)

    async def _told(self, failed: PartyUnavailable) -> Outcome:
        """What a party that gave no answer says when it is asked what became of the call.

        Raises `failed` where it knows nothing of it, and `PartyDown` where it does not answer either.
        """
        try:
            request = self.session.on_record(self.operation, self.key)
            found = await self.party.find_operation(request)
            if found is None:  # which an adapter may know without a call
                await self.party.check_credential(request)
        except PartyUnavailable:
            raise PartyDown(str(failed)) from failed
        except (Postponed, RequestRejected):
            raise failed from None
        if found is None:
            raise failed
        return found

    async def _retried(self, tries: int) -> Outcome:
        """Call, and call again soon where no outcome is heard, while the party is not left alone."""
        policy = self.breaker.policy
        async for attempt in stamina.retry_context(
            on=self._pause,
            attempts=tries,
            timeout=policy.retry_within_s,
            wait_initial=policy.retry_pause_s,
            wait_max=LONGEST_RETRY_PAUSE_S,
            wait_jitter=policy.retry_pause_s,
        ):
            with attempt:
                return await self._noted()
        raise AssertionError("stamina raises what the last attempt raised")

    async def _noted(self) -> Outcome:
        """Record an attempt and make it; where no outcome is heard, record that, so that the stream says why the party
        is called again."""
        session = self.session
        events = self.attempted()
        if not events:
            raise TryAgain("another process was faster", 0.05)
        await session.append(events)
        number = session.known.attempts(self.operation, session.request_id)
        try:
            with calling_for(CallIdentity(session.order_id, session.request_id, number)):
                return await self.call()
        except Postponed as error:
            await self.note_postponed(error.cause, str(error))
            raise
        except PartyUnavailable as error:
            self.breaker.note_trouble(session.order_id)
            await self.note_unanswered(str(error))
            raise

    async def note_unanswered(self, detail: str) -> None:
        """Record that the last attempt had no answer."""
        kind, about = self.events.unanswered, (self.operation, self.session.request_id)
        await self.session.settle(lambda state: call_unanswered(state, kind, *about, detail))

    async def note_postponed(self, cause: PostponementCause, detail: str) -> None:
        """Record that the last attempt is put off."""
        kind, about = self.events.postponed, (self.operation, self.session.request_id)
        await self.session.settle(lambda state: call_postponed(state, kind, *about, cause=cause, detail=detail))

    def _pause(self, error: Exception) -> bool | float:
        """Whether a call that ended so is made again at once, or after how many seconds."""
        if not isinstance(error, PartyUnavailable) or not self.breaker.is_closed:
            return False
        if error.pause_s is None:
            return True
        return error.pause_s if error.pause_s <= LONGEST_RETRY_PAUSE_S else False


def _is_silent(error: PartyUnavailable) -> bool:
    """Whether nothing came back at all, for as long as a call may take."""
    return isinstance(error.__cause__, TimeoutError | OSError)
