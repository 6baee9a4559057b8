"""What becomes of a message whose handling goes wrong: it comes again, and the error ends here."""

from __future__ import annotations

import asyncio
import gc
import time
from types import SimpleNamespace
from typing import cast
from uuid import UUID, uuid4

import pytest
from faststream.exceptions import NackMessage
from faststream.nats import NatsMessage
from nats.errors import ConnectionClosedError
from psycopg import OperationalError

from commerce.outside.errors import TryAgain
from commerce.outside.retries import LONGEST_PAUSE_S
from commerce.values.errors import InvalidInput, StaleVersion, Unavailable
from tests.waiting import LIMIT_S
from workers.runtime.consumers import OneAtATime, one_delivery
from workers.runtime.failures import FAILING_AFTER_DELIVERIES, Failures
from workers.runtime.parked_messages import MessageHint, ParkedMessages


class Message:
    """A message that was delivered for the third time."""

    def __init__(self, broken: Exception | None = None, deliveries: int = 3, sequence: int = 1) -> None:
        metadata = SimpleNamespace(num_delivered=deliveries, sequence=SimpleNamespace(stream=sequence))
        self.raw_message = SimpleNamespace(metadata=metadata)
        self.delays: list[float] = []
        self._broken = broken

    async def nack(self, delay: float) -> None:
        self.delays.append(delay)
        if self._broken is not None:
            raise self._broken


class NothingParked:
    """Parks nothing, as where as much is parked already as may be; `asked` is how often it was to."""

    def __init__(self) -> None:
        self.asked = 0

    async def takes(self, _hint: MessageHint, _deliveries: int) -> bool:
        return False

    async def finished(self, _hint: MessageHint, _deliveries: int) -> None:
        pass

    async def park(self, _hint: MessageHint, _failure: object) -> bool:
        self.asked += 1
        return False


async def handled(
    message: Message, error: Exception | None, failures: Failures | None = None, parked: NothingParked | None = None
) -> None:
    hint = MessageHint("commands.payments.authorize", b"{}", 1, UUID(int=1))
    own, aside = failures or Failures("payments"), cast(ParkedMessages, parked or NothingParked())
    async with one_delivery(cast(NatsMessage, message), own, aside, hint, order_id="1"):
        if error is not None:
            raise error


@pytest.mark.parametrize(
    ("error", "delays"),
    [
        (None, []),
        (TryAgain("no answer", 0.25), [0.25]),
        (TryAgain("no answer"), [2.0]),
        (Unavailable("no database"), [2.0]),
        (InvalidInput("not possible"), [LONGEST_PAUSE_S]),
        (ZeroDivisionError(), [8.0]),
    ],
)
async def test_a_message_comes_again_later_the_more_often_it_came(error: Exception | None, delays: list[float]) -> None:
    message = Message()
    await handled(message, error)
    assert message.delays == delays


@pytest.mark.parametrize(
    ("error", "delay"), [(Unavailable("no room on the disk"), 2.0), (OperationalError("the connection is lost"), 8.0)]
)
async def test_a_message_whose_parking_cannot_be_looked_up_is_not_handled_and_comes_again(
    error: Exception, delay: float
) -> None:
    class Unreadable(NothingParked):
        async def takes(self, _hint: MessageHint, _deliveries: int) -> bool:
            raise error

    message, failures, told = Message(), Failures("payments"), []
    hint = MessageHint("commands.payments.authorize", b"{}", 1, UUID(int=1))
    unreadable = cast(ParkedMessages, Unreadable())
    async with one_delivery(cast(NatsMessage, message), failures, unreadable, hint, order_id="1") as is_due:
        told.append(is_due)
    assert (told, message.delays) == ([False], [delay])


