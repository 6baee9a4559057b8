"""Pulling from a durable: many messages for one request, as they come, and never more than were asked for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import nats as nats_client
import pytest
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.api import ConsumerConfig

from commerce.embedded.nats import EmbeddedNats
from tests.waiting import LIMIT_S, eventually
from workers.runtime.pull import Pull, PullingJetStream

PAUSED = [False]
"""Whether nothing is to be pulled now."""

CONFIG = ConsumerConfig(durable_name="reader", ack_wait=30)


@pytest.fixture
async def pulling(broker_server: EmbeddedNats, jetstream: JetStreamContext) -> AsyncIterator[PullingJetStream]:
    """A connection that pulls, and a stream to pull from."""
    await jetstream.add_stream(name="THINGS", subjects=["things"])
    client = await nats_client.connect(broker_server.url)
    yield PullingJetStream(client, {"reader": lambda: PAUSED[0]})
    PAUSED[0] = False
    await client.close()


async def test_one_request_brings_several_messages_and_none_waits_for_the_others(
    pulling: PullingJetStream, jetstream: JetStreamContext
) -> None:
    pull = await _subscribed(pulling)
    for number in range(8):
        await _publish(jetstream, number)
        async with asyncio.timeout(LIMIT_S):
            (message,) = await pull.fetch(8, timeout=LIMIT_S)
        assert message.data == b"%d" % number
        await message.ack()
    assert await _waiting(jetstream) == 0  # all eight came for the first request
    assert await pull.fetch(8, timeout=0.1) == []


async def test_a_process_that_stands_still_is_handed_no_more_than_it_asked_for(
    pulling: PullingJetStream, jetstream: JetStreamContext
) -> None:
    pull = await _subscribed(pulling)
    await _publish(jetstream, *range(20))
    taken = await pull.fetch(4, timeout=5)
    await eventually(lambda: _under_way(jetstream, 4))
    await asyncio.sleep(0.2)
    assert await _under_way(jetstream, 4)
    while len(taken) < 20:
        taken += await pull.fetch(4, timeout=5)
    assert [int(message.data) for message in taken] == list(range(20))


async def test_what_was_not_handed_over_is_given_back_at_once_at_the_end(
    pulling: PullingJetStream, jetstream: JetStreamContext
) -> None:
    pull = await _subscribed(pulling)
    await _publish(jetstream, 0)
    (first,) = await pull.fetch(4, timeout=5)
    await first.ack()
    await _publish(jetstream, 1, 2, 3)
    await eventually(lambda: _under_way(jetstream, 3))
    await pulling.stop_pulling()
    assert await pull.fetch(4, timeout=0.01) == []
    other = await _subscribed(pulling)
    left = {1, 2, 3}
    async with asyncio.timeout(LIMIT_S):
        while left:
            left -= {int(message.data) for message in await other.fetch(4, timeout=1)}


async def test_without_the_durable_it_asks_now_and_then_and_goes_on_once_it_is_back(
    pulling: PullingJetStream, jetstream: JetStreamContext
) -> None:
    pull = await _subscribed(pulling)
    await jetstream.delete_consumer("THINGS", "reader")
    began = asyncio.get_running_loop().time()
    for _ in range(6):
        assert await pull.fetch(4, timeout=5) == []
    assert asyncio.get_running_loop().time() - began > 0.2
    await jetstream.add_consumer("THINGS", CONFIG)
    await _publish(jetstream, 1)
    async with asyncio.timeout(LIMIT_S):
        while not await pull.fetch(4, timeout=5):
            pass


async def test_while_it_is_paused_nothing_is_delivered_and_it_goes_on_by_itself(
    pulling: PullingJetStream, jetstream: JetStreamContext
) -> None:
    pull = await _subscribed(pulling)
    PAUSED[0] = True
    await _publish(jetstream, *range(3))
    for _ in range(3):
        assert await pull.fetch(4, timeout=5) == []
    info = await jetstream.consumer_info("THINGS", "reader")
    assert (info.num_waiting, info.num_pending, info.num_ack_pending) == (0, 3, 0)
    PAUSED[0] = False
    taken: list[Msg] = []
    async with asyncio.timeout(LIMIT_S):
        while len(taken) < 3:
            taken += await pull.fetch(4, timeout=5)
    assert [message.metadata.num_delivered for message in taken] == [1, 1, 1]


async def test_while_the_broker_is_away_no_requests_gather(
    pulling: PullingJetStream, jetstream: JetStreamContext, broker_server: EmbeddedNats
) -> None:
    pull = await _subscribed(pulling)
    broker_server.stop()
    for _ in range(10):
        assert await pull.fetch(4, timeout=0.05) == []
    broker_server.start()
    await eventually(lambda: _is_back(jetstream))
    await _publish(jetstream, *range(20))
    taken: list[Msg] = []
    async with asyncio.timeout(LIMIT_S):
        while not taken:
            taken = await pull.fetch(4, timeout=1)
    await asyncio.sleep(0.2)
    assert await _under_way(jetstream, 4)


async def _subscribed(pulling: PullingJetStream) -> Pull:
    pull = await pulling.pull_subscribe("things", durable="reader", stream="THINGS", config=CONFIG)
    assert isinstance(pull, Pull)
    return pull


async def _publish(jetstream: JetStreamContext, *numbers: int) -> None:
    for number in numbers:
        await jetstream.publish("things", b"%d" % number)


async def _waiting(jetstream: JetStreamContext) -> int:
    info = await jetstream.consumer_info("THINGS", "reader")
    return int(info.num_waiting or 0)


async def _under_way(jetstream: JetStreamContext, messages: int) -> bool:
    info = await jetstream.consumer_info("THINGS", "reader")
    return bool(info.num_ack_pending == messages)


async def _is_back(jetstream: JetStreamContext) -> bool:
    try:
        await jetstream.stream_info("THINGS")
    except (nats_client.errors.Error, OSError):
        return False
    return True
