"""One call to the party under test: what went over the wire, and what the gateway makes of the answer."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

from commerce.outside.errors import Postponed, RequestRejected
from commerce.values.errors import Unavailable
from workers.gateways.http_caller import HttpCaller, Reply
from workers.gateways.party_text import cleaned_answer

LONGEST_SHOWN_CHARACTERS = 300
"""Of a body, asked or answered, in what is printed."""

BUSY_TRIES = 5
"""How often a call is made while the party answers that it is busy."""

LONGEST_BUSY_PAUSE_S = 5.0

_CALLS_AT_ONCE = 4

T = TypeVar("T")


class Mismatch(Exception):
    """An answer that is not the right one, which is `right`.

    `asked` and `answered` are named where they are not those of the last call.
    """

    def __init__(self, right: str, *, asked: str | None = None, answered: str | None = None) -> None:
        super().__init__(right)
        self.right = right
        self.asked = asked
        self.answered = answered


class NotOffered(Exception):
    """The party has no such thing, and need not have it."""


class RecordingCaller(HttpCaller):
    """A caller that keeps its last call, as it went over the wire."""

    asked = "nothing"
    answered = "nothing"
    reply = Reply(0, {})
    is_reached = False
    """Whether there was ever an HTTP answer."""

    async def _request(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: Mapping[str, object] | None,
        call_timeout_s: float | None = None,
    ) -> Reply:
        key = "".join(f" ({name}: {value})" for name, value in headers.items())
        self.asked, self.answered = f"{method} {path}{_shown(body)}{key}", ""
        try:
            self.reply = await super()._request(method, path, headers, body, call_timeout_s)
        except Unavailable as error:
            self.answered = self.answered or str(error)
            raise
        return self.reply

    def _object(self, status: int, answer: bytes) -> dict[str, object]:
        self.is_reached = True
        self.answered = f"{status} {cleaned_answer(answer.decode(errors='replace'), LONGEST_SHOWN_CHARACTERS)}".rstrip()
        return super()._object(status, answer)


async def answer(call: Callable[[], Awaitable[object]], wanted: type[T], right: str) -> T:
    """What a call comes to. Raises `Mismatch` for everything but what is wanted."""
    outcome = await answer_or_rejection(call, right)
    if not isinstance(outcome, wanted):
        raise Mismatch(right)
    return outcome


async def answer_or_rejection(call: Callable[[], Awaitable[T]], right: str) -> T | RequestRejected:
    """What a call comes to; that the request makes no sense to the party is an outcome like any other.

    It is made again while the party is busy. Raises `Mismatch` where there is no answer.
    """
    for _ in range(BUSY_TRIES):
        try:
            return await call()
        except RequestRejected as error:
            return error
        except Postponed as error:
            if error.cause != "busy":
                raise Mismatch(right) from None
            await asyncio.sleep(min(error.pause_s or 1.0, LONGEST_BUSY_PAUSE_S))
        except Unavailable as error:
            raise Mismatch(f"{right}; this counts as no answer: {error}") from None
    raise Mismatch(f"{right}; it stayed busy for {BUSY_TRIES} calls")


async def one_at_once(call: Callable[[], Awaitable[T]], id_of: Callable[[T], str]) -> None:
    """See that equal calls at the same time come to one thing; there are so many that some are under way together.

    Raises `Mismatch`, and what the first call to fail raises, once all have ended.
    """
    ids = set()
    for outcome in await asyncio.gather(*(call() for _ in range(_CALLS_AT_ONCE)), return_exceptions=True):
        if isinstance(outcome, BaseException):
            raise outcome
        ids.add(id_of(outcome))
    if len(ids) > 1:
        right = "one id under one key, also for calls at the same time (or 409 to the others until the first is done)"
        raise Mismatch(right, answered=" and ".join(sorted(ids)))


def _shown(body: Mapping[str, object] | None) -> str:
    if body is None:
        return ""
    return f" {cleaned_answer(json.dumps(body, ensure_ascii=False), LONGEST_SHOWN_CHARACTERS)}"
