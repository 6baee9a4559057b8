"""Forgets accepted requests whose repeats are recognised no longer."""

from __future__ import annotations

from commerce.eventstore import EventStore


async def forget_once(store: EventStore, kept_s: int) -> int:
    """Forget all that is older than `kept_s` seconds, in short transactions; answers how many requests that were.

    Raises `Unavailable`.
    """
    count = forgotten = await store.forget_requests(kept_s)
    while forgotten:
        forgotten = await store.forget_requests(kept_s)
        count += forgotten
    return count
