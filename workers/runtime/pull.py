"""Pulls messages from a durable: one request asks the broker for several, and each is handed over as it comes.

FastStream alone would ask for one message at a time: nats-py waits until a request has all the messages that it asks
for. The requests are those of the JetStream protocol (NATS ADR-13).
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Callable, Mapping

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.js import JetStreamContext
from nats.js.client import DEFAULT_JS_SUB_PENDING_BYTES_LIMIT, DEFAULT_JS_SUB_PENDING_MSGS_LIMIT

_RETRY_PAUSE_S = 0.1
"""Seconds until the broker is asked again where it cannot be asked now, is not to be, or rejects, as it does without
the durable."""

_STATUS = "Status"
_EXPIRED = "408"


class Pull:
    """What FastStream needs of nats-py's pull subscription, with a `fetch` that waits for the first message only.

    A request stands until it is used up or expires, so that a process that is frozen is handed no more than its rest,
    and one that was lost, as at a restart of the broker, is missed when it would have expired. While it `is_paused`,
    it asks for nothing.
    """

    def __init__(
        self, connection: Client, stream: str, durable: str, is_paused: Callable[[], bool] = lambda: False
    ) -> None:
        self._connection = connection
        self._request_subject = f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{durable}"
        self._inbox = connection.new_inbox()
        self._is_paused = is_paused
        self._subscription: Subscription | None = None
        self._arrived: deque[Msg] = deque()
        self._wake = asyncio.Event()
        self._open = 0
        """Messages that are still to come for the request that stands."""
        self._until = 0.0
        self._ended = False

    async def begin(self, most_messages: int, most_bytes: int) -> None:
        """Subscribe to the answers; at most `most_messages` of them wait here."""
        self._subscription = await self._connection.subscribe(
            self._inbox, cb=self._take, pending_msgs_limit=most_messages, pending_bytes_limit=most_bytes
        )

    async def fetch(
        self,
        batch: int = 1,
        timeout: float | None = 5,  # noqa: ASYNC109 - nats-py's signature
        heartbeat: float | None = None,
    ) -> list[Msg]:
        """The messages that have come, at most `batch`; waits up to `timeout` seconds for the first, and then
        answers none."""
        if not self._arrived:
            await self._wait(batch, timeout or 5)
        return [self._arrived.popleft() for _ in range(min(batch, len(self._arrived)))]

    async def unsubscribe(self) -> None:
        """Take no more; what came and was not handed over is given back at once, for others. Safe to repeat."""
        if self._ended:
            return
        self._ended = True
        if self._subscription is not None:
            await self._subscription.unsubscribe()
        while self._arrived:
            await self._arrived.popleft().nak()

    async def _wait(self, batch: int, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        self._wake.clear()
        if self._open <= 0 or loop.time() >= self._until:
            await self._ask(batch, seconds)
        timer = loop.call_at(self._until, self._wake.set)
        try:
            await self._wake.wait()
        finally:
            timer.cancel()

    async def _ask(self, batch: int, seconds: float) -> None:
        """Send a request, unless it is paused; without a connection, not before there is one, as all that had gathered
        would be sent at once."""
        now = asyncio.get_running_loop().time()
        if self._ended or not self._connection.is_connected or self._is_paused():
            self._until = now + _RETRY_PAUSE_S
            return
        self._open, self._until = batch, now + seconds
        request = {"batch": batch, "expires": int(seconds * 1e9)}
        await self._connection.publish(self._request_subject, json.dumps(request).encode(), self._inbox)

    async def _take(self, message: Msg) -> None:
        status = (message.headers or {}).get(_STATUS)
        if status is None:
            self._arrived.append(message)
            self._open -= 1
            self._wake.set()
        elif status != _EXPIRED:  # the request is void: there is no such durable, or its leader is another node now
            self._until = min(self._until, asyncio.get_running_loop().time() + _RETRY_PAUSE_S)
            self._wake.set()


class PullingJetStream(JetStreamContext):
    """The way to streams and consumers, with pull subscriptions that are a `Pull`."""

    def __init__(self, connection: Client, pauses: Mapping[str, Callable[[], bool]]) -> None:
        """`pauses` say of durables whether nothing is to be pulled from them now."""
        super().__init__(connection)
        self._connection = connection
        self._pauses = pauses
        self._pulls: list[Pull] = []

    async def pull_subscribe_bind(  # type: ignore[override]  # noqa: PLR0917 - what FastStream uses of nats-py's own
        self,
        consumer: str | None = None,
        stream: str | None = None,
        inbox_prefix: bytes | None = None,
        pending_msgs_limit: int = DEFAULT_JS_SUB_PENDING_MSGS_LIMIT,
        pending_bytes_limit: int = DEFAULT_JS_SUB_PENDING_BYTES_LIMIT,
        name: str | None = None,
        durable: str | None = None,
    ) -> Pull:
        """Subscribe to a durable of a stream; how nats-py's `pull_subscribe` ends, too."""
        assert stream is not None
        assert durable is not None
        pull = Pull(self._connection, stream, durable, lambda: durable in self._pauses and self._pauses[durable]())
        await pull.begin(pending_msgs_limit, pending_bytes_limit)
        self._pulls.append(pull)
        return pull

    async def stop_pulling(self) -> None:
        """Take no more messages."""
        for pull in self._pulls:
            await pull.unsubscribe()
        self._pulls.clear()
