"""Sets the broker up: two streams, a connection that is never given up, and servers that are known only at the
start."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from types import TracebackType
from urllib.parse import urlsplit

import structlog
from faststream.nats import NatsMessage
from faststream.nats.prometheus import NatsPrometheusMiddleware
from nats.errors import Error
from nats.js import JetStreamContext
from nats.js.api import DiscardPolicy, RetentionPolicy, StorageType, StreamConfig, StreamInfo
from nats.js.errors import NotFoundError
from prometheus_client import CollectorRegistry

from commerce.runtime.settings import Settings
from commerce.values.errors import BadUsage
from workers.runtime.app import worker_logger
from workers.runtime.faststream_internals import HookedBroker
from workers.runtime.pull import PullingJetStream

COMMANDS = "COMMANDS"
"""The stream of commands: a message stays until it is acknowledged."""

EVENTS = "EVENTS"
"""The stream of integration events: a message stays for a time, whether it is read or not."""

KEEP_EVENTS_S = 7 * 24 * 3600
"""Seconds for which an integration event can be read from the broker; it stands in the log for ever."""

KEEP_EVENT_BYTES = 256 * 1024 * 1024
REMEMBER_IDS_S = 120
"""Seconds for which a message that was published before is recognised by its id; so long the broker keeps ids in
memory."""

_log = structlog.stdlib.get_logger(__name__)


class Broker(HookedBroker):
    """A NATS broker that is told its servers by the settings, and makes sure of its streams before anybody
    subscribes."""

    def __init__(self, name: str, replaced: Iterable[str] = ()) -> None:
        """`replaced` are consumers of commands that an older version had, in whose place there are others."""
        self.pauses: dict[str, Callable[[], bool]] = {}
        """By durable: whether nothing is to be pulled from it now."""
        self._replaced = tuple(replaced)
        self.registry = CollectorRegistry()
        """Where the metrics of the broker are, and those of its worker."""
        super().__init__(
            (),
            name=f"commerce {name}",
            inbox_prefix=f"_INBOX.{name}",  # a worker's user may read no other answers than its own
            max_reconnect_attempts=-1,
            reconnect_time_wait=1,
            ping_interval=5,
            graceful_timeout=6.0,
            logger=worker_logger(name),
            log_level=logging.DEBUG,
            middlewares=[NatsPrometheusMiddleware(registry=self.registry)],
            apply_types=False,  # for each argument that it hands in, it would go to another thread and back
            specification_url="nats://localhost:4222",
            description="NATS JetStream",
        )
        self._pulling: PullingJetStream | None = None

    def use(self, settings: Settings) -> None:
        """Take the servers from the settings. Raises `BadUsage` where there are none, or one is no address."""
        servers = [server.strip() for server in settings.required("broker_url").split(",")]
        if not all(_is_address(server) for server in servers):
            raise BadUsage("COMMERCE_BROKER_URL: write it as nats://host:port, several ones comma separated")
        self.set_servers(servers)

    @property
    def message(self) -> NatsMessage:
        """The message that the present task handles."""
        found: NatsMessage = self.context.get_local("message")
        return found

    async def start(self) -> None:
        """Connect, make sure of the streams, then subscribe."""
        connection = await self.connect()
        self._pulling = PullingJetStream(connection, self.pauses)
        self.set_jetstream(connection, self._pulling)
        await self.ensure_streams()
        for durable in self._replaced:
            with suppress(NotFoundError):
                await self._pulling.delete_consumer(COMMANDS, durable)
        await super().start()

    async def stop(
        self,
        exc_type: type[BaseException] | None = None,
        exc_val: BaseException | None = None,
        exc_tb: TracebackType | None = None,
    ) -> None:
        """Take no more messages, finish those that were taken, then disconnect."""
        if self._pulling is not None:
            await self._pulling.stop_pulling()
            self._pulling = None
        await super().stop(exc_type, exc_val, exc_tb)

    async def ensure_streams(self) -> dict[str, datetime]:
        """Create what is missing, and bring what is there up to our settings; answers when each stream was created.

        Three copies are kept where the broker is a cluster. Raises `nats.errors.Error`.
        """
        replicas = 3 if len(self.connection.servers) >= 3 else 1
        configs = stream_configs(replicas)
        return {config.name or "": _created(await _ensure(self.jetstream, config)) for config in configs}


def stream_configs(replicas: int) -> list[StreamConfig]:
    """Our two streams, as they are kept on the broker."""
    shared = StreamConfig(storage=StorageType.FILE, duplicate_window=REMEMBER_IDS_S, num_replicas=replicas)
    commands = replace(
        shared,
        name=COMMANDS,
        description="Commands to the payment provider and the carrier; refilled from the log.",
        subjects=["commands.>"],
        retention=RetentionPolicy.WORK_QUEUE,
    )
    events = replace(
        shared,
        name=EVENTS,
        description="Events for other systems; refilled from the log.",
        subjects=["events.>"],
        retention=RetentionPolicy.LIMITS,
        discard=DiscardPolicy.OLD,
        max_age=KEEP_EVENTS_S,
        max_bytes=KEEP_EVENT_BYTES,
    )
    return [commands, events]


async def _ensure(jetstream: JetStreamContext, wanted: StreamConfig) -> StreamInfo:
    assert wanted.name is not None
    try:
        info = await jetstream.stream_info(wanted.name)
    except NotFoundError:
        _log.info("stream created", stream=wanted.name)
        return await jetstream.add_stream(wanted)
    # fewer copies than there are already would only mean that a server is away just now
    wanted = replace(wanted, num_replicas=max(wanted.num_replicas or 1, info.config.num_replicas or 1))
    is_as_wanted = (getattr(wanted, name) in (None, getattr(info.config, name)) for name in _COMPARED)
    if all(is_as_wanted):  # None: as the server has it
        return info
    return await jetstream.update_stream(wanted)


def _is_address(server: str) -> bool:
    try:
        parts = urlsplit(server)
        return parts.scheme in {"nats", "tls"} and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        return False


_COMPARED = ("subjects", "max_age", "max_bytes", "duplicate_window", "num_replicas")


def _created(info: StreamInfo) -> datetime:
    if info.created is None:
        raise Error("the broker does not say when a stream was created")
    return info.created
