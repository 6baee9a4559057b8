"""The subscriptions of the log: each is at its end or gets there, and somebody works on each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import AsyncConnection

from commerce.cli.checks.finding import Finding, ok, problem, warning
from commerce.eventstore import ParkedSummary, Stop, read_holders, read_parked_summaries, read_stops

CHECK = "subscriptions"
_BEHIND_S, _STOPPED_S = 10.0, 60.0
"""Seconds: an event that waits longer is noticed; one that waits longer than that will probably wait for ever."""

WORKERS = {"saga": "saga", "inventory": "inventory", "relay": "relay", "webhooks": "webhooks"}
"""Which worker runs a subscription; the projections run all others."""

_POSITIONS = """
SELECT t.application_name, t.notification_id, greatest(0, head.head - t.notification_id),
       coalesce(extract(epoch FROM clock_timestamp() - oldest.recorded_at), 0)::float8
FROM commerce_tracking t
CROSS JOIN (SELECT coalesce(max(notification_id), 0) AS head FROM commerce_events) AS head
LEFT JOIN LATERAL (
    SELECT e.recorded_at FROM commerce_events e
    WHERE e.notification_id > t.notification_id ORDER BY e.notification_id LIMIT 1
) AS oldest ON true
WHERE t.application_name ~ '^[a-z_]+:[0-9]+$'
ORDER BY t.application_name
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """One partition of a subscription: where it stands, how many events and seconds behind, and whether a process
    holds it."""

    partition: str
    position: int
    events: int
    seconds: float
    held: bool

    @property
    def worker(self) -> str:
        """The worker that runs it."""
        return WORKERS.get(self.partition.partition(":")[0], "projections")


async def subscriptions(connection: AsyncConnection[Any]) -> list[Finding]:
    """How far every subscription that ever ran has come."""
    rows = await (await connection.execute(_POSITIONS)).fetchall()
    held = await read_holders(connection, [row[0] for row in rows])
    standings = [
        Standing(name, position, events, max(0.0, seconds), name in held) for name, position, events, seconds in rows
    ]
    return [
        *judge_stops(await read_stops(connection)),
        *judge_parked(await read_parked_summaries(connection)),
        *judge_subscriptions(standings),
    ]


def judge_stops(stops: Sequence[Stop]) -> list[Finding]:
    """Each stands still until its event can be handled: by other code, or as what keeps it from being stored is
    gone."""
    remedy = "the log of the worker {} has the whole error; what comes after the event waits"
    return [problem(CHECK, str(stop), remedy.format(WORKERS.get(stop.subscription, "projections"))) for stop in stops]


def judge_parked(summaries: Sequence[ParkedSummary]) -> list[Finding]:
    """What is parked is tried again by itself for a while, and then waits for a person."""
    remedy = "commerce parked lists them by cause, and has them tried again, corrected or left out"
    return [problem(CHECK, str(summary), remedy) for summary in summaries]


def judge_subscriptions(standings: Sequence[Standing]) -> list[Finding]:
    """A position is stored within a second also where a subscription finds nothing to do, so that what stands
    still is stuck."""
    ran = {standing.partition.partition(":")[0] for standing in standings}
    found = [
        warning(CHECK, f"{name} has never run", f"start the worker {worker}")
        for name, worker in WORKERS.items()
        if name not in ran
    ]
    found += [_judge(behind) for behind in _alike(standings)]
    return found or [ok(CHECK, f"all {len(standings)} partitions are at the end of the log, or nearly so")]


def _alike(standings: Sequence[Standing]) -> list[list[Standing]]:
    """Those that are behind: together those of one subscription about which the same is to be done, the furthest
    behind first."""
    alike: dict[tuple[str, bool, bool], list[Standing]] = {}
    for standing in sorted(standings, key=lambda standing: standing.position):
        if standing.seconds > _BEHIND_S:
            subscription = standing.partition.partition(":")[0]
            alike.setdefault((subscription, standing.seconds > _STOPPED_S, standing.held), []).append(standing)
    return [alike[key] for key in sorted(alike)]


def _judge(behind: Sequence[Standing]) -> Finding:
    standing = behind[0]
    text = (
        f"{standing.partition} stands at {standing.position}, {standing.events} events behind;"
        f" the next one waits since {_duration(standing.seconds)}"
    )
    if len(behind) > 1:
        text += f"; {', '.join(other.partition for other in behind[1:])} wait, too"
    if standing.seconds <= _STOPPED_S:
        return warning(CHECK, text, f"look again; if it stays, start another {standing.worker}")
    if not standing.held:
        return problem(CHECK, f"{text}, and no process works on it", f"start the worker {standing.worker}")
    remedy = f"/health and the log of the worker {standing.worker} say what stops it"
    return problem(CHECK, text, remedy)


def _duration(seconds: float) -> str:
    for name, size in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {name}"
    return f"{seconds:.0f} s"
