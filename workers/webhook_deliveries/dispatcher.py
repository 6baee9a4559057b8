"""Sends what is due, endpoints side by side, and puts what became of it on record."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import suppress
from uuid import UUID

import psycopg
import structlog

from commerce.eventstore import EventStore, MissingKey
from commerce.runtime.tasks import end_tasks
from commerce.values.errors import CommerceError, NotFound, Unavailable
from commerce.webhooks.commands import disable_endpoint
from commerce.webhooks.events import DisabledReason
from workers.webhook_deliveries import queue
from workers.webhook_deliveries.queue import DeliveryAttempt, TakenDelivery
from workers.webhook_deliveries.sender import Sender

LOOK_INTERVAL_S = 1.0
"""Seconds between two looks, where nobody says that there is something."""

_GONE_STATUS = 410
_log = structlog.stdlib.get_logger(__name__)


class Dispatcher:
    """Takes deliveries from the queue, as many for each endpoint as it may have under way, and sends them."""

    def __init__(self, store: EventStore, sender: Sender, written: asyncio.Event) -> None:
        """`written` is set where there may be something to send."""
        self.problem: str | None = None
        self.results: Counter[str] = Counter()
        """How many attempts came to what: `delivered`, `failed`, or `given_up`."""
        self._store = store
        self._sender = sender
        self._written = written
        self._calls: dict[asyncio.Task[None], UUID] = {}

    async def run(self) -> None:
        """Send until cancelled; what is under way then is sent again later, by whoever takes it."""
        try:
            while True:
                self._written.clear()
                await self._take()
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._written.wait(), LOOK_INTERVAL_S)
        finally:
            await end_tasks(self._calls)

    async def _take(self) -> None:
        try:
            taken = await queue.take_due(self._store.pool, Counter(self._calls.values()))
            self.problem = None
        except (Unavailable, psycopg.Error) as error:
            self.problem = f"deliveries cannot be read: {error or type(error).__name__}"
            return
        for delivery in taken:
            task = asyncio.create_task(self._deliver_safely(delivery), name=f"webhook {delivery.event_id}")
            self._calls[task] = delivery.endpoint_id
            task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        del self._calls[task]
        self._written.set()

    async def _deliver_safely(self, delivery: TakenDelivery) -> None:
        """What cannot be put on record is sent again, when its lease is over."""
        try:
            await self._deliver(delivery)
        except (CommerceError, psycopg.Error) as error:
            about = {"endpoint_id": str(delivery.endpoint_id), "event_id": delivery.event_id}
            _log.warning("a delivery is not on record, and will be repeated", reason=str(error), **about)

    async def _deliver(self, delivery: TakenDelivery) -> None:
        attempt = await self._attempt(delivery)
        if attempt.problem is None:
            await queue.note_taken(self._store.pool, delivery, attempt)
            self.results["delivered"] += 1
            return
        self.results["failed"] += 1
        is_over = await queue.note_failed(self._store.pool, delivery, attempt)
        if attempt.status == _GONE_STATUS:
            await self._disable(delivery, "gone")
        elif is_over and await queue.give_up_where_others_are_taken(self._store.pool, delivery):
            self.results["given_up"] += 1
        elif is_over:
            await self._disable(delivery, "failing")

    async def _attempt(self, delivery: TakenDelivery) -> DeliveryAttempt:
        sealed = [delivery.secret, *filter(None, [delivery.previous_secret])]
        try:
            secrets = await self._store.keys.open_all(sealed)
        except MissingKey as error:
            return DeliveryAttempt(delivery.now, 0, None, str(error), "")
        return await self._sender.send(delivery, secrets)

    async def _disable(self, delivery: TakenDelivery, reason: DisabledReason) -> None:
        with suppress(NotFound):  # it was removed meanwhile
            accepted = await disable_endpoint(self._store, delivery.endpoint_id, reason)
            await queue.stop_at_once(self._store.pool, delivery.endpoint_id, accepted.version)
            _log.warning("a webhook endpoint is disabled", endpoint_id=str(delivery.endpoint_id), reason=reason)
