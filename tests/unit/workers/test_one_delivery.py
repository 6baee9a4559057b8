"""What becomes of a message whose handling goes wrong: it comes again, and the error ends here."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import pytest
from faststream.exceptions import NackMessage
from faststream.nats import NatsMessage
from nats.errors import ConnectionClosedError

from commerce.errors import InvalidInput, Unavailable
from workers.consuming import one_delivery
from workers.patience import LONGEST_PAUSE, TryAgain


class Message:
    """A message that was delivered for the third time."""

    def __init__(self, broken: Exception | None = None) -> None:
        self.raw_message = SimpleNamespace(metadata=SimpleNamespace(num_delivered=3))
        self.delays: list[float] = []
        self._broken = broken

    async def nack(self, delay: float) -> None:
        self.delays.append(delay)
        if self._broken is not None:
            raise self._broken


async def handled(message: Message, error: Exception | None) -> None:
    async with one_delivery(cast(NatsMessage, message), order_id="1"):
        if error is not None:
            raise error


@pytest.mark.parametrize(
    ("error", "delays"),
    [
        (None, []),
        (TryAgain("no answer", 0.25), [0.25]),
        (TryAgain("no answer"), [2.0]),
        (Unavailable("no database"), [2.0]),
        (InvalidInput("not possible"), [LONGEST_PAUSE]),
        (ZeroDivisionError(), [8.0]),
    ],
)
async def test_a_message_comes_again_later_the_more_often_it_came(error: Exception | None, delays: list[float]) -> None:
    message = Message()
    await handled(message, error)
    assert message.delays == delays


async def test_where_the_broker_cannot_be_told_faststream_is() -> None:
    with pytest.raises(NackMessage) as raised:
        await handled(Message(ConnectionClosedError()), TryAgain("no answer", 0.25))
    assert raised.value.extra_options == {"delay": 0.25}
