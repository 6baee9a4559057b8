"""Where subscriptions stand still: the event that one of them cannot handle, why, and since when; for everybody
to see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from psycopg import AsyncConnection
from psycopg.rows import class_row

from commerce.eventstore.codec.records import Recorded
from commerce.eventstore.read.log import Pool, connection_from
from commerce.runtime.error_text import problem_text


@dataclass(frozen=True, slots=True)
class Stop:
    """A partition that stands still before the event at `position`."""

    partition: str
    position: int
    topic: str
    problem: str
    since: datetime

    @property
    def subscription(self) -> str:
        """Whose partition it is."""
        return self.partition.rpartition(":")[0]

    @property
    def number(self) -> int:
        """Which of its partitions it is."""
        return int(self.partition.rpartition(":")[2])

    def __str__(self) -> str:
        since = self.since.astimezone(UTC)
        return (
            f"{self.partition} stands still before position {self.position} ({self.topic}) since"
            f" {since:%Y-%m-%d %H:%M:%S} UTC: {self.problem}"
        )


async def note_stop(pool: Pool, partition: str, event: Recorded, error: Exception) -> Stop:
    """Say that a partition cannot get on; of the same event `since` stays what it was. Raises `Unavailable`."""
    async with connection_from(pool) as connection:
        cursor = connection.cursor(row_factory=class_row(Stop))
        await cursor.execute(
            """INSERT INTO commerce_stops AS known (partition, position, topic, problem) VALUES (%s, %s, %s, %s)
               ON CONFLICT (partition) DO UPDATE
               SET position = excluded.position, topic = excluded.topic, problem = excluded.problem,
                   since = CASE WHEN known.position = excluded.position THEN known.since ELSE excluded.since END
               RETURNING partition, position, topic, problem, since""",
            [partition, event.position, event.topic, problem_text(error)],
        )
        stop = await cursor.fetchone()
    assert stop is not None  # an upsert answers its row
    return stop


async def forget_stop(pool: Pool, partition: str) -> None:
    """Say that a partition gets on. Raises `Unavailable`."""
    async with connection_from(pool) as connection:
        await connection.execute("DELETE FROM commerce_stops WHERE partition = %s", [partition])


async def find_stops(pool: Pool, subscription: str | None = None) -> list[Stop]:
    """Every partition that stands still, or those of one subscription. Raises `Unavailable`."""
    async with connection_from(pool) as connection:
        return await read_stops(connection, subscription)


async def read_stops(connection: AsyncConnection[Any], subscription: str | None = None) -> list[Stop]:
    """As `find_stops`, over one connection. Raises psycopg's errors."""
    cursor = connection.cursor(row_factory=class_row(Stop))
    await cursor.execute(
        """SELECT s.partition, s.position, s.topic, s.problem, s.since
           FROM commerce_stops s JOIN commerce_tracking t ON t.application_name = s.partition
           WHERE t.notification_id < s.position
             AND (%s::text IS NULL OR split_part(s.partition, ':', 1) = %s)
           ORDER BY s.partition""",
        [subscription, subscription],
    )
    return await cursor.fetchall()
