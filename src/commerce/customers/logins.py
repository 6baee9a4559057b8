"""Logins of customers with an e-mail address: who got in, and who did not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from commerce.customers.events import LoggedIn, LoginRefused, PasswordReset
from commerce.eventstore import Aggregate, Event, Recorded


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


def reset_times(resets: Iterable[Recorded]) -> Iterator[datetime]:
    """When a password was replaced by a mail: whoever does that takes the customer's mails, and is forgiven their
    guesses."""
    return (one.recorded_at for one in resets if isinstance(one.event, PasswordReset))
