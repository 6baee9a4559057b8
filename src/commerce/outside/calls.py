"""How one party is called for a command: attempts on record before and after each call, doubt, and undoing step by
step."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Generic, TypeVar
from uuid import UUID

import structlog

from commerce.eventstore import Event
from commerce.outside.call_state import call_postponed, call_unanswered
from commerce.outside.errors import PartyUnavailable, PersonNeeded, Postponed, RequestRejected, TryAgain
from commerce.outside.events import CallPostponed, CallUnanswered, PostponementCause
from commerce.outside.party import PartyPort, RequestOnRecord
from commerce.outside.retries import CREDENTIAL_PAUSE_S, KEY_WINDOW, MOST_ATTEMPTS, growing
from commerce.outside.stream_session import Request, RequestOf, State, StreamSession

_MOST_UNDO_STEPS = 8

_log = structlog.stdlib.get_logger(__name__)

Outcome = TypeVar("Outcome")
Call = Callable[[], Awaitable[Outcome]]


class PartyCalls(Generic[Outcome]):
    """The calls to one party."""

    def __init__(
        self,
        name: str,
        party: PartyPort[Outcome],
        call_timeout_s: float,
        unanswered: type[CallUnanswered],
        postponed: type[CallPostponed],
    ) -> None:
        """`name` is as in "the carrier"; a call takes `call_timeout_s` seconds at most.

        `unanswered` and `postponed` are the context's own events.
        """
        self._name = name
        self._party = party
        self._unanswered = unanswered
        self._postponed = postponed
        self._in_flight = timedelta(seconds=call_timeout_s + 1)
        """After this long a call has ended for its caller. The party may still do what it was asked for."""

    async def handle(
        self,
        session: StreamSession[State],
        operation: str,
        request_of: RequestOf[Request],
        handler: Callable[[Request], Awaitable[None]],
    ) -> None:
        """Handle what a message says was asked, if the log says so too; what is done, and for how much, stands in the
        log.

        Raises `TryAgain`, `Unavailable`, and what the handler raises.
        """
        request = await session.read(operation, request_of)
        if request is None:
            _log.warning(
                "a command that the log does not know", operation=operation, request_id=str(session.request_id)
            )
            return
        try:
            if session.waits_for_credential():
                with suppress(PartyUnavailable):  # so that no further call is put on record in vain
                    await self._party.check_credential(_on_record(session, operation, session.request_id))
            await handler(request)
        except Postponed as error:
            await session.arrived()
            pause_s = CREDENTIAL_PAUSE_S if error.cause == "credential_refused" else error.pause_s
            raise TryAgain(str(error), pause_s, is_put_off=True) from None

    async def forward(
        self,
        session: StreamSession[State],
        gone_past: type[Exception],
        go_on: Callable[[], Awaitable[None]],
        ask_again: Callable[[], Awaitable[None]],
    ) -> None:
        """Go on with a step of the way forward.

        Once it has an outcome, was withdrawn, or an undo has taken over (then `go_on` raises `gone_past`), the party is
        only asked about what is in doubt.
        """
        if not session.is_answered and not session.is_withdrawn:
            with suppress(gone_past):
                await go_on()
                return
        if session.is_doubtful():
            await ask_again()

    async def attempt(
        self,
        session: StreamSession[State],
        operation: str,
        attempted: Sequence[Event],
        prepared: Callable[[], Awaitable[Call[Outcome]]],
    ) -> Outcome | None:
        """Prepare a call of the way forward, record it, and make it; None where no call will tell the outcome any more.

        Raises `TryAgain` and `Postponed`, and before anything is recorded what `prepared` raises.
        """
        put_off = session.put_off()
        if (
            session.state is not None
            and session.state.attempts(operation, session.request_id) - put_off >= MOST_ATTEMPTS
        ):
            return None
        first, _ = await session.age(session.request_id)
        if first > KEY_WINDOW:
            return await self.find(session, operation, session.request_id)
        call = await prepared()
        await session.append(attempted)
        attempts = session.known.attempts(operation, session.request_id) - put_off
        try:
            return await self._noted(session, operation, call)
        except PartyUnavailable as error:
            if attempts < MOST_ATTEMPTS:
                raise TryAgain(str(error), growing(attempts)) from None
            _log.warning("no outcome after the last attempt", request_id=str(session.request_id), reason=str(error))
        except RequestRejected as error:
            self.log_rejection(session.request_id, error)
            await self._note_unanswered(session, operation, f"{self._name} rejects the request ({error.code})")
        return None

    async def repeat(
        self,
        session: StreamSession[State],
        operation: str,
        key: UUID,
        attempted: Sequence[Event],
        call: Call[Outcome],
    ) -> Outcome | None:
        """Put an attempt to undo on record, then call, as often as it takes.

        Raises `TryAgain` where no answer was had, `Postponed`, `RequestRejected`.
        """
        first, _ = await session.age(session.request_id)
        if first > KEY_WINDOW:
            return await self.find(session, operation, key)
        await session.append(attempted)
        try:
            return await self._noted(session, operation, call)
        except PartyUnavailable as error:
            raise TryAgain(str(error), growing(session.known.attempts(operation, session.request_id))) from None

    async def undo(self, session: StreamSession[State], step: Callable[[], Awaitable[bool]]) -> None:
        """Take one step after the other until the request has its outcome, or a step says that nothing is left to do.

        One that was withdrawn is not taken. Raises `TryAgain`.
        """
        if session.is_withdrawn:
            return
        try:
            for _ in range(_MOST_UNDO_STEPS):
                if session.is_answered or await step():
                    return
        except PersonNeeded:
            await session.arrived()
            return
        raise TryAgain("the undo takes more steps")

    async def ask(self, session: StreamSession[State], operation: str, request_id: UUID) -> Outcome | None:
        """What became of a request; None where the party knows nothing of it, and no call can be under way any more.

        Raises `TryAgain` while one can be.
        """
        _, last = await session.age(request_id)
        found = await self.find(session, operation, request_id)
        if found is None and last < self._in_flight and session.is_under_way(request_id):
            raise TryAgain("a call may be under way", (self._in_flight - last).total_seconds())
        return found

    async def find(self, session: StreamSession[State], operation: str, key: UUID) -> Outcome | None:
        """What became of a request under a key, as far as the party knows."""
        return await self._party.find_operation(_on_record(session, operation, key))

    async def reject_undo(self, session: StreamSession[State], operation: str, detail: str) -> None:
        """Put on record that the party does not undo what it did. Raises `PersonNeeded`."""
        _log.error("an undo is rejected", request_id=str(session.request_id), reason=detail)
        await self._note_postponed(session, operation, "undo_refused", detail)
        raise PersonNeeded

    async def undo_second(
        self,
        session: StreamSession[State],
        second: str,
        call: Callable[[], Awaitable[str | None]],
        settled: Callable[[State, str | None], Sequence[Event]],
    ) -> None:
        """Have undone what the party did twice for one request, unless that is settled; `call` answers why it does not
        undo it. Raises `TryAgain`."""
        if session.known.is_settled(second):
            return
        _log.error("a request was done twice", party=self._name, request_id=str(session.request_id), second=second)
        try:
            reason = await call()
        except PartyUnavailable as error:
            raise TryAgain(str(error)) from None
        except RequestRejected as error:
            reason = error.code
        await session.settle(lambda state: settled(state, reason))

    def log_rejection(self, request_id: UUID, error: RequestRejected) -> None:
        """Tell the operator that the party takes a request of ours for wrong."""
        _log.error("a request is rejected", party=self._name, request_id=str(request_id), code=error.code)

    async def _noted(self, session: StreamSession[State], operation: str, call: Call[Outcome]) -> Outcome:
        """Call; where no outcome is heard, record that, so that the stream says why the party is called again."""
        try:
            return await call()
        except Postponed as error:
            await self._note_postponed(session, operation, error.cause, str(error))
            raise
        except PartyUnavailable as error:
            await self._note_unanswered(session, operation, str(error))
            raise

    async def _note_unanswered(self, session: StreamSession[State], operation: str, detail: str) -> None:
        kind, request_id = self._unanswered, session.request_id
        await session.settle(lambda state: call_unanswered(state, kind, operation, request_id, detail))

    async def _note_postponed(
        self, session: StreamSession[State], operation: str, cause: PostponementCause, detail: str
    ) -> None:
        kind, about = self._postponed, (operation, session.request_id)
        await session.settle(lambda state: call_postponed(state, kind, *about, cause=cause, detail=detail))


def _on_record(session: StreamSession[State], operation: str, key: UUID) -> RequestOnRecord:
    return RequestOnRecord(key, operation, session.state.party_id if session.state is not None else None)
