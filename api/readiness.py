"""Whether one API process can do its work, part by part."""

from __future__ import annotations

import asyncio

from api.parts import Parts
from commerce.errors import Unavailable
from projections import ALL
from projections.consistency import lag

SECONDS = 2.0
"""After this long without an answer the database counts as down."""


async def problems(parts: Parts) -> dict[str, str]:
    """What is wrong, by the name of the part; empty where all is well."""
    found = {}
    if not parts.store.lane.alive:
        found["append"] = "commands are not carried out any more"
    if not parts.endings.alive:
        found["log"] = parts.endings.tail.problem or "its end is not followed any more"
    try:
        async with asyncio.timeout(SECONDS):
            await lag(parts.store.pool, [projection.follower() for projection in ALL])
    except TimeoutError:
        found["database"] = f"no answer within {SECONDS:g} s"
    except Unavailable as error:
        found["database"] = str(error)
    return found
