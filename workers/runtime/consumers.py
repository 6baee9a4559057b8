"""What the consumers share: one durable per group of subjects, one order at a time, no message dropped, true
health."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import TypeVar
from uuid import UUID
from weakref import WeakValueDictionary

import psycopg
import structlog
from faststream import AckPolicy as Acknowledgement
from faststream.exceptions import NackMessage
from faststream.nats import JStream, NatsMessage, PullSub
from nats.errors import Error
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from pydantic import BaseModel

from commerce.eventstore import EventStore, is_of_one_event
from commerce.outside.errors import TryAgain
from commerce.outside.retries import LONGEST_PAUSE_S, growing
from commerce.values.errors import CommerceError, StaleVersion, Unavailable
from workers.gateways.breaker_watch import BreakerWatch
from workers.gateways.call_watch import CallWatch
from workers.outbox.broker import Broker
from workers.outbox.message_schemas import Command
from workers.runtime.app import WorkerApp
from workers.runtime.durables import ACK_TIMEOUT_S, ConsumerWatch, Durable
from workers.runtime.failures import Failures
from workers.runtime.parked_messages import FAILED_DELIVERIES, MessageHint, ParkedMessages, message_failure
from workers.runtime.subscriptions import ended, in_background

CONCURRENT_ORDERS = 32
"""Messages that one process handles at the same time."""

PULL = PullSub(batch_size=8, timeout=2.0)
"""Messages that a worker asks for in one go, and seconds that the request stands; so long a lost one, as at a
restart of the broker, goes unnoticed. A process that freezes is handed that many at most, and keeps them for
`ACK_TIMEOUT_S`."""

Message = TypeVar("Message", bound=BaseModel)

_PROGRESS_INTERVAL_S = ACK_TIMEOUT_S / 3

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
            with _claimed(message):
                unasked: Exception | None = None
                try:
                    is_due = not await parked.takes(hint, deliveries)
                except (Unavailable, psycopg.Error) as error:
                    is_due, unasked = False, error
                yield is_due  # in any case: without it the block that this is around would fail, too
                if unasked is not None:
                    raise unasked
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
        if await _is_parked(message, failures, parked, hint, error):
            failures.remove(message)
            return
        delay, reason = LONGEST_PAUSE_S, str(error)
        _log.error("a message cannot be handled and is kept", rule=type(error).__name__, reason=str(error), **ids)
    except Exception as error:  # noqa: BLE001 - a message must not be lost, whatever goes wrong
        if await _is_parked(message, failures, parked, hint, error):
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


async def _is_parked(
    message: NatsMessage, failures: Failures, parked: ParkedMessages, hint: MessageHint, error: Exception
) -> bool:
    """Whether a message that failed is left aside, as it has failed too often, and not by the times."""
    if not is_of_one_event(error) or isinstance(error, StaleVersion) or failures.add_own(message) < FAILED_DELIVERIES:
        return False
    try:
        return await parked.park(hint, message_failure(error))
    except (Unavailable, psycopg.Error):
        return False


@contextmanager
def _claimed(message: NatsMessage) -> Iterator[None]:
    """Tell the broker now and then that the message is being worked on, or it would deliver it once more."""
    loop = asyncio.get_running_loop()
    telling: set[asyncio.Task[None]] = set()

    def tell() -> asyncio.TimerHandle:
        task = loop.create_task(_tell_progress(message))
        telling.add(task)
        task.add_done_callback(telling.discard)
        return loop.call_later(_PROGRESS_INTERVAL_S, again)

    def again() -> None:
        timers[0] = tell()

    timers = [loop.call_later(_PROGRESS_INTERVAL_S, again)]
    try:
        yield
    finally:
        timers[0].cancel()


async def _tell_progress(message: NatsMessage) -> None:
    with suppress(Error, OSError):  # then it comes once more, and finds what was done
        await message.raw_message.in_progress()


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
    most: int = CONCURRENT_ORDERS,
) -> None:
    """Have a handler take the messages of a durable, at most `most` at the same time; `title` and `description` are for
    the specification.

    A message that cannot be read is rejected. All others are kept, see `one_delivery`.
    """
    broker.subscriber(
        subject,
        stream=JStream(durable.stream, declare=False),
        durable=durable.name,
        config=durable.config(),
        pull_sub=PULL,
        max_workers=most,
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


@asynccontextmanager
async def consuming(
    app: WorkerApp,
    broker: Broker,
    durables: Sequence[Durable],
    store: EventStore,
    failures: Failures,
    *calls: CallWatch | BreakerWatch,
    parked: ParkedMessages,
) -> AsyncIterator[None]:
    """Look after durables, and after messages that are parked, until the block ends.

    Sets the app's health (broker, consumers, messages that fail, database, calls to the outside) and adds its metrics.
    Of what `calls` say of the same party, the last counts.
    """
    watch = ConsumerWatch(broker, durables)
    async with (
        in_background(watch.run(), "consumer watch") as watching,
        in_background(parked.run(), "parked messages") as draining,
    ):

        async def health() -> dict[str, str]:
            return watch.problems() | await _database(store) | ended(watching) | ended(draining)

        def outside() -> dict[str, str]:
            return {part: said for each in (failures, *calls) for part, said in each.problems().items()}

        app.health = health
        app.parked = parked.counts
        app.outside = outside
        with app.measured_by(watch, failures, ParkedCollector(parked), *calls):
            yield


async def _database(store: EventStore) -> dict[str, str]:
    try:
        await store.head()
    except Unavailable as error:
        return {"database": str(error)}
    return {}


class ParkedCollector(Collector):
    """How many messages a worker has parked, as of this process's last look."""

    def __init__(self, parked: ParkedMessages) -> None:
        self._parked = parked

    def collect(self) -> Iterable[Metric]:
        """The metric as it is now."""
        parked = GaugeMetricFamily("commerce_consumer_parked", "Messages that wait aside.", labels=["consumer"])
        parked.add_metric([self._parked.consumer], self._parked.count)
        return [parked]
