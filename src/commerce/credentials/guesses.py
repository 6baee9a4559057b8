"""Logins that were refused: how long somebody has to wait who guesses, and how one process takes them one by one.

An account is never closed for everybody: after `REFUSALS_OF_SOURCE_ATTEMPTS` wrong guesses within `WINDOW_S` from one
network address that network address waits, and after `REFUSALS_IN_ALL_ATTEMPTS` from any, those wait from which nobody
ever logged in to it. So whoever guesses does not keep out those whose account it is, who come from where they came
before.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from math import ceil
from typing import TypeVar
from uuid import UUID
from weakref import WeakValueDictionary

from commerce.eventstore import MOST_TRIES, Recorded
from commerce.values.errors import CommerceError, StaleVersion, Unavailable

WINDOW_S = 15 * 60
"""Seconds for which a refused login counts."""
REFUSALS_OF_SOURCE_ATTEMPTS = 10
"""After so many refused logins, those from the same network address wait."""
REFUSALS_IN_ALL_ATTEMPTS = 100
"""After so many, those wait that come from where nobody ever logged in with the e-mail address."""

SOMEBODY = "visitor:unknown"
"""The actor of what somebody did of whom it is not known who they are."""

T = TypeVar("T")

_turns: WeakValueDictionary[UUID, asyncio.Lock] = WeakValueDictionary()
"""The logins of one process with one e-mail address take turns, so that none is tried before the last is counted."""


class CredentialsNotAccepted(CommerceError):
    """The e-mail address and the password are not those of an active account; which of it is so is not said."""

    def __init__(self) -> None:
        super().__init__("the e-mail address or the password is wrong")


class TooManyLogins(CommerceError):
    """Too many logins with this e-mail address were refused; the account is not closed, and `retry_after` seconds
    later the next may be tried."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"too many logins with this e-mail address were refused; try again in {retry_after} s")
        self.retry_after = retry_after


async def one_by_one(account: UUID, attempt: Callable[[], Awaitable[T]]) -> T:
    """What comes of a login to an account, tried again where another process was faster. Raises `Unavailable`, and what
    the attempt raises."""
    async with _turns.setdefault(account, asyncio.Lock()):
        for _ in range(MOST_TRIES):
            with suppress(StaleVersion):
                return await attempt()
    raise Unavailable("too many logins with this e-mail address at the same time")


def seconds_to_wait(
    logins: Sequence[Recorded], refused: Sequence[Recorded], forgiven: Iterable[datetime], source: str, now: datetime
) -> int:
    """How long somebody from this source has to wait until they may try; 0: not at all.

    `logins` and `refused` are the newest of each, oldest first; their events say their `source`. A login forgives the
    refusals before it from the same source, and each of the times `forgiven` all before it.
    """
    let_in = [one.recorded_at for one in logins if _source(one) == source]
    since = max([now - timedelta(seconds=WINDOW_S), *forgiven])
    own_since = max(since, max(let_in, default=since))
    own = [one.recorded_at for one in refused if one.recorded_at > own_since and _source(one) == source]
    waits = [until_fewer(own, REFUSALS_OF_SOURCE_ATTEMPTS, now)]
    if not let_in:
        in_all = [one.recorded_at for one in refused if one.recorded_at > since]
        waits.append(until_fewer(in_all, REFUSALS_IN_ALL_ATTEMPTS, now))
    return max(waits)


def until_fewer(times: Sequence[datetime], most: int, now: datetime) -> int:
    """Seconds until fewer than so many of these times, oldest first, lie within the window."""
    if len(times) < most:
        return 0
    return max(1, ceil((times[-most] - now).total_seconds() + WINDOW_S))


def _source(recorded: Recorded) -> str | None:
    source: str | None = getattr(recorded.event, "source", None)
    return source
