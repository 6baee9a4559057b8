"""What the consumers share: one durable per group of subjects, one order at a time, no message dropped, true
health."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID
from weakref import WeakValueDictionary

import psycopg
import structlog
from faststream import AckPolicy as Acknowledgement
from faststream.exceptions import NackMessage
from faststream.nats import JStream, NatsMessage, PullSub
from nats.errors import Error
from nats.js.api import AckPolicy, ConsumerConfig, ConsumerInfo
from nats.js.errors import NotFoundError
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from pydantic import BaseModel

from commerce.eventstore import EventStore, is_of_one_event
from commerce.outside.errors import TryAgain
from commerce.outside.retries import LONGEST_PAUSE_S, growing
from commerce.runtime.watchdog import Stuck
from commerce.values.errors import CommerceError, StaleVersion, Unavailable
from workers.gateways.call_watch import CallWatch
from workers.outbox.broker import Broker
from workers.outbox.message_schemas import Command
from workers.runtime.app import WorkerApp
from workers.runtime.failures import Failures
from workers.runtime.parked_messages import FAILED_DELIVERIES, MessageHint, ParkedMessages, message_failure
from workers.runtime.subscriptions import ended, in_background

ACK_TIMEOUT_S = 30.0
"""Seconds after which a message whose consumer died is delivered again."""

CONCURRENT_ORDERS = 32
"""Messages that one process handles at the same time."""

PULL = PullSub(batch_size=8, timeout=2.0)
"""Messages that a worker asks for in one go, and seconds that the request stands; so long a lost one, as at a
restart of the broker, goes unnoticed. A process that freezes is handed that many at most, and keeps them for
`ACK_TIMEOUT_S`."""

Message = TypeVar("Message", bound=BaseModel)

_LOOK_INTERVAL_S = 2.0
_START_INTERVAL_S = 0.2
_STALLED_AFTER_S = 60.0
_MOST_UNACKNOWLEDGED_MESSAGES = 20_000

_log = structlog.stdlib.get_logger(__name__)


@asynccontextmanager
async def one_delivery(
    message: NatsMessage, failures: Failures, parked: ParkedMessages, hint: MessageHint, **ids: str
) -> AsyncIterator[bool]:
    """Around the handling of one message: whatever goes wrong, it comes again later or is parked, and never dropped.

    Yields whether it is to be handled now. What fails again and again shows in `failures`. No error goes on to
    FastStream, which would keep it, with all that its frames hold, until garbage is collected.
    """
    deliveries = message.raw_message.metadata.num_delivered or 1
    is_put_off = False
    try:
        try:
            yield not await parked.takes(hint, deliveries)
        finally:
            with suppress(Unavailable, psycopg.Error):
                await parked.finished(hint, deliveries)
    except TryAgain as command:
        delay, reason = growing(deliveries) if command.delay is None else command.delay, str(command)
        is_put_off = command.is_put_off
        _log.info("a message comes again", reason=str(command), delay=delay, **ids)
    except Unavailable as error:
        delay, reason = growing(deliveries), str(error)
        _log.warning("a message waits", reason=str(error), **ids)
    except CommerceError as error:
        if await _is_parked(parked, hint, deliveries, error):
            failures.remove(message)
            return
        delay, reason = LONGEST_PAUSE_S, str(error)
        _log.error("a message cannot be handled and is kept", rule=type(error).__name__, reason=str(error), **ids)
    except Exception as error:  # noqa: BLE001 - a message must not be lost, whatever goes wrong
        if await _is_parked(parked, hint, deliveries, error):
            failures.remove(message)
            return
        delay, reason = growing(deliveries, first_s=2.0), type(error).__name__  # its text may be personal
        _log.exception("a message cannot be handled and is kept", **ids)
    else:
        failures.remove(message)
        return
    if not is_put_off:
        failures.add(message, reason)
    await _give_back(message, delay)


async def _is_parked(parked: ParkedMessages, hint: MessageHint, deliveries: int, error: Exception) -> bool:
    """Whether a message that failed is left aside, as it has failed too often, and not by the times."""
    if deliveries < FAILED_DELIVERIES or not is_of_one_event(error) or isinstance(error, StaleVersion):
        return False
    try:
        return await parked.park(hint, message_failure(error))
    except (Unavailable, psycopg.Error):
        return False


async def _give_back(message: NatsMessage, delay: float) -> None:
    try:
        await message.nack(delay)
    except (Error, OSError):
        raise NackMessage(delay=delay) from None  # FastStream tries it once more, and in no case takes it for done


async def read_command(message: NatsMessage) -> Command:
    """Decode a command."""
    return Command.model_validate_json(message.body)


def subscribe(
    broker: Broker,
    durable: Durable,
    subject: str,
    decoder: Callable[[NatsMessage], Awaitable[Message]],
    handler: Callable[[Message], Awaitable[None]],
    *,
    title: str,
    description: str,
) -> None:
    """Have a handler take the messages of a durable; `title` and `description` are for the specification.

    A message that cannot be read is rejected. All others are kept, see `one_delivery`.
    """
    broker.subscriber(
        subject,
        stream=JStream(durable.stream, declare=False),
        durable=durable.name,
        config=durable.config(),
        pull_sub=PULL,
        max_workers=CONCURRENT_ORDERS,
        decoder=decoder,
        ack_policy=Acknowledgement.REJECT_ON_ERROR,
        title=title,
        description=description,
    )(handler)


class OneAtATime:
    """Locks by order: different orders go in parallel, the messages of one go one after the other."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[UUID, asyncio.Lock] = WeakValueDictionary()

    def on(self, order_id: UUID) -> asyncio.Lock:
        """The lock of an order, which is kept for as long as a message holds it or waits for it."""
        return self._locks.setdefault(order_id, asyncio.Lock())


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


