"""The append queue: one command's trouble is its own, and an answer that was lost is found again or said to be
unknown."""

from __future__ import annotations

import asyncio
import random
from uuid import UUID, uuid4

import pytest
from prometheus_client import CollectorRegistry

from commerce.eventstore import (
    Append,
    AppendQueueCollector,
    Event,
    EventStore,
    Idempotency,
    Metadata,
    Sealed,
    open_store,
)
from commerce.eventstore.append import queue
from commerce.inventory.events import StockAdjusted, StockReceived
from commerce.values.errors import StaleVersion, Unavailable
from tests.conftest import MASTER_KEY, Database
from tests.integration.eventstore.proxy import proxied
from tests.waiting import LIMIT_S

WHO = Metadata("operator:tess", "request-1")


def received(stream: UUID, version: int = 1) -> StockReceived:
    return StockReceived(originator_id=stream, originator_version=version, sku="A", quantity=1)


def command(*events: Event, metadata: Metadata = WHO, **about: object) -> Append:
    return Append(events, None, metadata, **about)  # type: ignore[arg-type]


async def together(store: EventStore, *commands: Append) -> list[str]:
    """What becomes of commands that come at once: `int` for a position, or the error's name."""
    results = await asyncio.gather(*(store.append(one) for one in commands), return_exceptions=True)
    return [type(result).__name__ for result in results]


async def test_two_decisions_that_rest_on_each_others_streams_do_not_both_go_through(store: EventStore) -> None:
    left, right = uuid4(), uuid4()
    results = await together(
        store, command(received(left), unchanged=[(right, 0)]), command(received(right), unchanged=[(left, 0)])
    )
    assert results == ["int", "StaleVersion"]


async def test_a_repeat_is_not_rejected_for_a_request_that_was_itself_rejected(store: EventStore) -> None:
    taken, free = uuid4(), uuid4()
    await store.append(command(received(taken)))
    key = Idempotency("scope", "key", b"f", b"{}")
    assert await together(
        store, command(received(taken), idempotency=key), command(received(free), idempotency=key)
    ) == ["StaleVersion", "int"]


async def test_text_that_is_not_unicode_fails_its_own_command_only(store: EventStore) -> None:
    def adjusted(reason: str) -> StockAdjusted:
        return StockAdjusted(originator_id=uuid4(), originator_version=1, sku="A", quantity=1, reason=Sealed(reason))

    assert await together(store, command(adjusted("fine")), command(adjusted("\ud800")), command(adjusted("fine"))) == [
        "int",
        "InvalidInput",
        "int",
    ]


async def test_a_value_beyond_the_databases_limits_fails_its_own_command_only_and_at_once(store: EventStore) -> None:
    key = random.Random(1).randbytes(10_000).hex()
    long = command(received(uuid4()), idempotency=Idempotency(key, "key", b"f", b"{}"))
    results = await together(store, command(received(uuid4())), long, command(received(uuid4())))
    assert results == ["int", "InvalidInput", "int"]


async def test_an_answer_that_is_lost_is_found_in_the_log(database: Database) -> None:
    async with proxied(database.app_url) as proxy, open_store(proxy.address, MASTER_KEY, "test") as store:
        stream = uuid4()
        proxy.fault = "answer lost"
        position = await store.append(command(received(stream)))
        assert proxy.happened.is_set()
        assert [event.position for event in await store.read_stream(stream)] == [position]


async def test_equal_events_of_somebody_else_are_not_taken_for_ones_own(store: EventStore, database: Database) -> None:
    async with proxied(database.app_url) as proxy, open_store(proxy.address, MASTER_KEY, "far") as far:
        for metadata, told in ((WHO, StaleVersion), (Metadata("service:inventory"), Unavailable)):
            stream = uuid4()
            proxy.open.clear()
            proxy.happened.clear()
            proxy.fault = "request lost"
            append = asyncio.create_task(far.append(command(received(stream), metadata=metadata)))
            await proxy.happened.wait()
            other = Metadata(metadata.actor, "request-2" if metadata.request_id else None)
            await store.append(command(received(stream), metadata=other))
            proxy.open.set()
            with pytest.raises(told):
                await append


async def test_a_database_that_goes_silent_is_given_up_and_found_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "APPEND_TIMEOUT_S", 1.0)
    async with proxied(database.app_url) as proxy, open_store(proxy.address, MASTER_KEY, "test") as store:
        proxy.fault = "silent"
        async with asyncio.timeout(LIMIT_S):
            with pytest.raises(Unavailable):
                await store.append(command(received(uuid4())))
        proxy.fault = None
        assert await store.append(command(received(uuid4()))) > 0


async def test_commands_that_wait_through_an_outage_give_up_together(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "APPEND_TIMEOUT_S", 1.0)
    monkeypatch.setattr(queue, "LARGEST_BATCH_COMMANDS", 1)
    async with proxied(database.app_url) as proxy, open_store(proxy.address, MASTER_KEY, "test") as store:
        proxy.open.clear()
        proxy.fault = "request lost"
        async with asyncio.timeout(LIMIT_S):  # one after the other, each with its own timeout, they would take longer
            waiting = [command(received(uuid4())) for _ in range(200)]
            assert await together(store, *waiting) == ["Unavailable"] * 200
        proxy.open.set()


async def test_how_many_commands_went_into_one_append_can_be_measured(store: EventStore) -> None:
    registry = CollectorRegistry()
    registry.register(AppendQueueCollector(store.queue))
    await store.append(command(received(uuid4())))
    await together(store, *(command(received(uuid4())) for _ in range(5)))
    upto = [registry.get_sample_value("commerce_append_batch_commands_bucket", {"le": bound}) for bound in "148"]
    assert upto == [1, 1, 2]
    assert registry.get_sample_value("commerce_append_batch_commands_sum") == 6
    assert registry.get_sample_value("commerce_append_queue_length") == 0


async def test_a_command_that_had_to_wait_for_another_goes_with_those_that_come_next(store: EventStore) -> None:
    async def one_after_the_other(stream: UUID) -> None:
        for version in (1, 2, 3):
            await store.append(command(received(stream, version)))

    rival = uuid4()
    writers = (one_after_the_other(uuid4()) for _ in range(6))
    await asyncio.gather(*writers, *(store.append(command(received(rival, version))) for version in (1, 2)))
    assert store.queue.batch_sizes == {7: 2, 6: 1}
