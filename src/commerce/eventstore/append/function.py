"""The one way into the log: the call of the SQL function that appends, with the commands of a batch as arrays.

Its SQL stands in `migrations/functions/commerce_append.sql`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Literal

from psycopg import AsyncConnection, Connection

from commerce.eventstore.codec.mapper import state_of
from commerce.eventstore.codec.records import Append, Metadata, key_digest
from commerce.eventstore.postgres.arrays import bigints, byteas, integers, texts, uuids

Conflict = Literal["version", "repeated", "key", "closed"]
"""Why a command was not appended: a stream moved, the request was accepted before, a person's key exists already, or it
is wrapped with a master key that wraps nothing new any more."""

APPEND = """
SELECT command, appended, conflict FROM commerce_append(
    %b, %b, %b, %b, %b, %b, %b, %b, %b, %b, %b, %b, %b, %b, %b, %b, %b, %b, %b, %b)
"""


def append_parameters(commands: Sequence[Append], *, whole: bool) -> list[object]:
    """The arguments of `APPEND`: column by column, with commands numbered from 1.

    `whole` makes all commands one: any conflict aborts the transaction, and they may continue each other's streams.
    """
    numbered = list(enumerate(commands, start=1))
    events = [(number, event) for number, command in numbered for event in command.events]
    unchanged = [(number, *stream) for number, command in numbered for stream in command.unchanged]
    keys = [(number, key) for number, command in numbered for key in command.keys]
    repeats = [(number, command.idempotency) for number, command in numbered if command.idempotency]
    return [
        integers([number for number, _ in events]),
        uuids([event.originator_id for _, event in events]),
        bigints([event.originator_version for _, event in events]),
        texts([event.TOPIC for _, event in events]),
        byteas([state_of(event) for _, event in events]),
        uuids([command.correlation_id for command in commands]),
        bigints([command.causation_id for command in commands]),
        texts([metadata_json(command.metadata) for command in commands]),
        integers([number for number, _, _ in unchanged]),
        uuids([stream for _, stream, _ in unchanged]),
        bigints([version for _, _, version in unchanged]),
        integers([number for number, _ in keys]),
        uuids([key.owner_id for _, key in keys]),
        byteas([key.wrapped for _, key in keys]),
        integers([number for number, _ in repeats]),
        texts([repeat.scope for _, repeat in repeats]),
        texts([key_digest(repeat.scope, repeat.key) for _, repeat in repeats]),
        byteas([repeat.fingerprint for _, repeat in repeats]),
        byteas([repeat.answer for _, repeat in repeats]),
        whole,
    ]


@lru_cache(maxsize=1024)
def metadata_json(metadata: Metadata) -> str:
    """The metadata column's text; absent parts are left out."""
    parts = {"actor": metadata.actor, "request_id": metadata.request_id}
    return json.dumps({name: value for name, value in parts.items() if value is not None})


def append_alone(connection: Connection[Any], command: Append) -> None:
    """Append one command past the queue, for a process that appends nothing else. Raises psycopg's errors."""
    connection.execute(APPEND, append_parameters([command], whole=True))


async def append_each(connection: AsyncConnection, commands: Sequence[Append]) -> list[int | Conflict]:
    """Append commands that stand each for themselves, in one transaction; answers each one's position or conflict.

    On a connection in autocommit mode this is one message there and one back: a client that freezes holds no lock.
    """
    cursor = await connection.execute(APPEND, append_parameters(commands, whole=False))
    answers: list[int | Conflict] = ["version"] * len(commands)
    for number, position, conflict in await cursor.fetchall():
        answers[number - 1] = conflict or position
    return answers
