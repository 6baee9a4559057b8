"""HTTP connections to a party outside, and how much of an answer is read."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from ssl import SSLContext
from typing import Literal

from aiohttp import ClientConnectorError, ClientResponse, ClientSession, ClientTimeout, DummyCookieJar, TCPConnector

CONNECT_TIMEOUT_S = 2.0
"""For a connection to be free or made; how long a call may take in all, each party's gateway says."""

KEEP_ALIVE_S = 4.0
"""Idle connections are dropped before a usual server (5 s) drops them, or a call would be lost with them."""

LARGEST_ANSWER_BYTES = 1024**2
"""Of an answer's body, as it comes over the wire: none is asked for, or read, compressed, as little may unfold to
much."""

IDENTITY = {"Accept": "application/json", "Accept-Encoding": "identity"}
"""What every call asks for: JSON that is not compressed."""


_LONGEST_RETRY_AFTER_S = 60.0


class AnswerTooLong(Exception):
    """An answer's body goes on beyond `LARGEST_ANSWER_BYTES`."""

    def __init__(self) -> None:
        super().__init__(f"answered with more than {LARGEST_ANSWER_BYTES // 1024**2} MiB")


def open_session(
    call_timeout_s: float, headers: Mapping[str, str], authorities: SSLContext | Literal[True] = True
) -> ClientSession:
    """A session for the calls to one party, whose certificate is checked by the `authorities`, or those of the system.

    Proxies of the environment are not used, as parties may be local.
    """
    return ClientSession(
        connector=TCPConnector(keepalive_timeout=KEEP_ALIVE_S, limit=0, ssl=authorities),  # `CallPolicy` limits callers
        timeout=ending_within(call_timeout_s),
        headers=headers,
        cookie_jar=DummyCookieJar(),
        auto_decompress=False,
    )


def ending_within(call_timeout_s: float) -> ClientTimeout:
    """The limit of a whole call, with a shorter one for a connection to be made."""
    return ClientTimeout(total=call_timeout_s, connect=CONNECT_TIMEOUT_S)


async def read_answer(response: ClientResponse) -> bytes:
    """An answer that is not too long; what it says of its own length is not believed, as it may lie.

    Raises `AnswerTooLong`.
    """
    answer = bytearray()
    async for piece in response.content.iter_any():
        answer += piece
        if len(answer) > LARGEST_ANSWER_BYTES:
            raise AnswerTooLong
    return bytes(answer)


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """What `Retry-After` says, in seconds or as a date, within bounds; None where it says nothing that can be read."""
    text = headers.get("Retry-After", "").strip()
    seconds: float | None = None
    if text.isascii() and text.isdigit():
        seconds = float(text[:9])
    elif text:
        with suppress(ValueError, TypeError):  # a date without a time zone
            seconds = (parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds()
    return None if seconds is None else min(max(seconds, 0.5), _LONGEST_RETRY_AFTER_S)


def no_answer(error: Exception) -> str:
    """What became of a call that was not answered, in words."""
    match error:
        case TimeoutError():
            return "gave no answer in time"
        case ClientConnectorError():
            return "cannot be reached"
    return f"gave no answer ({type(error).__name__})"
