"""What the last verification of the log found."""

from __future__ import annotations

from typing import Any

from psycopg import AsyncConnection

from commerce.cli.checks.finding import Finding, ok, problem

CHECK = "tampering"

_LAST = """
SELECT differing, ended_at::timestamptz(0)::text FROM commerce_upkeep
WHERE projection = 'log' AND ended_at IS NOT NULL AND NOT cancelled AND problem IS NULL
ORDER BY id DESC LIMIT 1"""


async def verification(connection: AsyncConnection[Any]) -> list[Finding]:
    """Whether it found anything that is not as it was signed; nothing before the first."""
    row = await (await connection.execute(_LAST)).fetchone()
    if row is None:
        return []
    differing, ended_at = row
    if differing == 0:
        return [ok(CHECK, f"the log was as it was signed, when it was verified at {ended_at}")]
    found = f"the log was not as it was signed, when it was verified at {ended_at}; found: {differing}"
    return [problem(CHECK, found, "GET /api/v1/audit/verification and commerce audit verify name them")]
