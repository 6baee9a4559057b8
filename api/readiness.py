"""Whether one API process can do its work, part by part, and how far its read models are behind the log."""

from __future__ import annotations

import asyncio
from typing import Literal

from pydantic import BaseModel, ConfigDict

from api.context import AppContext
from commerce.eventstore import ParkedSummary, Stop, find_stops, parked_summaries
from commerce.runtime.watchdog import Stuck
from commerce.values.errors import Unavailable
from projections import ALL
from projections.engine.projection import fetch

CHECK_TIMEOUT_S = 2.0
"""The database counts as down after this long without an answer."""

_BEHIND = """
SELECT split_part(application_name, ':', 1), greatest(0, max(head.head) - min(notification_id))
FROM commerce_tracking, (SELECT coalesce(max(notification_id), 0) AS head FROM commerce_events) AS head
WHERE split_part(application_name, ':', 1) = ANY(%s) GROUP BY 1 ORDER BY 1
"""


class Health(BaseModel):
    """`failing`: a part does not work. `degraded`: all parts work, but a subscription stands still or has parked
    events."""

    model_config = ConfigDict(
        use_attribute_docstrings=True,
        json_schema_extra={"examples": [{"status": "ok", "problems": {}, "behind": {"orders": 0}}]},
    )

    status: Literal["ok", "degraded", "failing"] = "ok"
    """Where it stands."""
    problems: dict[str, str] = {}
    """What does not work, by the name of the part."""
    behind: dict[str, int] = {}
    """How many events each read model is behind at most, by its name."""
    standing_still: dict[str, str] | None = None
    """Which subscription cannot handle an event, where, why and since when; left out where none stands still."""
    parked: dict[str, str] | None = None
    """How many events each subscription has parked, as it cannot handle them; left out where nothing is parked."""


async def problems(context: AppContext) -> dict[str, str]:
    """What is wrong, by the name of the part; empty if all is well. A master key that cannot be had is no reason to be
    asked no more."""
    found, problem = (await health_of(context)).problems, context.store.keys.masters.problem
    return found if problem is None else {**found, "master key": problem}


async def health_of(context: AppContext) -> Health:
    """The health of this process now."""
    found: dict[str, str] = {}
    behind: dict[str, int] = {}
    stops: list[Stop] = []
    summaries: list[ParkedSummary] = []
    if not context.store.queue.alive:
        found["append"] = Stuck("commands are not handled any more")
    if not (context.completions.alive and context.feed.alive):
        found["log"] = Stuck("its end is not followed any more")
    elif context.tail.problem is not None:
        found["log"] = context.tail.problem
    try:
        async with asyncio.timeout(CHECK_TIMEOUT_S):
            behind = dict(await fetch(context.store.pool, _BEHIND, [[projection.name for projection in ALL]]))
            stops = await find_stops(context.store.pool)
            summaries = await parked_summaries(context.store.pool)
            unrecorded = await context.recording.problem()
        if unrecorded is not None:
            found.setdefault("append", unrecorded)
    except TimeoutError:
        found["database"] = f"no answer within {CHECK_TIMEOUT_S:g} s"
    except Unavailable as error:
        found["database"] = str(error)
    standing_still = {stop.partition: str(stop) for stop in stops} or None
    parked = {summary.subscription: str(summary) for summary in summaries} or None
    status: Literal["ok", "degraded", "failing"] = "failing" if found else "degraded" if stops or parked else "ok"
    return Health(status=status, problems=found, behind=behind, standing_still=standing_still, parked=parked)
