"""What waits: deadlines that have passed are noted, requests to the outside are answered or sent again, cases are
decided."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
from psycopg import AsyncConnection

from commerce.cli.checks.finding import Finding, ok, problem, warning

_DEADLINE_GRACE_S = 10
"""Seconds; the process manager looks every second."""
RESEND_AFTER_S, LONGEST_RESEND_S, LATEST_RESEND_S = 45, 600, 60
"""Seconds: when the relay sends a request again for the first time, at the latest, and how late it may be with that."""
_OLD_S = 120
"""Seconds after which somebody should ask why there is no answer."""

_DEADLINES = """
SELECT count(*), min(order_id::text), coalesce(extract(epoch FROM clock_timestamp() - min(due_at)), 0)::float8
FROM commerce_deadlines WHERE due_at < clock_timestamp() - make_interval(secs => %s)
"""


async def deadlines(connection: AsyncConnection[Any]) -> list[Finding]:
    """Whether deadlines that have passed are noted."""
    row = await (await connection.execute(_DEADLINES, [_DEADLINE_GRACE_S])).fetchone()
    assert row is not None
    return [judge_deadlines(*row)]


def judge_deadlines(count: int, order: str | None, seconds: float) -> Finding:
    """How many are overdue, an order of them, and by how much the first is."""
    if not count:
        return ok("deadlines", "none has passed unnoticed")
    text = f"{count} passed unnoticed, the first {seconds:.0f} s ago, such as that of order {order}"
    return problem("deadlines", text, "start the worker saga, or see its /health")


_REQUESTS = """
WITH waiting AS (
    SELECT r.order_id, r.subject, r.attempt, extract(epoch FROM clock_timestamp() - e.recorded_at)::float8 AS age,
           extract(epoch FROM clock_timestamp() - r.sent_at) - least(%s * 2 ^ least(r.attempt - 1, 16), %s) AS late
    FROM commerce_requests r LEFT JOIN commerce_events e ON e.notification_id = r.position
)
SELECT count(*), count(*) FILTER (WHERE late > %s), count(*) FILTER (WHERE age > %s),
       coalesce(max(age), 0), (array_agg(subject || ' of order ' || order_id ORDER BY age DESC NULLS LAST))[1]
FROM waiting
"""


async def requests(connection: AsyncConnection[Any]) -> list[Finding]:
    """Whether requests to payment provider and carrier are answered, and sent again where they are not."""
    parameters = [RESEND_AFTER_S, LONGEST_RESEND_S, LATEST_RESEND_S, _OLD_S]
    row = await (await connection.execute(_REQUESTS, parameters)).fetchone()
    assert row is not None
    return [judge_requests(waiting=row[0], late=row[1], old=row[2], seconds=row[3], oldest=row[4])]


def judge_requests(*, waiting: int, late: int, old: int, seconds: float, oldest: str | None) -> Finding:
    """How many have no answer, of them those that the relay should have sent again and those that are old; the
    oldest's age."""
    if late:
        text = f"{late} without an answer are not sent again, the oldest {seconds:.0f} s old: {oldest}"
        return problem("requests", text, "start the worker relay, or see its /health")
    if old:
        text = f"{old} have no answer for long, the oldest {seconds:.0f} s old: {oldest}"
        return warning(
            "requests", text, "see whether the workers payments and shipping, the provider and the carrier work"
        )
    if waiting:
        return ok("requests", f"{waiting} wait for an answer, the oldest for {seconds:.0f} s: {oldest}")
    return ok("requests", "all are answered")


_CASES = """
SELECT count(*), count(*) FILTER (WHERE owner IS NULL),
       (SELECT count(*) FROM projections.processes
        WHERE (until IS NOT NULL OR opened_case IS NOT NULL) AND until < clock_timestamp() - interval '10 s'),
       coalesce(extract(epoch FROM clock_timestamp() - min(case_since)), 0)::float8,
       (array_agg(order_id || ': ' || opened_case ORDER BY case_since))[1]
FROM projections.processes WHERE opened_case IS NOT NULL
"""


async def cases(connection: AsyncConnection[Any]) -> list[Finding]:
    """Whether orders wait for a person, or are past the time that their processes set themselves."""
    try:
        row = await (await connection.execute(_CASES)).fetchone()
    except (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn):
        return [ok("cases", "not counted: the projections worker has not made the read model processes yet")]
    assert row is not None
    return list(judge_cases(cases=row[0], unassigned=row[1], overdue=row[2], seconds=row[3], oldest=row[4]))


def judge_cases(*, cases: int, unassigned: int, overdue: int, seconds: float, oldest: str | None) -> Iterator[Finding]:
    """How many orders have one, and how many of these nobody looks after; the oldest case's age, order and detail."""
    if cases:
        text = f"{cases} open, {unassigned} without an owner, the oldest for {seconds:.0f} s, of order {oldest}"
        yield warning("cases", text, "a person has to look: `commerce cases`, or GET /api/v1/ops/cases, lists them")
    if overdue:
        text = f"{overdue} orders are past the time that their processes set themselves"
        yield warning("cases", text, "see the worker saga: GET /api/v1/ops/processes?overdue=true lists them")
    if not cases and not overdue:
        yield ok("cases", "none is open, no process is overdue")
