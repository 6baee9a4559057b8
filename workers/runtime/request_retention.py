"""Forgets accepted requests whose repeats are recognised no longer, now and then."""

from __future__ import annotations

import asyncio

import psycopg
import structlog

from commerce.eventstore import EventStore
from commerce.values.errors import Unavailable

INTERVAL_S = 600.0
"""Seconds from one look to the next."""

_log = structlog.get_logger(__name__)


async def forget_old_requests(store: EventStore, kept_s: int) -> None:
    """Forget what is older than `kept_s` seconds, for ever; a database that does not answer is asked the next time."""
    while True:
        try:
            count = await forget_once(store, kept_s)
            if count:
                _log.info("requests forgotten", count=count, kept_s=kept_s)
        except (Unavailable, psycopg.Error) as error:
            _log.warning("requests are not forgotten now", reason=type(error).__name__)
        await asyncio.sleep(INTERVAL_S)


async def forget_once(store: EventStore, kept_s: int) -> int:
    """Forget all that is older, in short transactions; answers how many requests that were. Raises `Unavailable`."""
    count = forgotten = await store.forget_requests(kept_s)
    while forgotten:
        forgotten = await store.forget_requests(kept_s)
        count += forgotten
    return count
