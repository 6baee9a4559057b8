"""What the log says of logins to an account of staff: how many there were, and how many were refused."""

from __future__ import annotations

from dataclasses import dataclass, replace

from commerce.eventstore import Aggregate, Event
from commerce.staff.events import StaffLoggedIn, StaffLoginRefused


@dataclass(frozen=True, slots=True)
class StaffLogins(Aggregate):
    """How many logins there were, and the newest time step of which a code was used."""

    logins: int
    time_step: int


@dataclass(frozen=True, slots=True)
class RefusedStaffLogins(Aggregate):
    """How many logins were refused, and why the last one was."""

    refused: int
    reason: str


def evolve_staff_logins(logins: StaffLogins | None, event: Event) -> StaffLogins | None:
    """Apply one event of the stream of logins."""
    if isinstance(event, StaffLoggedIn):
        count = logins.logins + 1 if logins else 1
        return StaffLogins(event.originator_id, event.originator_version, count, event.time_step)
    return logins and replace(logins, version=event.originator_version)


def evolve_refused_staff_logins(refused: RefusedStaffLogins | None, event: Event) -> RefusedStaffLogins | None:
    """Apply one event of the stream of refused logins."""
    if isinstance(event, StaffLoginRefused):
        count = refused.refused + 1 if refused else 1
        return RefusedStaffLogins(event.originator_id, event.originator_version, count, event.reason)
    return refused and replace(refused, version=event.originator_version)
