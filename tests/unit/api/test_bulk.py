"""Lines are found wherever a body is cut into pieces, and answers wait for their client without an end of memory."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from starlette.requests import ClientDisconnect
from starlette.types import Message

from api.bulk import answer_spool, line_reader
from api.bulk.answer_spool import AnswerSpool
from api.bulk.line_reader import LONGEST_LINE_BYTES, Line, LineReader
from api.http.errors import BodyTooLarge


async def read(*pieces: bytes, ends: bool = True, first: int = 1, largest: int = 2**30) -> list[list[Line]]:
    messages: list[Message] = [
        {"type": "http.request", "body": piece, "more_body": not ends or number < len(pieces) - 1}
        for number, piece in enumerate(pieces)
    ]
    coming = iter(messages)

    async def receive() -> Message:
        return next(coming, {"type": "http.disconnect"})

    return [batch async for batch in LineReader(receive, first, largest).batches()]


def lines(batches: Sequence[Sequence[Line]]) -> list[tuple[int, bytes | None]]:
    return [(line.number, line.content) for batch in batches for line in batch]


async def test_lines_are_the_same_wherever_the_body_is_cut() -> None:
    body = b'{"a":1}\n\n{"b":2}\r\n{"c":3}'
    expected = [(7, b'{"a":1}'), (9, b'{"b":2}\r'), (10, b'{"c":3}')]
    for at in range(len(body) + 1):
        assert lines(await read(body[:at], body[at:], first=7)) == expected


async def test_a_line_that_was_not_sent_whole_is_none() -> None:
    with pytest.raises(ClientDisconnect):
        await read(b'{"a":1}\n{"b"', ends=False)


async def test_a_line_that_is_too_long_is_thrown_away_while_it_comes() -> None:
    piece = b"x" * LONGEST_LINE_BYTES
    assert lines(await read(b"a\n" + piece, piece, piece + b"\nb")) == [(1, b"a"), (2, None), (3, b"b")]
    assert lines(await read(piece + b"\nb")) == [(1, piece), (2, b"b")]


async def test_lines_come_in_batches_and_a_body_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line_reader, "BATCH_LINES", 2)
    assert [len(batch) for batch in await read(b"a\nb\nc\n", b"d\n", b"e")] == [2, 1, 1, 1]
    with pytest.raises(BodyTooLarge):
        await read(b"a\nb\n", b"c\n", largest=5)


async def test_answers_wait_for_their_client_up_to_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answer_spool, "LARGEST_BYTES", 3_000)
    monkeypatch.setattr(answer_spool, "IN_MEMORY_BYTES", 1_000)
    spool, written = AnswerSpool(), [b"%04d" % number * 250 for number in range(20)]

    async def write() -> None:
        for each in written:
            await spool.write(each)
        spool.end()

    writing = asyncio.create_task(write())
    await asyncio.sleep(0)
    assert not writing.done()  # four of twenty wait to be read
    assert b"".join([piece async for piece in spool.pieces()]) == b"".join(written)
    await writing
    spool.close()
