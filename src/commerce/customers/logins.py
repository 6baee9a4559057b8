"""Logins with an e-mail address: who got in, who did not, and how long somebody has to wait who guesses.

An address is never closed for everybody: after `REFUSALS_OF_SOURCE` wrong guesses within `WINDOW_S` from one network
address that network address waits, and after `REFUSALS_IN_ALL` from any, those wait from which nobody ever logged in
with it. So whoever guesses does not keep out the customer, who comes from where they came before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import ceil

from commerce.customers.events import LoggedIn, LoginRefused, PasswordReset
from commerce.eventstore import Aggregate, Event, Recorded
from commerce.values.errors import CommerceError

WINDOW_S = 15 * 60
"""Seconds for which a refused login counts."""
REFUSALS_OF_SOURCE_ATTEMPTS = 10
"""After so many refused logins, those from the same network address wait."""
REFUSALS_IN_ALL_ATTEMPTS = 100
"""After so many, those wait that come from where nobody ever logged in with the e-mail address."""


class TooManyLogins(CommerceError):
    """Too many logins with this e-mail address were refused; the account is not closed, and `retry_after` seconds
    later the next may be tried."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"too many logins with this e-mail address were refused; try again in {retry_after} s")
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Logins(Aggregate):
    """How many logins there were with an e-mail address."""

    logins: int


@dataclass(frozen=True, slots=True)
class RefusedLogins(Aggregate):
    """How many logins with an e-mail address were refused, and why the last one was."""

    refused: int
    reason: str


def evolve_logins(logins: Logins | None, event: Event) -> Logins | None:
    """Apply one event of the stream of logins."""
    if isinstance(event, LoggedIn):
        return Logins(event.originator_id, event.originator_version, logins.logins + 1 if logins else 1)
    return logins and replace(logins, version=event.originator_version)


def evolve_refused(refused: RefusedLogins | None, event: Event) -> RefusedLogins | None:
    """Apply one event of the stream of refused logins."""
    if isinstance(event, LoginRefused):
        count = refused.refused + 1 if refused else 1
        return RefusedLogins(event.originator_id, event.originator_version, count, event.reason)
    return refused and replace(refused, version=event.originator_version)


def seconds_to_wait(
    logins: Sequence[Recorded], refused: Sequence[Recorded], resets: Sequence[Recorded], source: str, now: datetime
) -> int:
    """How long somebody from this source has to wait until they may try; 0: not at all.

    `logins`, `refused` and `resets` (of the password) are the newest of each, oldest first. A login forgives the
    refusals before it from the same source, and a reset, which takes the customer's mails, all before it.
    """
    let_in = [one.recorded_at for one in logins if _source(one) == source]
    reset = (one.recorded_at for one in resets if isinstance(one.event, PasswordReset))
    since = max([now - timedelta(seconds=WINDOW_S), *reset])
    forgiven = max(let_in, default=since)
    in_all = [one.recorded_at for one in refused if one.recorded_at > since]
    own = [one.recorded_at for one in refused if one.recorded_at > max(since, forgiven) and _source(one) == source]
    waits = [_until_fewer(own, REFUSALS_OF_SOURCE_ATTEMPTS, now)]
    if not let_in:
        waits.append(_until_fewer(in_all, REFUSALS_IN_ALL_ATTEMPTS, now))
    return max(waits)


def _until_fewer(times: Sequence[datetime], most: int, now: datetime) -> int:
    """Seconds until fewer than so many of these times lie within the window."""
    if len(times) < most:
        return 0
    return max(1, ceil((times[-most] - now).total_seconds() + WINDOW_S))


def _source(recorded: Recorded) -> str | None:
    event = recorded.event
    return event.source if isinstance(event, LoggedIn | LoginRefused) else None
