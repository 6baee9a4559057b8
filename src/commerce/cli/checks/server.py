"""The PostgreSQL server: new enough, durable, with room for all sessions, and of the same time as this machine."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any

from psycopg import AsyncConnection

from commerce.cli.checks.finding import Finding, ok, problem, warning

CHECK = "postgresql"
_OLDEST_VERSION = 150_000
_DURABLE: Mapping[str, str] = {
    "fsync": "a crash of the machine may damage the whole database",
    "full_page_writes": "a crash of the machine may damage the whole database",
    "synchronous_commit": "a crash may lose what was acknowledged",
}
SESSIONS_PER_PROCESS = 12
"""At most: a pool of 8, two for appends, the leases, and the end of the log."""
SPARE_SESSIONS = 10
"""For the command line, backups and people."""
_CLOCK_DIFFERS_S, _CLOCK_IS_WRONG_S = 2.0, 60.0
"""Seconds: more than this is noticed; with more than that tokens expire at another time than their holders think."""


async def server(connection: AsyncConnection[Any]) -> list[Finding]:
    """Its version, and whether what it has acknowledged survives a crash."""
    cursor = await connection.execute("SELECT name, setting FROM pg_settings WHERE name = ANY(%s)", [list(_DURABLE)])
    settings = dict(await cursor.fetchall())
    found = [*judge_version(connection.info.server_version), *judge_durability(settings)]
    return found or [ok(CHECK, f"{_version(connection.info.server_version)} answers, and is durable")]


def judge_version(number: int) -> Iterator[Finding]:
    """The version as a number, as in 160003."""
    if number < _OLDEST_VERSION:
        yield problem(CHECK, f"{_version(number)} is too old", f"move to {_version(_OLDEST_VERSION)} or newer")


def judge_durability(settings: Mapping[str, str]) -> Iterator[Finding]:
    """Everything but `off` is durable; `synchronous_commit` may also wait for stand-bys."""
    for name, consequence in _DURABLE.items():
        if settings.get(name) == "off":
            yield problem(CHECK, f"{name} is off for the application: {consequence}", f"set {name} = on")


def _version(number: int) -> str:
    return f"PostgreSQL {number // 10_000}"


_SESSIONS = """
SELECT least(
           current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
               - coalesce(current_setting('reserved_connections', true), '0')::int,
           (SELECT CASE WHEN rolconnlimit < 0 THEN 2147483647 ELSE rolconnlimit END FROM pg_roles
           WHERE rolname = current_user),
           (SELECT CASE WHEN datconnlimit < 0 THEN 2147483647 ELSE datconnlimit END FROM pg_database
            WHERE datname = current_database())),
       (SELECT count(*) FROM pg_stat_activity WHERE datid IS NOT NULL)
"""


async def sessions(connection: AsyncConnection[Any], processes: int) -> list[Finding]:
    """Whether there are enough sessions for this number of processes."""
    row = await (await connection.execute(_SESSIONS)).fetchone()
    assert row is not None
    return [judge_sessions(usable=row[0], used=row[1], processes=processes)]


def judge_sessions(*, usable: int, used: int, processes: int) -> Finding:
    """Sessions that the application may have, that anybody has now, and how many processes there are."""
    needed = processes * SESSIONS_PER_PROCESS + SPARE_SESSIONS
    text = f"{used} of {usable} sessions are in use; {processes} processes need up to {needed}"
    remedy = "raise max_connections, or the connection limit of the role or of the database"
    if used > usable * 0.95:
        return problem("sessions", text, remedy)
    return warning("sessions", text, remedy) if usable < needed else ok("sessions", text)


async def clock(connection: AsyncConnection[Any]) -> list[Finding]:
    """Whether the database and this machine agree what time it is; time zones do not matter."""
    before = time.time()
    row = await (await connection.execute("SELECT extract(epoch FROM clock_timestamp())::float8")).fetchone()
    after = time.time()
    assert row is not None
    return [judge_clock(row[0] - (before + after) / 2, after - before)]


def judge_clock(ahead: float, uncertainty: float) -> Finding:
    """Seconds by which the database is ahead of this machine, give or take half of `uncertainty`."""
    differs = max(0.0, abs(ahead) - uncertainty / 2)
    if differs <= _CLOCK_DIFFERS_S:
        return ok("clock", f"the database and this machine agree to {differs:.1f} s")
    text = f"the database's clock is {differs:.1f} s {'ahead of' if ahead > 0 else 'behind'} this machine's"
    remedy = "let both machines take their time from NTP"
    return (problem if differs > _CLOCK_IS_WRONG_S else warning)("clock", text, remedy)
