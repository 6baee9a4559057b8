"""The one way into the log: the call of the append function, with the commands of a batch as arrays."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

from psycopg import AsyncConnection

from commerce.eventstore.mapper import MAPPER
from commerce.eventstore.records import Append, Metadata

Conflict = Literal["version", "repeated", "key"]
"""Why a command was not appended: a stream moved, the request was accepted before, or a person's key exists already."""

APPEND = """
SELECT command, appended, conflict FROM commerce_append(
    %b::int[], %b::uuid[], %b::bigint[], %b::text[], %b::bytea[],
    %b::uuid[], %b::bigint[], %b::text[],
    %b::int[], %b::uuid[], %b::bigint[],
    %b::int[], %b::uuid[], %b::bytea[],
    %b::int[], %b::text[], %b::text[], %b::bytea[], %b::bytea[],
    %b)
"""


def append_parameters(commands: Sequence[Append], *, whole: bool) -> list[object]:
    """The arguments of `APPEND`: column by column, with commands numbered from 1.

    `whole` makes all commands one: any conflict aborts the transaction, and they may continue each other's streams.
    """
    numbered = list(enumerate(commands, start=1))
    events = [(number, MAPPER.to_stored_event(event)) for number, command in numbered for event in command.events]
    unchanged = [(number, *stream) for number, command in numbered for stream in command.unchanged]
    keys = [(number, key) for number, command in numbered for key in command.keys]
    repeats = [(number, command.idempotency) for number, command in numbered if command.idempotency]
    return [
        [number for number, _ in events],
        [stored.originator_id for _, stored in events],
        [stored.originator_version for _, stored in events],
        [stored.topic for _, stored in events],
        [stored.state for _, stored in events],
        [command.correlation_id for command in commands],
        [command.causation_id for command in commands],
        [metadata_json(command.metadata) for command in commands],
        [number for number, _, _ in unchanged],
        [stream for _, stream, _ in unchanged],
        [version for _, _, version in unchanged],
        [number for number, _ in keys],
        [key.owner_id for _, key in keys],
        [key.wrapped for _, key in keys],
        [number for number, _ in repeats],
        [repeat.scope for _, repeat in repeats],
        [repeat.key for _, repeat in repeats],
        [repeat.fingerprint for _, repeat in repeats],
        [repeat.answer for _, repeat in repeats],
        whole,
    ]


@lru_cache(maxsize=1024)
def metadata_json(metadata: Metadata) -> str:
    """The metadata column's text; absent parts are left out."""
    parts = {"actor": metadata.actor, "request_id": metadata.request_id}
    return json.dumps({name: value for name, value in parts.items() if value is not None})


async def append_each(connection: AsyncConnection, commands: Sequence[Append]) -> list[int | Conflict]:
    """Append commands that stand each for themselves, in one transaction; answers each one's position or conflict.

    On a connection in autocommit mode this is one message there and one back: a client that freezes holds no lock.
    """
    cursor = await connection.execute(APPEND, append_parameters(commands, whole=False))
    answers: list[int | Conflict] = ["version"] * len(commands)
    for number, position, conflict in await cursor.fetchall():
        answers[number - 1] = conflict or position
    return answers
