"""Single changes of the log, made by its owner at random: each is found, and named."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

import psycopg
import pytest
from psycopg.types.json import Jsonb

from tests.integration.evidence.conftest import Shop

SEED = 6962


@dataclass(frozen=True)
class Event:
    """A row of the log, before it is changed."""

    position: int
    stream: UUID
    version: int
    topic: str
    state: bytes
    correlation: UUID | None
    metadata: dict[str, str]


Change = Callable[[Shop, random.Random, Event, Event], Awaitable[str]]
"""Changes one event (the other is its partner where two are swapped); says what kind of finding is due."""


async def update(shop: Shop, event: Event, column: str, value: object) -> None:
    await shop.owner.execute(
        f"UPDATE commerce_events SET {column} = %s WHERE originator_id = %s AND originator_version = %s".encode(),
        [value, event.stream, event.version],
    )


def flipped(data: bytes, dice: random.Random, bits: int = 8) -> bytes:
    """The same with one bit changed, of the lowest of some byte."""
    at = dice.randrange(len(data))
    return data[:at] + bytes([data[at] ^ (1 << dice.randrange(bits))]) + data[at + 1 :]


async def a_bit_of_the_payload(shop: Shop, dice: random.Random, event: Event, _other: Event) -> str:
    await update(shop, event, "state", flipped(event.state, dice))
    return "changed"


async def a_bit_of_the_topic(shop: Shop, dice: random.Random, event: Event, _other: Event) -> str:
    await update(shop, event, "topic", flipped(event.topic.encode(), dice, bits=5).decode())
    return "changed"


async def a_bit_of_the_stream(shop: Shop, dice: random.Random, event: Event, _other: Event) -> str:
    await update(shop, event, "originator_id", UUID(bytes=flipped(event.stream.bytes, dice)))
    return "changed"


async def a_bit_of_the_version(shop: Shop, dice: random.Random, event: Event, _other: Event) -> str:
    await update(shop, event, "originator_version", event.version ^ (1 << dice.randrange(40)))
    return "changed"


async def a_bit_of_the_correlation(shop: Shop, dice: random.Random, event: Event, _other: Event) -> str:
    changed = UUID(bytes=flipped(event.correlation.bytes, dice)) if event.correlation else event.stream
    await update(shop, event, "correlation_id", changed)
    return "changed"


async def the_cause(shop: Shop, dice: random.Random, event: Event, _other: Event) -> str:
    await update(shop, event, "causation_id", dice.randrange(1 << 40))
    return "changed"


async def the_actor(shop: Shop, dice: random.Random, event: Event, _other: Event) -> str:
    actor = flipped(event.metadata["actor"].encode(), dice, bits=4).decode()
    await update(shop, event, "metadata", Jsonb(event.metadata | {"actor": actor}))
    return "changed"


async def the_time(shop: Shop, dice: random.Random, event: Event, _other: Event) -> str:
    microseconds = dice.choice([-1, 1]) * (1 << dice.randrange(45))
    await shop.owner.execute(
        "UPDATE commerce_events SET recorded_at = recorded_at + %s * interval '1 microsecond'"
        " WHERE notification_id = %s",
        [microseconds, event.position],
    )
    return "changed"


async def a_bit_of_the_position(shop: Shop, dice: random.Random, event: Event, _other: Event) -> str:
    await update(shop, event, "notification_id", event.position ^ (1 << dice.randrange(40)))
    return "reordered"


async def removed(shop: Shop, _dice: random.Random, event: Event, _other: Event) -> str:
    await shop.owner.execute("DELETE FROM commerce_events WHERE notification_id = %s", [event.position])
    return "removed"


async def two_swapped(shop: Shop, _dice: random.Random, event: Event, other: Event) -> str:
    await update(shop, event, "notification_id", -1)
    await update(shop, other, "notification_id", event.position)
    await update(shop, event, "notification_id", other.position)
    return "reordered"


async def two_payloads_swapped(shop: Shop, _dice: random.Random, event: Event, other: Event) -> str:
    await update(shop, event, "state", other.state)
    await update(shop, other, "state", event.state)
    return "changed"


OF_ONE: list[Change] = [
    a_bit_of_the_payload,
    a_bit_of_the_topic,
    a_bit_of_the_stream,
    a_bit_of_the_version,
    a_bit_of_the_correlation,
    the_cause,
    the_actor,
    the_time,
    a_bit_of_the_position,
    removed,
]
OF_TWO: list[Change] = [two_swapped, two_payloads_swapped]


@pytest.mark.parametrize("changes", [200, pytest.param(1000, marks=pytest.mark.long)])
async def test_single_changes_are_each_found_and_named(shop: Shop, changes: int) -> None:
    dice = random.Random(SEED)
    events = await events_of(shop)
    done = 0
    while done < changes:
        change = dice.choice(OF_ONE + OF_TWO)
        event, other = dice.sample(events, 2)
        if change is two_payloads_swapped and event.state == other.state:
            continue
        async with shop.owner.transaction(force_rollback=True):
            try:
                async with shop.owner.transaction():
                    kind = await change(shop, dice, event, other)
            except psycopg.errors.UniqueViolation:
                continue  # the database itself rejected it
            await assert_named(shop, change, kind, [event, other] if change in OF_TWO else [event])
        done += 1
    assert (await shop.verify()).findings == []


async def assert_named(shop: Shop, change: Change, kind: str, changed: list[Event]) -> None:
    report = await shop.verify()
    named = [(each.kind, each.position, each.stream, each.version, each.topic) for each in report.findings]
    due = [(kind, event.position, event.stream, event.version, event.topic) for event in changed]
    assert sorted(named, key=str) == sorted(due, key=str), (change, report.findings)


async def events_of(shop: Shop) -> list[Event]:
    cursor = await shop.owner.execute(
        "SELECT notification_id, originator_id, originator_version, topic, state, correlation_id, metadata"
        " FROM commerce_events ORDER BY notification_id"
    )
    return [
        Event(position, stream, version, topic, bytes(state), correlation, metadata)
        for position, stream, version, topic, state, correlation, metadata in await cursor.fetchall()
    ]
