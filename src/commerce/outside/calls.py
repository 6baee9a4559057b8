"""How one party is called for a command: attempts on record before and after each call, doubt, and undoing step by
step."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Generic
from uuid import UUID

import structlog

from commerce.eventstore import Event
from commerce.outside.breaker import Breakers
from commerce.outside.call_identity import CallIdentity, calling_for
from commerce.outside.call_state import call_postponed
from commerce.outside.command_call import Attempted, Call, CallEvents, CommandCall, Outcome
from commerce.outside.errors import PartyUnavailable, PersonNeeded, Postponed, RequestRejected, TryAgain
from commerce.outside.party import PartyPort
from commerce.outside.retries import CREDENTIAL_PAUSE_S, KEY_WINDOW, growing, spread
from commerce.outside.stream_session import Request, RequestOf, State, StreamSession

_MOST_UNDO_STEPS = 8

_log = structlog.stdlib.get_logger(__name__)


class PartyCalls(Generic[Outcome]):
    """The calls to one party."""

    def __init__(
        self,
        name: str,
        party: PartyPort[Outcome],
        breakers: Breakers,
        events: CallEvents,
    ) -> None:
        """`name` is as in "the carrier"; each of its operations is called by the rules of its breaker."""
        self._name = name
        self._party = party
        self._events = events
        self._breakers = breakers
        self._in_flight = timedelta(seconds=max(one.policy.timeout_s for one in breakers.values()) + 1)
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
            if session.put_off_as() == "credential_refused":
                with suppress(PartyUnavailable):  # so that no further call is put on record in vain
                    await self._party.check_credential(session.on_record(operation, session.request_id))
            with calling_for(CallIdentity(session.order_id, session.request_id)):
                await handler(request)
        except Postponed as error:
            await session.arrived()
            pause_s = CREDENTIAL_PAUSE_S if error.cause == "credential_refused" else error.pause_s
            pause_s = None if pause_s is None else spread(pause_s)
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
        attempted: Attempted,
        prepared: Callable[[], Awaitable[Call[Outcome]]],
    ) -> Outcome | None:
        """Prepare a call of the way forward, and make it; None where no call will tell the outcome any more.

        Each attempt is on record before it is made. A step is given up after its attempts only if the party lives.
        Raises `TryAgain` and `Postponed`, and before anything is recorded what `attempted` and `prepared` raise.
        """
        id_ = session.request_id
        attempted()
        first, _ = await session.age(id_)
        if first > KEY_WINDOW:
            return await self.find(session, operation, id_)
        call = self._command_call(session, operation, id_, attempted, await prepared())
        try:
            return await call.made(is_undo=False)
        except PartyUnavailable as error:
            made = session.counted_attempts(operation)
            if made < self._breakers[operation].policy.attempts:
                raise TryAgain(str(error), spread(error.pause_s or growing(made))) from None
            _log.warning("no outcome after the last attempt", request_id=str(id_), reason=str(error))
        except RequestRejected as error:
            self.log_rejection(id_, error)
            await call.note_unanswered(f"{self._name} rejects the request ({error.code})")
        return None

    async def repeat(
        self,
        session: StreamSession[State],
        operation: str,
        key: UUID,
        attempted: Attempted,
        call: Call[Outcome],
        *,
        asks_first: bool = False,
    ) -> Outcome | None:
        """Call to undo, as often as it takes; each attempt is on record before it is made.

        Where it `asks_first`, a call without an answer is asked about before the next one.
        Raises `TryAgain` where no answer was had, `Postponed`, `RequestRejected`.
        """
        first, _ = await session.age(session.request_id)
        if first > KEY_WINDOW:
            return await self.find(session, operation, key)
        try:
            command = self._command_call(session, operation, key, attempted, call)
            return await replace(command, asks_first=asks_first).made(is_undo=True)
        except PartyUnavailable as error:
            pause_s = error.pause_s or growing(session.counted_attempts(operation))
            raise TryAgain(str(error), spread(pause_s)) from None

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

    async def require_known(self, session: StreamSession[State], request_id: UUID) -> None:
        """Raises `PersonNeeded` where the party may have forgotten the key of a request: that it knows nothing says
        nothing then, and nobody else knows what it holds."""
        _, last = await session.age(request_id)
        if self._party.is_asked_by_key and last > KEY_WINDOW:
            raise PersonNeeded

    async def find(self, session: StreamSession[State], operation: str, key: UUID) -> Outcome | None:
        """What became of a request under a key, as far as the party knows."""
        return await self._party.find_operation(session.on_record(operation, key))

    async def reject_undo(self, session: StreamSession[State], operation: str, detail: str) -> None:
        """Put on record that the party does not undo what it did. Raises `PersonNeeded`."""
        _log.error("an undo is rejected", request_id=str(session.request_id), reason=detail)
        kind, about = self._events.postponed, (operation, session.request_id)
        await session.settle(lambda state: call_postponed(state, kind, *about, cause="undo_refused", detail=detail))
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

    def _command_call(
        self, session: StreamSession[State], operation: str, key: UUID, attempted: Attempted, call: Call[Outcome]
    ) -> CommandCall[State, Outcome]:
        breaker = self._breakers[operation]
        return CommandCall(session, operation, key, attempted, call, self._party, breaker, self._events)
