"""What people decided about parked events, as those who read the log again have to know it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from psycopg import AsyncConnection

from commerce.eventstore.codec.records import Recorded


@dataclass(frozen=True, slots=True)
class Correction:
    """What a person decided about an event: it is read as this or, without a `state`, left out."""

    topic: str | None
    state: bytes | None

    def corrected(self, recorded: Recorded) -> Recorded | None:
        """The event as it is to be read; None where it is left out."""
        if self.state is None:
            return None
        return replace(recorded, topic=self.topic or recorded.topic, state=self.state)


async def read_corrections(
    connection: AsyncConnection[Any], subscription: str, events: Sequence[Recorded]
) -> dict[int, Correction]:
    """What was decided about some of the events that a subscription reads; a rebuild does as its read model. Raises
    psycopg's errors."""
    cursor = await connection.execute(
        "SELECT position, topic, state FROM commerce_corrections WHERE subscription = %s AND position = ANY(%s)",
        [base_name(subscription), [recorded.position for recorded in events]],
    )
    return {position: Correction(topic, state) for position, topic, state in await cursor.fetchall()}


async def read_corrected(
    connection: AsyncConnection[Any], subscription: str, events: Sequence[Recorded]
) -> Sequence[Recorded]:
    """Events as a subscription is to read them, without those that are left out. Raises psycopg's errors."""
    return corrected(events, await read_corrections(connection, subscription, events)) if events else events


def corrected(events: Sequence[Recorded], corrections: Mapping[int, Correction]) -> Sequence[Recorded]:
    """Events as they are to be read, without those that are left out."""
    if not corrections:
        return events
    found = (
        corrections[recorded.position].corrected(recorded) if recorded.position in corrections else recorded
        for recorded in events
    )
    return [recorded for recorded in found if recorded is not None]


def base_name(subscription: str) -> str:
    """The subscription itself, also of one that fills a table anew beside it."""
    return subscription.partition(".")[0]
