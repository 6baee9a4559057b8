"""The schema and the events of the log: of the version that this code is."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from psycopg import AsyncConnection

from commerce.cli.checks.finding import Finding, ok, problem
from commerce.cli.checks.privileges import AGAIN
from commerce.events import EVENTS
from commerce.eventstore import APPLICATION_ROLE, SchemaState, schema_state, unknown_kinds

CHECK = "migrations"


async def tables(connection: AsyncConnection[Any]) -> list[Finding]:
    """Whether everything that the application needs is there, as far as it can see."""
    query = "SELECT name FROM unnest(%s::text[]) AS name WHERE to_regclass('public.' || name) IS NULL ORDER BY name"
    wanted = APPLICATION_ROLE.tables
    missing = [row[0] for row in await (await connection.execute(query, [sorted(wanted)])).fetchall()]
    return list(judge_missing_tables(missing, len(wanted)))


def judge_missing_tables(missing: Collection[str], wanted: int) -> Iterator[Finding]:
    """Which of the tables are missing."""
    if len(missing) == wanted:
        yield problem(CHECK, "the database has no log yet", AGAIN)
    elif missing:
        yield problem(CHECK, f"the database has no {', '.join(missing)}: its schema is older than this code", AGAIN)


async def migrations(connection: AsyncConnection[Any]) -> list[Finding]:
    """Whether all were applied and none is unknown, and each function has this code's text; for the owner, as the
    application cannot see it."""
    return judge_migrations(await schema_state(connection))


def judge_migrations(state: SchemaState) -> list[Finding]:
    """What was not applied, and what was applied by other code."""
    found = []
    if state.missing:
        found.append(problem(CHECK, f"not applied: {', '.join(state.missing)}", AGAIN))
    if state.unknown:
        text = f"applied, and unknown to this code: {', '.join(state.unknown)}"
        found.append(problem(CHECK, text, "install the version that the database was migrated with"))
    if state.outdated_functions:
        text = f"functions of another version than this code: {', '.join(state.outdated_functions)}"
        found.append(problem(CHECK, text, AGAIN))
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
