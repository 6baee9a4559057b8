"""The sessions in which a member of staff is logged in now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from commerce.credentials import sessions
from commerce.credentials.session_commands import SeenSession
from commerce.staff.accounts import StaffAccounts
from commerce.staff.events import StaffLoggedIn
from commerce.staff.member import StaffMember
from commerce.values import ids

MOST_LOGINS = 100
"""The newest logins whose sessions are looked at; one of an earlier login is not listed."""


@dataclass(frozen=True, slots=True)
class LiveSession:
    """A session that is good: when it began, when its tokens were refreshed last, and when it ends."""

    session_id: UUID
    number: int
    """The number of its login, from 1."""
    started_at: datetime
    refreshed_at: datetime
    expires_at: datetime


async def live_sessions(staff: StaffAccounts, member: StaffMember) -> list[LiveSession]:
    """The sessions of a member that are good now, at most those of the last `MOST_LOGINS`."""
    logins = ids.logins_id(member.id)
    now, ends = await staff.store.read_ends([logins], MOST_LOGINS)
    begun = {one.event.session_id: one for one in ends[logins] if isinstance(one.event, StaffLoggedIn)}
    found = []
    for session_id, history in (await staff.store.read_streams(begun)).items():
        session = sessions.fold(one.event for one in history)
        if session is None:
            continue
        seen = SeenSession(session, history[-1].recorded_at, now)
        if seen.is_open and staff.terms.accept(member, seen):
            login = begun[session_id]
            times = login.recorded_at, seen.moved_at, session.expires_at
            found.append(LiveSession(session_id, login.originator_version, *times))
    return found
