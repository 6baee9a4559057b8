"""The schema and the events of the log: of the version that this code is."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Any

import psycopg
from psycopg import AsyncConnection

from commerce.cli.checks.finding import Finding, ok, problem
from commerce.cli.checks.privileges import AGAIN, granted
from commerce.events import EVENTS
from commerce.eventstore import MIGRATIONS, unknown_kinds

CHECK = "migrations"


async def tables(connection: AsyncConnection[Any]) -> list[Finding]:
    """Whether everything that the application needs is there, as far as it can see."""
    query = "SELECT name FROM unnest(%s::text[]) AS name WHERE to_regclass('public.' || name) IS NULL ORDER BY name"
    missing = [row[0] for row in await (await connection.execute(query, [sorted(granted())])).fetchall()]
    return list(judge_tables(missing, len(granted())))


def judge_tables(missing: Collection[str], wanted: int) -> Iterator[Finding]:
    """Which of the tables are missing."""
    if len(missing) == wanted:
        yield problem(CHECK, "the database has no log yet", AGAIN)
    elif missing:
        yield problem(CHECK, f"the database has no {', '.join(missing)}: its schema is older than this code", AGAIN)


async def migrations(connection: AsyncConnection[Any]) -> list[Finding]:
    """Whether all were applied and none is unknown; for the owner, as the application cannot see it."""
    try:
        cursor = await connection.execute("SELECT migration_id FROM _yoyo_migration")
        applied = [row[0] for row in await cursor.fetchall()]
    except psycopg.errors.UndefinedTable:
        applied = []
    return judge_migrations(applied, [path.stem for path in MIGRATIONS.glob("*.sql")])


def judge_migrations(applied: Iterable[str], wanted: Iterable[str]) -> list[Finding]:
    """Names of what was applied, and of what this code comes with."""
    missing, unknown = sorted(set(wanted) - set(applied)), sorted(set(applied) - set(wanted))
    found = []
    if missing:
        found.append(problem(CHECK, f"not applied: {', '.join(missing)}", AGAIN))
    if unknown:
        text = f"applied, and unknown to this code: {', '.join(unknown)}"
        found.append(problem(CHECK, text, "install the version that the database was migrated with"))
    return found or [ok(CHECK, "all are applied")]


async def events(connection: AsyncConnection[Any]) -> list[Finding]:
    """Whether this code knows every kind of event in the log."""
    cursor = await connection.execute("SELECT topic, class_version FROM commerce_topics ORDER BY first_position")
    return judge_events(await cursor.fetchall())


def judge_events(held: Collection[tuple[str, int]]) -> list[Finding]:
    """Kinds of events by topic and version."""
    remedy = "install the version that wrote it; processes of this one do not start"
    unknown = [problem("events", f"the log holds {kind}", remedy) for kind in unknown_kinds(held, EVENTS)]
    return unknown or [ok("events", f"every kind of event in the log is known ({len(held)} kinds)")]
