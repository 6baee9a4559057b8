"""The only place that uses what FastStream keeps to itself; its version is pinned, and a contract test names each
use."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from faststream.asgi import AsgiFastStream
from faststream.nats import NatsBroker
from nats.aio.client import Client
from nats.js import JetStreamContext

if TYPE_CHECKING:
    from faststream._internal.basic_types import SettingField as SettingField  # noqa: PLC0414


class HookedApp(AsgiFastStream):
    """An application that may have no broker, and that says itself how brokers are started."""

    async def start_brokers(self) -> None:
        """Start every broker. A subclass may try again where one is down."""
        for broker in self.brokers:
            await broker.start()

    async def _start_broker(self) -> None:
        await self.start_brokers()


class HookedBroker(NatsBroker):
    """A broker whose servers and JetStream context are known only when it starts."""

    def set_servers(self, servers: Sequence[str]) -> None:
        """Name the servers, before the first `connect`."""
        self._connection_kwargs["servers"] = list(servers)

    def set_jetstream(self, connection: Client, jetstream: JetStreamContext) -> None:
        """Have subscribers go through this context."""
        self.config.broker_config.connection_state.connect(connection, jetstream)

    @property
    def jetstream(self) -> JetStreamContext:
        """The way to streams and consumers, once connected."""
        return self.config.broker_config.connection_state.stream

    @property
    def is_connected(self) -> bool:
        """Whether a server answers, as far as is known."""
        return self._connection is not None and self._connection.is_connected
