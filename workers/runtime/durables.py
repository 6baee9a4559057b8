"""The consumers that the broker keeps for groups of workers, called durables, and how a worker looks after its own."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

import structlog
from nats.errors import Error
from nats.js.api import AckPolicy, ConsumerConfig, ConsumerInfo
from nats.js.errors import NotFoundError
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from commerce.runtime.watchdog import Stuck
from workers.outbox.broker import Broker

ACK_TIMEOUT_S = 30.0
"""Seconds after which a message whose consumer died is delivered again."""

_LOOK_INTERVAL_S = 2.0
_START_INTERVAL_S = 0.2
_STALLED_AFTER_S = 60.0
_MOST_UNACKNOWLEDGED_MESSAGES = 20_000

_log = structlog.stdlib.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Durable:
    """A consumer that the broker keeps for a group of workers: its name, its stream, and what it reads of it.

    Of what `subject` stands for, it may read some subjects `only`; the broker does not deliver the others.
    """

    name: str
    stream: str
    subject: str
    only: tuple[str, ...] = ()

    def config(self) -> ConsumerConfig:
        """As it is created; a message that is not acknowledged comes again, without end."""
        return ConsumerConfig(
            name=self.name,
            durable_name=self.name,
            filter_subject=None if self.only else self.subject,
            filter_subjects=list(self.only) or None,
            ack_policy=AckPolicy.EXPLICIT,
            ack_wait=ACK_TIMEOUT_S,
            max_deliver=-1,
            max_ack_pending=_MOST_UNACKNOWLEDGED_MESSAGES,
        )


@dataclass(slots=True)
class _Watched:
    """One durable as of the last look; `moved` is how many messages it had delivered when it last got on, and when
    that was."""

    durable: Durable
    moved: tuple[int, float]
    problem: str | None = "not looked at yet"
    info: ConsumerInfo | None = None


class ConsumerWatch(Collector):
    """Looks after the durables of one worker: creates one again when it is lost, with its stream, and knows how far
    behind each is."""

    def __init__(self, broker: Broker, durables: Iterable[Durable]) -> None:
        self._broker = broker
        now = asyncio.get_running_loop().time()
        self._watched = [_Watched(durable, (0, now)) for durable in durables]

    async def run(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            if self._broker.running:
                await self.look()
            await asyncio.sleep(_LOOK_INTERVAL_S if self._broker.running else _START_INTERVAL_S)

    async def look(self) -> None:
        """Look once; a durable that is gone is created again, and the pulls that are under way find it."""
        for watched in self._watched:
            try:
                self._take(watched, await self._found(watched.durable))
            except (Error, OSError) as error:
                name = watched.durable.name
                watched.problem = f"consumer {name} cannot be looked at: {type(error).__name__}"

    def problems(self) -> dict[str, str]:
        """What is wrong: no connection, no consumer, or one that does not get on."""
        if not self._broker.is_connected:
            return {"broker": "not connected"}
        problem = next((one.problem for one in self._watched if one.problem), None)
        return {"consumer": problem} if problem else {}

    def collect(self) -> Iterable[Metric]:
        """How many messages wait, and how many are under way, as of the last look."""
        labels = ["consumer"]
        waiting = GaugeMetricFamily("commerce_consumer_lag", "Messages not delivered yet.", labels=labels)
        pending = GaugeMetricFamily("commerce_consumer_unacknowledged", "Messages delivered, not done.", labels=labels)
        for watched in self._watched:
            if watched.info is not None:
                waiting.add_metric([watched.durable.name], watched.info.num_pending or 0)
                pending.add_metric([watched.durable.name], watched.info.num_ack_pending or 0)
        return [waiting, pending]

    async def _found(self, durable: Durable) -> ConsumerInfo:
        jetstream = self._broker.jetstream
        try:
            info: ConsumerInfo = await jetstream.consumer_info(durable.stream, durable.name)
        except NotFoundError:
            _log.warning("consumer lost, created again", consumer=durable.name, stream=durable.stream)
            await self._broker.ensure_streams()
            info = await jetstream.add_consumer(durable.stream, config=durable.config())
        found, wanted = info.config, durable.config()
        if (found.filter_subject, found.filter_subjects) != (wanted.filter_subject, wanted.filter_subjects):
            # made by an older version: changed in place
            info = await jetstream.add_consumer(durable.stream, config=wanted)
        return info

    def _take(self, watched: _Watched, info: ConsumerInfo) -> None:
        """One that is paused need not get on."""
        now = asyncio.get_running_loop().time()
        is_paused = self._broker.pauses.get(watched.durable.name, lambda: False)
        delivered = info.delivered.consumer_seq if info.delivered else 0
        if delivered != watched.moved[0] or not info.num_pending or is_paused():
            watched.moved = (delivered, now)
        stalled = now - watched.moved[1] > _STALLED_AFTER_S
        watched.info = info
        text = f"{info.num_pending} messages of {watched.durable.name} wait and none is taken"
        watched.problem = Stuck(text) if stalled else None
