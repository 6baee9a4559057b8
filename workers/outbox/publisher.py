"""Puts messages on JetStream, many at a time, and knows that each was stored."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from nats.errors import Error
from nats.js.errors import NoStreamResponseError

from commerce.eventstore import EventStore
from commerce.outside.call_identity import CLIENT_REQUEST_HEADER
from commerce.values.errors import Unavailable
from workers.outbox.broker import Broker
from workers.outbox.client_requests import with_client_requests
from workers.outbox.messages import Outgoing

BATCH_MESSAGES = 256
"""Messages on their way at the same time, at most."""

PUBLISH_TIMEOUT_S = 5.0
"""Seconds to wait for an acknowledgement."""


class Publisher:
    """Publishes with acknowledgement; a message published twice with the same id is stored once.

    It divides what one caller hands over at once. Nothing queues here, so this is no `Batches`.
    """

    def __init__(self, store: EventStore, broker: Broker) -> None:
        self._store = store
        self._broker = broker
        self.lost_stream = asyncio.Event()
        """Set when a message found no stream that takes it."""

    async def publish(self, messages: Sequence[Outgoing]) -> None:
        """Publish in this order. Raises `Unavailable` where one was not acknowledged: then all are to be
        published again."""
        for start in range(0, len(messages), BATCH_MESSAGES):
            if not self._broker.is_connected:
                raise Unavailable("the broker is not connected")
            part = await with_client_requests(self._store, messages[start : start + BATCH_MESSAGES])
            results = await asyncio.gather(*(self._publish(message) for message in part), return_exceptions=True)
            for error in results:
                if isinstance(error, NoStreamResponseError):
                    self.lost_stream.set()
                if isinstance(error, Error | OSError | TimeoutError):
                    raise Unavailable(f"the broker did not take a message: {type(error).__name__}") from error
                if isinstance(error, BaseException):
                    raise error

    async def _publish(self, message: Outgoing) -> None:
        headers = {"Nats-Msg-Id": message.id, "content-type": message.content_type}
        if message.client_request is not None:
            headers[CLIENT_REQUEST_HEADER] = message.client_request
        await self._broker.publish(
            message.body,
            message.subject,
            headers=headers,
            correlation_id=message.correlation_id,
            stream=message.stream,
            timeout=PUBLISH_TIMEOUT_S,
        )
