"""Leaves a party alone for a while that does not answer: one breaker for each of its operations, in each process.

interlock keeps the states: closed, open, half-open with one probe at a time. This module says what counts. A command's
whole call, with its retries, is one failure, several of one order are one, and an answer ends the count. Where the
party still answers questions, a few orders that fail are at fault themselves; that many at once are not.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

import structlog
from interlock import CircuitBreaker, CircuitOpenError, Clock, Config, State, WindowType

from commerce.outside.errors import PartyDown, PartyUnavailable, Postponed, RequestRejected
from commerce.outside.policy import CallPolicy

_NEVER_SLOW_S = 86_400.0
_PROBE_TIMEOUT_S = 15.0
"""For another order's probe to end, before the command comes again later."""
_AFTER_PROBES_S = 1.0
_MOST_ORDERS_AT_FAULT = 4
"""Orders that may fail at once by their own fault, such as broken cards."""

_log = structlog.stdlib.get_logger(__name__)

Result = TypeVar("Result")
Work = Callable[[], Awaitable[Result]]


class BreakerState(StrEnum):
    """Whether calls are made."""

    CLOSED = "closed"
    """They are."""
    HALF_OPEN = "half-open"
    """One at a time is, to see whether it is answered."""
    OPEN = "open"
    """None is."""


class _MonotonicClock:
    """Seconds of this process."""

    def monotonic(self) -> float:
        """Seconds from some time on."""
        return time.monotonic()


