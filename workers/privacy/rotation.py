"""The rotation of the master key, as a job: wraps everything with the current one, closes and retires those before it.

It may be killed anywhere, and run in several processes at once: a key changes only from what was read of it.
"""

from __future__ import annotations

import asyncio

import psycopg
import structlog

from commerce.eventstore import EventStore
from commerce.master_keys.commands import CLOSED_AFTER_S, close_replaced, read_standing, retire_unused, rewrap
from commerce.master_keys.master_key_list import MasterKeyStatus
from commerce.runtime.error_text import problem_text
from commerce.values.errors import CommerceError, StaleVersion

LOOK_INTERVAL_S = 2.0
"""Seconds between two looks at whether a rotation is unfinished."""

_log = structlog.stdlib.get_logger(__name__)


class MasterKeyRotation:
    """What a worker does about a rotation until nothing is wrapped with older master keys any more."""

    def __init__(self, store: EventStore, closed_after_s: float = CLOSED_AFTER_S) -> None:
        self.problem: str | None = None
        """What keeps a rotation from its end, for health; None where nothing does."""
        self._store = store
        self._closed_after_s = closed_after_s
        self._clean_at: int | None = None
        """The version of the list of master keys at which a pass over all keys found none under an older one."""

    async def run(self) -> None:
        """Look again and again, until cancelled; goes on when the database or the service comes back."""
        while True:
            try:
                self.problem = await self.look()
            except StaleVersion:
                self.problem = None  # another replica was faster
            except (CommerceError, psycopg.Error) as error:
                if self.problem is None:
                    _log.warning("the rotation of the master key waits", reason=problem_text(error))
                self.problem = problem_text(error)
            await asyncio.sleep(LOOK_INTERVAL_S)

    async def look(self) -> str | None:
        """Take a rotation as far as it can go now; answers what keeps it from its end, if anything does.

        Raises `StaleVersion`, `Unavailable`, `BadUsage`.
        """
        standing = await read_standing(self._store)
        listed = standing.listed
        if listed is None or not listed.is_unfinished:
            return None
        is_closed = not listed.with_status(MasterKeyStatus.REPLACED)
        if is_closed or self._clean_at != listed.version:
            done = await rewrap(self._store)
            if done.changed:
                _log.info("keys are wrapped with the current master key", keys=done.changed)
            if done.unreadable:
                return f"{done.unreadable} keys are damaged, or their master key is not here; see `commerce doctor`"
            if done.left.total():
                return None
            self._clean_at = listed.version
            if listed.with_status(MasterKeyStatus.CLOSED):
                await retire_unused(self._store, listed, done)
                return None
        if standing.adopted_s >= self._closed_after_s:
            await close_replaced(self._store)
        return None
