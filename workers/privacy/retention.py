"""What is kept how long, in one table, and the removal of what is older. Events of the log are never removed: what is
personal in them ends with its key."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import psycopg
import structlog

from commerce.customers.erasure import Person
from commerce.customers.erasure_commands import request_erasure
from commerce.eventstore import FORGETTABLE, EventStore, Metadata, Pool, connection_from
from commerce.runtime.error_text import problem_text
from commerce.runtime.settings import Settings
from commerce.values.errors import CommerceError
from projections.erasures import guests_to_erase
from workers.runtime.request_retention import forget_once
from workers.webhook_deliveries.queue import count_ended, forget_ended

DAY_S = 24 * 3600
RUN_INTERVAL_S = 3600.0
"""Seconds between two runs of the job."""
MOST_GUESTS = 1_000
"""Guests whose erasure one run requests, at most; the next run goes on."""

ACTOR = Metadata("service:retention")


_log = structlog.stdlib.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class RetentionRule:
    """A kind of thing, for how many seconds it is kept (0: for ever), by which setting, and what is done then."""

    what: str
    kept_s: int
    setting: str
    then: str
    count: Callable[[], Awaitable[int]]
    """How many are older."""
    remove: Callable[[], Awaitable[int]]
    """Does it, and answers to how many."""


@dataclass(frozen=True, slots=True)
class RetentionResult:
    """What is due of one kind, or was done."""

    rule: RetentionRule
    found: int


def retention_rules(store: EventStore, settings: Settings) -> list[RetentionRule]:
    """The table of what is kept how long."""
    requests_s, mails, guests = settings.idempotency_s, settings.keep_mails_days, settings.keep_guests_days
    folder, deliveries = settings.outbox_folder, settings.keep_deliveries_days
    return [
        RetentionRule(
            "remembered requests",
            requests_s,
            "COMMERCE_IDEMPOTENCY_S",
            "forgotten, but for that an order was placed: a repeat after that is a new request",
            lambda: _count_requests(store.pool, requests_s),
            lambda: forget_once(store, requests_s),
        ),
        RetentionRule(
            "mails in the outbox",
            mails * DAY_S,
            "COMMERCE_KEEP_MAILS_DAYS",
            "removed",
            lambda: asyncio.to_thread(lambda: len(_old_files(folder, mails))),
            lambda: asyncio.to_thread(lambda: _remove_files(folder, mails)),
        ),
        RetentionRule(
            "deliveries of webhooks, from their end",
            deliveries * DAY_S,
            "COMMERCE_KEEP_DELIVERIES_DAYS",
            "removed; the log can be replayed",
            lambda: count_ended(store.pool, deliveries),
            lambda: forget_ended(store.pool, deliveries),
        ),
        RetentionRule(
            "personal data of guests, from the end of their order",
            guests * DAY_S,
            "COMMERCE_KEEP_GUESTS_DAYS",
            "erased: their keys are destroyed",
            lambda: _count_guests(store.pool, guests),
            lambda: _erase_guests(store, guests),
        ),
    ]


async def due_for_removal(rules: Sequence[RetentionRule]) -> list[RetentionResult]:
    """How many of each kind are older than they may be. Raises `Unavailable`, `OSError`."""
    return [RetentionResult(rule, await rule.count() if rule.kept_s else 0) for rule in rules]


async def apply_retention(rules: Sequence[RetentionRule]) -> list[RetentionResult]:
    """Remove what is older than it may be; safe to repeat, and to run twice at once. Raises as `due_for_removal`."""
    return [RetentionResult(rule, await rule.remove() if rule.kept_s else 0) for rule in rules]


class Retention:
    """The job that a worker runs."""

    def __init__(self, store: EventStore, settings: Settings) -> None:
        self.problem: str | None = None
        """What kept the last run from its end; None where all went well."""
        self._rules = retention_rules(store, settings)

    async def run(self) -> None:
        """Apply the table again and again, until cancelled."""
        while True:
            try:
                done = {one.rule.what: one.found for one in await apply_retention(self._rules) if one.found}
                if done:
                    _log.info("what is older than it may be was removed", removed=done)
                self.problem = None
            except (CommerceError, psycopg.Error, OSError) as error:
                self.problem = problem_text(error)
                _log.warning("retention was not applied to its end", reason=self.problem)
            await asyncio.sleep(RUN_INTERVAL_S)


async def _count_requests(pool: Pool, kept_s: int) -> int:
    async with connection_from(pool) as connection:
        cursor = await connection.execute(f"SELECT count(*) FROM commerce_idempotency WHERE {FORGETTABLE}", [kept_s])
        row = await cursor.fetchone()
    return int(row[0]) if row else 0


def _old_files(folder: Path, days: int) -> list[Path]:
    """Mails, and what a crash left of one, that were written so long ago, by the clock that wrote them."""
    before = time.time() - days * DAY_S
    if not folder.is_dir():
        return []
    return [file for file in folder.iterdir() if file.is_file() and file.stat().st_mtime < before]


def _remove_files(folder: Path, days: int) -> int:
    old = _old_files(folder, days)
    for file in old:
        file.unlink(missing_ok=True)
    return len(old)


async def _count_guests(pool: Pool, days: int) -> int:
    return len(await guests_to_erase(pool, days, MOST_GUESTS))


async def _erase_guests(store: EventStore, days: int) -> int:
    guests: list[UUID] = await guests_to_erase(store.pool, days, MOST_GUESTS)
    for guest in guests:
        await request_erasure(store, Person(guest, "guest"), "no_longer_needed", ACTOR)
    return len(guests)