class _NoVerdict(BaseException):
    """What a probe raised that says nothing about the party: to interlock it is like a cancellation."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error


class Breaker:
    """The breaker of one operation of one party, in this process."""

    def __init__(self, party: str, operation: str, policy: CallPolicy, clock: Clock | None = None) -> None:
        """`party` is as in "payment provider"."""
        self.party = party
        self.operation = operation
        self.policy = policy
        self.openings = 0
        """How often it opened, probes that failed included."""
        self.reason = ""
        """Why it opened last."""
        self._clock = clock or _MonotonicClock()
        self._circuit = CircuitBreaker(name=f"{party} {operation}", config=_config(policy), clock=self._clock)
        self._failed: dict[UUID, float] = {}
        self._answers = 0
        self._in_trouble: dict[UUID, float] = {}
        """When an attempt for each order had no answer last, since any call was answered."""
        self._opened_at = float("-inf")
        self._orders_probed = 0
        """Orders that failed for the first time as probes, since calls were paused or one was answered."""
        self._is_probing = False
        self._probed = asyncio.Event()

    @property
    def state(self) -> BreakerState:
        """Whether calls are made now; once the pause is over, a probe is."""
        match self._circuit.state:
            case State.CLOSED:
                return BreakerState.CLOSED
            case State.HALF_OPEN:
                return BreakerState.HALF_OPEN
        return BreakerState.OPEN if self.pause_left_s > 0 else BreakerState.HALF_OPEN

    @property
    def is_closed(self) -> bool:
        """Whether calls are made as always."""
        return self._circuit.state is State.CLOSED

    @property
    def is_paused(self) -> bool:
        """Whether no further command is to be taken now."""
        return self.state is BreakerState.OPEN or self._is_probing

    @property
    def pause_left_s(self) -> float:
        """Seconds until the next probe; 0 while calls are made."""
        if self.is_closed:
            return 0.0
        return max(0.0, self._opened_at + self.policy.breaker_pause_s - self._clock.monotonic())

    async def call(self, order_id: UUID, work: Work[Result]) -> Result:
        """Make a command's call, with its retries.

        `PartyDown` counts as a failure of the party if no other call was answered meanwhile; an outcome, or
        `RequestRejected`, is an answer. Raises what `work` raises, `PartyDown` instead of `PartyUnavailable` where
        calls for many orders fail and none is answered, and `Postponed` where no call is to be made now.
        """
        if not self.is_closed:
            return await self._when_half_open(order_id, work)
        answers_before = self._answers
        try:
            result = await work()
        except PartyDown as error:
            if self._answers == answers_before:
                self._note_failure(order_id, str(error))
            raise
        except PartyUnavailable as error:
            if self.is_closed:
                if not self._fails_all():
                    raise
                self._trip(str(error))
            raise PartyDown(str(error)) from error
        except RequestRejected:
            self._note_answer()
            raise
        self._note_answer()
        return result

    def note_trouble(self, order_id: UUID) -> None:
        """One attempt for an order had no answer; it may be made again before the whole call fails."""
        self._in_trouble[order_id] = self._clock.monotonic()

    def _fails_all(self) -> bool:
        """Whether so many orders are in trouble, and none was answered meanwhile, that it is not their own fault.

        Once calls are paused for it, only an answer ends that.
        """
        if self.is_closed:
            since_s = self._clock.monotonic() - self.policy.breaker_window_s
            self._in_trouble = {one: at for one, at in self._in_trouble.items() if at > since_s}
        return len(self._in_trouble) > _MOST_ORDERS_AT_FAULT

    def postponed(self, detail: str) -> Postponed:
        """The error for a command that is not handled while the party does not answer."""
        pause_s = None if self.is_closed else self.pause_left_s or self.policy.breaker_pause_s
        return Postponed(detail, "unavailable", pause_s)

    async def _when_half_open(self, order_id: UUID, work: Work[Result]) -> Result:
        """Be the probe, or wait until it is known what came of another."""
        until_s = self._clock.monotonic() + _PROBE_TIMEOUT_S
        while not self.is_closed:
            try:
                return await self._probe(order_id, work)
            except CircuitOpenError as error:
                left_s = until_s - self._clock.monotonic()
                if error.retry_after is not None:
                    raise self.postponed(self._says()) from None
                if left_s <= 0:
                    raise Postponed(self._says(), "unavailable", _AFTER_PROBES_S) from None
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._probed.wait(), left_s)
        return await self.call(order_id, work)

    async def _probe(self, order_id: UUID, work: Work[Result]) -> Result:
        """Raises `CircuitOpenError` where this is not a probe's turn."""
        rejected: RequestRejected | None = None
        is_probe = False
        try:
            async with self._circuit:
                is_probe = self._is_probing = True
                try:
                    result = await self._judged(order_id, work)
                except RequestRejected as error:
                    rejected = error
                self._note_answer()
        except _NoVerdict as verdict:
            raise verdict.error from None
        except PartyDown as error:
            self._trip(str(error))
            raise
        finally:
            if is_probe:
                self._is_probing = False
                self._tell_others()
        if rejected is not None:
            raise rejected
        return result

    async def _judged(self, order_id: UUID, work: Work[Result]) -> Result:
        """What of a probe says something about the party: an outcome, `RequestRejected` and `PartyDown`.

        Where all fail, so does one that failed before, which says nothing new, and so may some others by their own
        fault: another order is to be the probe.
        """
        is_new = order_id not in self._in_trouble
        try:
            return await work()
        except (PartyDown, RequestRejected):
            raise
        except PartyUnavailable as error:
            if not self._fails_all():
                raise _NoVerdict(error) from None
            self._orders_probed += is_new
            down = PartyDown(str(error))
            raise down if self._orders_probed > _MOST_ORDERS_AT_FAULT else _NoVerdict(down) from None
        except Exception as error:  # noqa: BLE001 - whatever it is, the probe is another's turn, and it goes on
            raise _NoVerdict(error) from None

    def _note_answer(self) -> None:
        self._answers += 1
        self._in_trouble.clear()
        self._orders_probed = 0
        if self._failed and self.is_closed:
            self._failed.clear()
            self._circuit.reset()

    def _note_failure(self, order_id: UUID, reason: str) -> None:
        """Count a failure; one of an order that counts already, or of a call that began before the breaker opened, is
        not."""
        now_s = self._clock.monotonic()
        self._failed = {one: at for one, at in self._failed.items() if now_s - at < self.policy.breaker_window_s}
        if not self.is_closed or order_id in self._failed:
            return
        self._failed[order_id] = now_s
        self._record_failure()
        if self._circuit.state is State.OPEN:
            self._opened(reason)

    def _trip(self, reason: str) -> None:
        """Open again at the first probe that fails; interlock alone would wait for all probes, and forgive some."""
        self._circuit.reset()
        for _ in range(self.policy.breaker_failures):
            self._record_failure()
        self._opened(reason)

    def _opened(self, reason: str) -> None:
        self._failed.clear()
        self._orders_probed = 0
        self._opened_at, self.reason = self._clock.monotonic(), reason
        self.openings += 1
        names = {"party": self.party, "operation": self.operation}
        _log.warning("calls are paused", **names, seconds=self.policy.breaker_pause_s, reason=reason)

    def _record_failure(self) -> None:
        with suppress(PartyDown):
            self._circuit.call_sync(_fail)

    def _tell_others(self) -> None:
        """Wake those that wait for a probe."""
        if self.is_closed:
            _log.info("calls are made again", party=self.party, operation=self.operation)
        probed, self._probed = self._probed, asyncio.Event()
        probed.set()

    def _says(self) -> str:
        return f"{self.reason}; it is left alone for a while"


Breakers = Mapping[str, Breaker]
"""The breakers of one party's operations, by what its context calls them."""


def breakers_of(
    party: str, called: Mapping[str, str], policies: CallPolicy | Mapping[str, CallPolicy]
) -> dict[str, Breaker]:
    """One for each operation that a context asks for, by the party's word for it; all by the same rules, or each by
    its own."""
    return {
        operation: Breaker(party, word, policies if isinstance(policies, CallPolicy) else policies[word])
        for operation, word in called.items()
    }


def _config(policy: CallPolicy) -> Config:
    """As only failures are recorded, and an answer clears them, the rate of failures is always 1."""
    return Config(
        failure_rate_threshold=1.0,
        minimum_number_of_calls=policy.breaker_failures,
        window_type=WindowType.TIME_BASED,
        window_size=policy.breaker_window_s + 1,  # it counts whole seconds, and the present one is not over
        slow_call_duration_threshold=_NEVER_SLOW_S,
        permitted_calls_in_half_open=policy.breaker_successes,
        max_concurrent_probes=1,
        wait_duration_in_open=policy.breaker_pause_s,
    )


def _fail() -> None:
    raise PartyDown