async def test_where_the_broker_cannot_be_told_faststream_is() -> None:
    with pytest.raises(NackMessage) as raised:
        await handled(Message(ConnectionClosedError()), TryAgain("no answer", 0.25))
    assert raised.value.extra_options == {"delay": 0.25}


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (TryAgain("the outbox does not take a mail"), "the outbox does not take a mail"),
        (Unavailable("no answer"), "no answer"),
        (InvalidInput("not possible"), "not possible"),
        (UnicodeEncodeError("latin-1", "Łukasz", 0, 1, "not in range"), "UnicodeEncodeError"),
    ],
)
async def test_a_message_that_fails_again_and_again_shows_until_it_is_handled(error: Exception, said: str) -> None:
    failures = Failures("payments")
    await handled(Message(deliveries=FAILING_AFTER_DELIVERIES - 1), error, failures)
    assert (failures.problems(), _metric(failures)) == ({}, 0)
    await handled(Message(deliveries=FAILING_AFTER_DELIVERIES), error, failures)
    assert failures.problems() == {"messages": f"a message fails again and again, tried 5 times: {said}"}
    await handled(Message(deliveries=7, sequence=2), error, failures)
    assert failures.problems() == {"messages": f"2 messages fail again and again, tried 7 times: {said}"}
    assert _metric(failures) == 2
    await handled(Message(deliveries=8, sequence=2), None, failures)
    await handled(Message(deliveries=6), None, failures)
    assert (failures.problems(), _metric(failures)) == ({}, 0)


async def test_a_message_that_another_process_handled_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    failures = Failures("payments")
    await handled(Message(deliveries=FAILING_AFTER_DELIVERIES), TryAgain("no answer"), failures)
    now_s = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now_s + 121)
    assert failures.problems() == {}


async def test_only_what_failed_by_itself_often_enough_is_parked_however_often_it_was_put_off() -> None:
    """An open breaker, a lost connection and a conflict say nothing about the message."""
    failures, parked = Failures("payments"), NothingParked()
    put_off = [TryAgain("is left alone", 60.0, is_put_off=True), Unavailable("no database"), StaleVersion("it moved")]
    for deliveries, error in enumerate(put_off * 5, start=1):
        await handled(Message(deliveries=deliveries), error, failures, parked)
    for deliveries in range(20, 24):
        await handled(Message(deliveries=deliveries), ZeroDivisionError(), failures, parked)
        await handled(Message(deliveries=1, sequence=2), ZeroDivisionError(), Failures("payments"), parked)
    assert parked.asked == 0
    await handled(Message(deliveries=24), ZeroDivisionError(), failures, parked)
    assert parked.asked == 1
    await handled(Message(deliveries=25), None, failures, parked)
    await handled(Message(deliveries=26), ZeroDivisionError(), failures, parked)
    assert parked.asked == 1


def _metric(failures: Failures) -> float:
    (metric,) = failures.collect()
    return metric.samples[0].value


async def test_the_messages_of_one_order_are_handled_one_after_the_other_and_those_of_others_beside_them() -> None:
    orders, one, other = OneAtATime(), uuid4(), uuid4()
    seen: list[str] = []

    async def handle(order_id: UUID, name: str) -> None:
        async with orders.on(order_id):
            seen.append(f"{name} begins")
            await asyncio.sleep(0)
            gc.collect()
            await asyncio.sleep(0.01)
            seen.append(f"{name} ends")

    await asyncio.gather(handle(one, "first"), handle(one, "second"), handle(other, "beside"))
    assert seen.index("first ends") < seen.index("second begins")
    assert seen.index("beside begins") < seen.index("first ends")


async def test_the_broker_is_told_while_a_message_takes_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workers.runtime.consumers._PROGRESS_INTERVAL_S", 0.01)
    told = 0

    async def in_progress() -> None:
        nonlocal told
        told += 1

    message = Message()
    message.raw_message.in_progress = in_progress
    hint = MessageHint("commands.payments.authorize", b"{}", 1, UUID(int=1))
    parked = cast(ParkedMessages, NothingParked())
    async with one_delivery(cast(NatsMessage, message), Failures("payments"), parked, hint):
        async with asyncio.timeout(LIMIT_S):
            while told < 3:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
    await asyncio.sleep(0)
    before = told
    await asyncio.sleep(0.05)
    assert told == before
