"""Reads that are asked for at the same time share queries, and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from uuid import UUID

import pytest

from commerce.eventstore.read import shared_reads
from commerce.eventstore.read.shared_reads import SharedReads
from commerce.values.errors import Unavailable

KEYS = [UUID(int=number) for number in range(4)]


class Table:
    """Something slow to read, that notes each query."""

    def __init__(self) -> None:
        self.rows: dict[UUID, str] = {}
        self.queries: list[set[UUID]] = []
        self.may_answer = asyncio.Event()
        self.shared = SharedReads(self.read)

    async def read(self, keys: Iterable[UUID]) -> dict[UUID, str]:
        self.queries.append(set(keys))
        rows = {key: self.rows[key] for key in keys if key in self.rows}
        await self.may_answer.wait()
        return rows


async def test_what_is_asked_for_during_a_query_goes_into_the_next_one_and_sees_what_was_written_before_it_asked() -> (
    None
):
    table = Table()
    first = asyncio.create_task(table.shared.find(KEYS[:1]))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    table.rows = dict.fromkeys(KEYS, "there")
    others = [asyncio.create_task(table.shared.find([key])) for key in [*KEYS[:3], KEYS[1]]]
    await asyncio.sleep(0)
    table.may_answer.set()
    assert await first == {}
    for key, other in zip([*KEYS[:3], KEYS[1]], others, strict=True):
        assert (await other)[key] == "there"
    assert table.queries == [{KEYS[0]}, set(KEYS[:3])]


async def test_who_asked_hears_of_an_error_and_the_next_one_is_read_again() -> None:
    failing = [True]

    async def read(keys: Iterable[UUID]) -> dict[UUID, str]:
        await asyncio.sleep(0)
        if failing.pop():
            failing.append(False)
            raise Unavailable("the database does not answer")
        failing.append(False)
        return dict.fromkeys(keys, "there")

    shared = SharedReads(read)
    answers = await asyncio.gather(*(shared.find([key]) for key in KEYS), return_exceptions=True)
    assert all(isinstance(answer, Unavailable) for answer in answers)
    assert (await shared.find(KEYS))[KEYS[0]] == "there"


async def test_who_waits_for_a_later_query_is_told_at_once_that_the_database_is_away() -> None:
    queries = 0
    may_fail = asyncio.Event()

    async def read(_: Iterable[UUID]) -> dict[UUID, str]:
        nonlocal queries
        queries += 1
        await may_fail.wait()
        raise Unavailable("the database does not answer")

    shared = SharedReads(read)
    first = asyncio.create_task(shared.find(KEYS[:1]))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    others = [asyncio.create_task(shared.find([key])) for key in KEYS[1:]]
    await asyncio.sleep(0)
    may_fail.set()
    answers = await asyncio.gather(first, *others, return_exceptions=True)
    assert all(isinstance(answer, Unavailable) for answer in answers)
    assert queries == 1


async def test_the_queue_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_reads, "LONGEST_QUEUE_READS", 2)
    table = Table()
    asked = [asyncio.create_task(table.shared.find(KEYS[:1])) for _ in range(3)]
    await asyncio.sleep(0)
    with pytest.raises(Unavailable, match="too many wait"):
        await asked[2]
    table.may_answer.set()
    assert await asyncio.gather(*asked[:2]) == [{}, {}]


async def test_who_gives_up_disturbs_nobody() -> None:
    table = Table()
    table.rows = dict.fromkeys(KEYS, "there")
    first, second = (asyncio.create_task(table.shared.find([key])) for key in KEYS[:2])
    await asyncio.sleep(0)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    table.may_answer.set()
    assert (await second)[KEYS[1]] == "there"