@asynccontextmanager
async def consuming(
    app: WorkerApp,
    broker: Broker,
    durable: Durable,
    store: EventStore,
    failures: Failures,
    *,
    parked: ParkedMessages,
    calls: CallWatch | None = None,
) -> AsyncIterator[None]:
    """Look after a durable, and after messages that are parked, until the block ends.

    Sets the app's health (broker, consumer, messages that fail, database, calls to the outside) and adds its metrics.
    """
    watch = ConsumerWatch(broker, durable)
    collectors = [watch, failures, ParkedCollector(durable.name, parked), *([calls] if calls else [])]
    async with (
        in_background(watch.run(), "consumer watch") as watching,
        in_background(parked.run(), "parked messages") as draining,
    ):

        async def health() -> dict[str, str]:
            return watch.problems() | await _database(store) | ended(watching) | ended(draining)

        app.health = health
        app.parked = parked.counts
        app.outside = lambda: failures.problems() | (calls.problems() if calls else {})
        with app.measured_by(*collectors):
            yield


async def _database(store: EventStore) -> dict[str, str]:
    try:
        await store.head()
    except Unavailable as error:
        return {"database": str(error)}
    return {}


class ParkedCollector(Collector):
    """How many messages a consumer has parked, as of this process's last look."""

    def __init__(self, consumer: str, parked: ParkedMessages) -> None:
        self._consumer = consumer
        self._parked = parked

    def collect(self) -> Iterable[Metric]:
        """The metric as it is now."""
        parked = GaugeMetricFamily("commerce_consumer_parked", "Messages that wait aside.", labels=["consumer"])
        parked.add_metric([self._consumer], self._parked.count)
        return [parked]


class ConsumerWatch(Collector):
    """Looks after one durable: creates it again when it is lost, with its stream, and knows how far behind it is."""

    def __init__(self, broker: Broker, durable: Durable) -> None:
        self._broker = broker
        self._durable = durable
        self._problem: str | None = "not looked at yet"
        self._info: ConsumerInfo | None = None
        self._moved = (0, asyncio.get_running_loop().time())

    async def run(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            if self._broker.running:
                await self.look()
            await asyncio.sleep(_LOOK_INTERVAL_S if self._broker.running else _START_INTERVAL_S)

    async def look(self) -> None:
        """Look once; a durable that is gone is created again, and the pulls that are under way find it."""
        try:
            self._take(await self._found())
        except (Error, OSError) as error:
            self._problem = f"consumer {self._durable.name} cannot be looked at: {type(error).__name__}"

    def problems(self) -> dict[str, str]:
        """What is wrong: no connection, no consumer, or one that does not get on."""
        if not self._broker.is_connected:
            return {"broker": "not connected"}
        return {"consumer": self._problem} if self._problem else {}

    def collect(self) -> Iterable[Metric]:
        """How many messages wait, and how many are under way, as of the last look."""
        labels = ["consumer"]
        waiting = GaugeMetricFamily("commerce_consumer_lag", "Messages not delivered yet.", labels=labels)
        pending = GaugeMetricFamily("commerce_consumer_unacknowledged", "Messages delivered, not done.", labels=labels)
        if self._info is not None:
            waiting.add_metric([self._durable.name], self._info.num_pending or 0)
            pending.add_metric([self._durable.name], self._info.num_ack_pending or 0)
        return [waiting, pending]

    async def _found(self) -> ConsumerInfo:
        jetstream, durable = self._broker.jetstream, self._durable
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

    def _take(self, info: ConsumerInfo) -> None:
        now = asyncio.get_running_loop().time()
        delivered = info.delivered.consumer_seq if info.delivered else 0
        if delivered != self._moved[0] or not info.num_pending:
            self._moved = (delivered, now)
        stalled = now - self._moved[1] > _STALLED_AFTER_S
        self._info = info
        self._problem = Stuck(f"{info.num_pending} messages wait and none is taken") if stalled else None
