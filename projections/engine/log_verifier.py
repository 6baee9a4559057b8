"""Runs the verification of the log that was requested: the whole log against what was signed of it."""

from __future__ import annotations

import asyncio

import psycopg
import structlog
from psycopg import AsyncConnection
from pydantic import TypeAdapter

from commerce.eventstore import EventStore, connection_from
from commerce.evidence.findings import TamperFinding
from commerce.evidence.head_file import HeadFile
from commerce.evidence.heads import published_key
from commerce.evidence.tree import tree_size
from commerce.evidence.verification import VerificationReport, verify_tree
from commerce.runtime.error_text import error_text, problem_text
from commerce.runtime.settings import Settings
from commerce.runtime.tasks import end_tasks
from commerce.values.errors import CommerceError, Unavailable
from projections.engine import maintenance
from projections.engine.maintenance import LogVerification

_FINDINGS = TypeAdapter(list[TamperFinding])
_NOTHING = b"[]"
_log = structlog.get_logger(__name__)


class LogVerifier:
    """One process's part in it; when a worker dies, another one starts over."""

    def __init__(self, store: EventStore, settings: Settings, requested: asyncio.Event | None = None) -> None:
        """`requested` is set where somebody tells of requests; else they are looked for more often."""
        self.problem: str | None = None
        self._requested = requested
        self._store = store
        self._settings = settings
        self._done = 0

    async def run(self) -> None:
        """Do what is asked for, for ever."""
        pool, worker = self._store.pool, self._store.application_name
        while True:
            try:
                asked = await maintenance.newest_log_verification(pool)
                if asked and asked.ended_at is None and await maintenance.take(pool, asked.id, worker):
                    await self._try(asked)
                self.problem = None
            except (Unavailable, psycopg.Error) as error:
                self.problem = f"waits: {error_text(error)}"
            await maintenance.await_requests(self._requested)

    async def _try(self, asked: LogVerification) -> None:
        """Carry it out; what keeps it from its end is told, and ends it, unless the database is away for a while."""
        if asked.status == "cancelling":
            await self._end(asked, cancelled=True)
            return
        try:
            report = await self._verified(asked)
        except maintenance.TakenOver:
            _log.info("verification of the log left to others, or cancelled")
        except (Unavailable, psycopg.OperationalError) as error:
            await maintenance.note_problem(self._store.pool, asked.id, problem_text(error))
        except Exception as error:  # noqa: BLE001 - it would be the same the next time
            _log.exception("verification of the log failed")
            await self._end(asked, problem=problem_text(error))
        else:
            await self._end(asked)
            _log.info("log verified", events=report.events, findings=len(report.findings) + report.more)

    async def _verified(self, asked: LogVerification) -> VerificationReport:
        """Compare, and say what was found. Raises `TakenOver`, `CommerceError`, and psycopg's errors."""
        key, file = published_key(self._settings), HeadFile(self._settings.audit_folder)
        if key is None:
            raise CommerceError("no head of the log was signed on this machine yet, or its public key is gone")
        await maintenance.resume(self._store.pool, asked.id, 0)
        self._done = 0
        async with await AsyncConnection.connect(self._store.address, autocommit=True) as connection:
            total = await tree_size(connection)
            work = asyncio.create_task(verify_tree(connection, key, file if file.path.exists() else None, self._count))
            try:
                while not work.done():
                    await asyncio.wait([work], timeout=maintenance.LOOK_INTERVAL_S)
                    await self._report(asked, max(total, self._done))
            finally:
                await end_tasks([work])
            report = work.result()
        found = _FINDINGS.dump_json(report.findings)
        await self._report(asked, report.events, len(report.findings) + report.more, found)
        return report

    def _count(self, events: int) -> None:
        self._done += events

    async def _report(self, asked: LogVerification, total: int, differing: int = 0, found: bytes = _NOTHING) -> None:
        pool, worker = self._store.pool, self._store.application_name
        await maintenance.report(pool, asked.id, worker, self._done, total, differing=differing, found=found)

    async def _end(self, asked: LogVerification, *, cancelled: bool = False, problem: str | None = None) -> None:
        async with connection_from(self._store.pool) as connection:
            await maintenance.end(connection, asked.id, cancelled=cancelled, problem=problem)
