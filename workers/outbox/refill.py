"""Keeps the broker's streams as full as the log says: sends requests again, and fills a stream that is new."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import LiteralString

import structlog
from nats.errors import Error
from psycopg.rows import class_row

from commerce.eventstore import EventStore, connection_from, read_corrected
from commerce.integration_events import PUBLISHED
from commerce.values.errors import Unavailable
from workers.outbox.broker import COMMANDS, EVENTS, KEEP_EVENTS_S, Broker
from workers.outbox.doubtful_calls import DUE, FIRST_PAUSE_S, KEY_LIFETIME_S, DoubtfulCall
from workers.outbox.messages import OutsideRequest, published_again
from workers.outbox.publisher import Publisher
from workers.outbox.relay_subscription import RELAY

LOOK_INTERVAL_S = 5.0
"""Seconds between two looks."""

RESEND_AFTER_S = 45
"""Seconds after which a request of which nothing was heard is sent again; doubles each time, up to
`LONGEST_RESEND_S`."""

LONGEST_RESEND_S = 600
_BATCH_REQUESTS = 500
_log = structlog.stdlib.get_logger(__name__)


class Refill:
    """Runs beside the relay and works only in the process that `holds` its partition."""

    def __init__(self, store: EventStore, broker: Broker, publisher: Publisher, holds: Callable[[], bool]) -> None:
        self.problem: str | None = None
        self._store = store
        self._broker = broker
        self._publisher = publisher
        self._holds = holds

    async def run(self) -> None:
        """Look again and again, until cancelled; at once when a stream is missed."""
        while True:
            if self._broker.running and self._holds():
                await self._look_safely()
            self._publisher.lost_stream.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._publisher.lost_stream.wait(), LOOK_INTERVAL_S)

    async def look(self) -> None:
        """Fill streams that are new, then send what is overdue. Raises `Unavailable`, `nats.errors.Error`."""
        for name, created in (await self._broker.ensure_streams()).items():
            if await self._filled(name) != created:
                await self._fill(name)
                await self._note(name, created)
        await self._send(_OVERDUE, [RESEND_AFTER_S, LONGEST_RESEND_S, _BATCH_REQUESTS])
        await self._ask_again()

    async def _look_safely(self) -> None:
        try:
            await self.look()
            self.problem = None
        except (Unavailable, Error, OSError) as error:
            self.problem = f"streams cannot be looked after: {error or type(error).__name__}"

    async def _fill(self, name: str) -> None:
        _log.info("filling a new stream from the log", stream=name)
        if name == COMMANDS:
            last = 0
            while rows := await self._send(_ALL, [last, _BATCH_REQUESTS]):
                last = rows[-1].position
            await self._ask_at_once()
        elif name == EVENTS:
            await self._publish_events()

    async def _send(self, take: LiteralString, parameters: list[int]) -> list[OutsideRequest]:
        """Send again what a statement takes and counts; one that is lost after that comes with the next turn."""
        async with connection_from(self._store.pool) as connection:
            cursor = connection.cursor(row_factory=class_row(OutsideRequest))
            await cursor.execute(take, parameters)
            rows = sorted(await cursor.fetchall(), key=lambda row: row.position)
        if rows:
            _log.info("sending requests again", requests=len(rows))
            await self._publisher.publish([row.outgoing() for row in rows])
        return rows

    async def _ask_again(self) -> None:
        """Have the outside asked about calls that may have been handled though nobody heard so, those that are due."""
        async with connection_from(self._store.pool) as connection:
            cursor = connection.cursor(row_factory=class_row(DoubtfulCall))
            await cursor.execute(DUE, {"pause": FIRST_PAUSE_S, "lifetime": KEY_LIFETIME_S, "most": _BATCH_REQUESTS})
            calls = await cursor.fetchall()
        if not calls:
            return
        await self._publisher.publish([call.outgoing() for call in calls])
        over = [call.request_id for call in calls if call.is_last]
        async with connection_from(self._store.pool) as connection:
            await connection.execute("DELETE FROM commerce_doubtful_calls WHERE request_id = ANY(%s)", [over])

    async def _ask_at_once(self) -> None:
        """Questions about doubtful calls may have been lost with the stream: all are due."""
        async with connection_from(self._store.pool) as connection:
            await connection.execute("UPDATE commerce_doubtful_calls SET due_at = clock_timestamp()")

    async def _publish_events(self) -> None:
        """Publish again what the stream would still hold, had it not been lost."""
        head = await self._store.head()
        position = await self._floor(head, timedelta(seconds=KEEP_EVENTS_S))
        while events := await self._store.read_log(position, head, topics=PUBLISHED):
            async with connection_from(self._store.pool) as connection:
                as_corrected = await read_corrected(connection, RELAY, events)
            await self._publisher.publish(published_again(as_corrected))
            position = events[-1].position

    async def _floor(self, head: int, age: timedelta) -> int:
        """The last position that was recorded longer ago than `age`: times never run backwards along the log."""
        async with connection_from(self._store.pool) as connection:
            low, high = 0, head
            while low < high:
                middle = (low + high + 1) // 2
                cursor = await connection.execute(
                    """SELECT recorded_at < clock_timestamp() - %s FROM commerce_events
                       WHERE notification_id >= %s ORDER BY notification_id LIMIT 1""",
                    [age, middle],
                )
                row = await cursor.fetchone()
                low, high = (middle, high) if row is not None and row[0] else (low, middle - 1)
        return low

    async def _filled(self, name: str) -> datetime | None:
        async with connection_from(self._store.pool) as connection:
            cursor = await connection.execute("SELECT created_at FROM commerce_streams WHERE name = %s", [name])
            row = await cursor.fetchone()
        return row[0] if row else None

    async def _note(self, name: str, created: datetime) -> None:
        async with connection_from(self._store.pool) as connection:
            await connection.execute(
                """INSERT INTO commerce_streams (name, created_at) VALUES (%s, %s)
                   ON CONFLICT (name) DO UPDATE SET created_at = excluded.created_at""",
                [name, created],
            )


_SEND_AGAIN: LiteralString = """
    UPDATE commerce_requests r SET attempt = attempt + 1, sent_at = clock_timestamp()
    FROM commerce_events e
    WHERE e.notification_id = r.position AND r.request_id IN ({chosen})
    RETURNING r.subject, r.order_id, r.process_id, r.request_id, r.position, r.attempt,
    e.originator_version AS version"""

_OVERDUE = _SEND_AGAIN.format(
    chosen="""
        SELECT request_id FROM commerce_requests
        WHERE sent_at < clock_timestamp() - make_interval(secs => least(%s * 2 ^ least(attempt - 1, 16), %s))
        ORDER BY sent_at LIMIT %s FOR UPDATE SKIP LOCKED"""
)
_ALL = _SEND_AGAIN.format(
    chosen="SELECT request_id FROM commerce_requests WHERE position > %s ORDER BY position LIMIT %s FOR UPDATE"
)
