"""Rejects a log with events, or versions of them, that this version of the code does not know."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import psycopg

from commerce.eventstore.codec.event import Event
from commerce.eventstore.read.log import Pool, connection_from
from commerce.values.errors import BadUsage


async def require_known(pool: Pool, known: Mapping[str, type[Event]]) -> None:
    """Raise `BadUsage` unless every kind of event in the log, by topic and version, is one of `known`."""
    async with connection_from(pool) as connection:
        try:
            cursor = await connection.execute(
                "SELECT topic, class_version FROM commerce_topics ORDER BY first_position"
            )
        except psycopg.errors.UndefinedTable:
            raise BadUsage("the database's schema is older than this version; run `commerce migrate` first") from None
        held = await cursor.fetchall()
    unknown = list(unknown_kinds(held, known))
    if unknown:
        raise BadUsage(f"the log holds {', '.join(unknown)}; install the version that wrote it")


def unknown_kinds(held: Iterable[tuple[str, int]], known: Mapping[str, type[Event]]) -> Iterable[str]:
    """Which of the kinds that a log holds, by topic and version, are not known, and why."""
    for topic, class_version in held:
        kind = known.get(topic)
        if kind is None:
            yield f"{topic}, which this version does not know"
        elif class_version > kind.class_version:
            yield f"{topic} in version {class_version}, of which this version knows {kind.class_version}"
