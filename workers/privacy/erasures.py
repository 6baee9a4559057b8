"""Erases people: waits until a person's orders have ended, destroys their keys, removes their mails, certifies.

Each step leaves what it did in the log, or can be done again, so that a process may die anywhere; a successor goes on.
Any number of replicas may run it: of two, the second conflicts and looks again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from uuid import UUID

import psycopg
import structlog

from commerce.customers.erasure import ErasureStatus
from commerce.customers.erasure_commands import complete_erasure, erase_person
from commerce.customers.erasure_file import ErasureFile
from commerce.eventstore import EventStore
from commerce.runtime.error_text import problem_text
from commerce.values.errors import CommerceError, StaleVersion
from projections.engine.progress import reached
from projections.engine.projection import Folded
from projections.erasures import ErasureRow, open_erasures
from projections.order_search import forget_person, may_remember
from projections.orders import ORDERS, orders_of_person
from workers.gateways.mail import Outbox

LOOK_INTERVAL_S = 1.0
"""Seconds between two looks at the erasures that are open."""
PAGE_ERASURES = 100

_log = structlog.stdlib.get_logger(__name__)


class Erasures:
    """What a worker does about erasures, with the outbox that mails are put into."""

    def __init__(self, store: EventStore, outbox: Outbox, file: ErasureFile) -> None:
        self.problem: str | None = None
        """What keeps erasures from going on, for health; none while all is well."""
        self._store = store
        self._outbox = outbox
        self._file = file

    async def run(self) -> None:
        """Look again and again, until cancelled; goes on when the database comes back."""
        while True:
            try:
                self.problem = await self.look()
            except (CommerceError, psycopg.Error) as error:
                self._note(problem_text(error))
            await asyncio.sleep(LOOK_INTERVAL_S)

    async def look(self) -> str | None:
        """Take every open erasure as far as it can go now; answers what kept one from it, if anything did.

        One that fails holds up no other. Raises `Unavailable`.
        """
        failed: list[str] = []
        after = 0
        while rows := await open_erasures(self._store.pool, after, PAGE_ERASURES):
            for folded in rows:
                try:
                    await self._advance(folded)
                except StaleVersion:
                    continue  # another replica was faster
                except (CommerceError, psycopg.Error, OSError) as error:
                    failed.append(f"the erasure of {folded.row.person_id} waits: {problem_text(error)}")
            after = rows[-1].first
        if failed and failed[0] != self.problem:
            _log.warning("an erasure cannot be done", reason=failed[0], erasures=len(failed))
        return failed[0] if failed else None

    async def _advance(self, folded: Folded[ErasureRow]) -> None:
        row, pool = folded.row, self._store.pool
        if not await reached(pool, ORDERS, folded.first):  # no order of theirs is placed after that
            return
        found = await orders_of_person(pool, row.person_id)
        if row.status is ErasureStatus.REQUESTED and found.open:
            return
        destroyed_at = await erase_person(self._store, self._file, row.person_id, found.order_ids)
        is_done = not await may_remember(pool, destroyed_at)  # asked before: one that begins now finds no key
        await forget_person(pool, row.person_id)
        await self._remove_mails([row.person_id, *found.order_ids])
        if not is_done:
            return
        await complete_erasure(self._store, row.person_id, len(found.order_ids))
        _log.info("a person's data is erased", person_id=str(row.person_id), orders=len(found.order_ids))

    async def _remove_mails(self, about: Sequence[UUID]) -> None:
        if removed := await self._outbox.remove(about):
            _log.info("mails removed", mails=removed)

    def _note(self, problem: str) -> None:
        if problem != self.problem:
            _log.warning("erasures wait", reason=problem)
        self.problem = problem
