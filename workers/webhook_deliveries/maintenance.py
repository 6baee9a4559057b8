"""What the webhooks worker does beside sending: takes events over from the log's past, tells people of endpoints that
were disabled, forgets what is of endpoints that were removed, and counts what waits."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from uuid import UUID

import psycopg
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from commerce.eventstore import EventStore, MissingKey, connection_from
from commerce.values.errors import Unavailable
from workers.gateways.mail import Mail, Outbox
from workers.webhook_deliveries import queue
from workers.webhook_deliveries.backlog import take_over
from workers.webhook_deliveries.dispatcher import Dispatcher

LOOK_INTERVAL_S = 1.0
COUNT_INTERVAL_S = 10.0

_REASONS = {
    "gone": "it answered 410 (Gone)",
    "failing": "it took nothing for three days",
}


class DeliveryMaintenance:
    """Runs beside the dispatcher, in every replica."""

    def __init__(self, store: EventStore, outbox: Outbox, written: asyncio.Event) -> None:
        self.problem: str | None = None
        self.waiting = (0, 0.0)
        """How many deliveries wait, and for how many seconds the oldest has; as of the last look."""
        self._store = store
        self._outbox = outbox
        self._written = written
        self._count_at = 0.0

    async def run(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            try:
                await self.look()
                self.problem = None
            except (Unavailable, psycopg.Error, OSError, MissingKey) as error:
                self.problem = f"endpoints cannot be looked after: {error or type(error).__name__}"
            await asyncio.sleep(LOOK_INTERVAL_S)

    async def look(self) -> None:
        """Do all that there is to do now. Raises `Unavailable`, `psycopg.Error`, `OSError`, `MissingKey`."""
        while await take_over(self._store):
            self._written.set()
        await self._tell()
        now = asyncio.get_running_loop().time()
        if now >= self._count_at:
            self.waiting = await queue.waiting(self._store.pool)
            await queue.forget_removed(self._store.pool)
            self._count_at = now + COUNT_INTERVAL_S

    async def _tell(self) -> None:
        """Write the mails about endpoints that were disabled; one that is written twice is one."""
        async with connection_from(self._store.pool) as connection:
            cursor = await connection.execute(_NOTICES)
            notices = await cursor.fetchall()
        for endpoint_id, url, reason, notice, notice_to in notices:
            to = await self._store.keys.open(notice_to) if notice_to else None
            await self._outbox.put(compose_notice(endpoint_id, url, reason, notice, to))
            async with connection_from(self._store.pool) as connection:
                await connection.execute(_TOLD, [endpoint_id, notice])


def compose_notice(endpoint_id: UUID, url: str, reason: str, notice: str, to: str | None) -> Mail:
    """The mail about an endpoint that was disabled; `notice` tells the occasions apart."""
    paragraphs = [
        "Hello,",
        f"nothing is delivered to the webhook endpoint {endpoint_id} any more, as {_REASONS.get(reason, reason)}:",
        url,
        "Nothing is lost: what happens waits in the log. Once the endpoint is mended, enable it, and everything is"
        " delivered in order:",
        f'PATCH /api/v1/webhook-endpoints/{endpoint_id} {{"enabled": true}}',
    ]
    text = "\n\n".join(paragraphs) + "\n"
    return Mail(endpoint_id, f"webhook-disabled-{notice}", "A webhook endpoint is disabled", text, to)


class DeliveryCollector(Collector):
    """How deliveries go, in this process, and how many wait in all."""

    def __init__(self, dispatcher: Dispatcher, maintenance: DeliveryMaintenance) -> None:
        self._dispatcher = dispatcher
        self._maintenance = maintenance

    def collect(self) -> Iterable[Metric]:
        """The metrics as they are now."""
        attempts = CounterMetricFamily(
            "commerce_webhook_attempts", "Attempts to deliver, by what came of them.", labels=["result"]
        )
        for result in ("delivered", "failed", "given_up"):
            attempts.add_metric([result], self._dispatcher.results[result])
        number, age_s = self._maintenance.waiting
        waiting = GaugeMetricFamily("commerce_webhook_waiting", "Deliveries to enabled endpoints that wait.", number)
        oldest = GaugeMetricFamily(
            "commerce_webhook_oldest_waiting_seconds", "How long the oldest of them has waited.", age_s
        )
        return [attempts, waiting, oldest]


_NOTICES = """
    SELECT endpoint_id, url, disabled, notice, notice_to FROM commerce_webhook_endpoints
    WHERE notice IS NOT NULL AND NOT is_removed ORDER BY endpoint_id LIMIT 100"""

_TOLD = "UPDATE commerce_webhook_endpoints SET notice = NULL WHERE endpoint_id = %s AND notice = %s"
