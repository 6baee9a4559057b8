"""The sessions of staff as one process sees them: a token of a session is good no longer than that is."""

from __future__ import annotations

from uuid import UUID

from cachetools import TTLCache

from commerce.runtime.tokens import InvalidToken
from commerce.staff.accounts import StaffAccounts, find_member
from commerce.staff.member import StaffMember

KNOWN_FOR_S = 2
"""Seconds for which a session that was looked up is not looked up again: one that ended is accepted no longer."""
MOST_SESSIONS = 10_000
"""Sessions that a process remembers, at most."""


class StaffSessions:
    """The sessions of staff, for one process."""

    def __init__(self, staff: StaffAccounts) -> None:
        self._staff = staff
        self._known: TTLCache[UUID, StaffMember] = TTLCache(MOST_SESSIONS, ttl=KNOWN_FOR_S)

    async def check(self, session_id: UUID) -> StaffMember:
        """Whose session it is, as they are now. Raises `InvalidToken` for one that is over, and `Unavailable`."""
        if (known := self._known.get(session_id)) is not None:
            return known
        found = await self._staff.sessions.find_live(session_id)
        member = None if found is None else await find_member(self._staff.store, found[0].owner)
        if member is None:
            raise InvalidToken("the session is over; log in again")
        self._known[session_id] = member
        return member

    def forget(self) -> None:
        """Look all sessions up again, as something happened to one, or to whose it is."""
        self._known.clear()
