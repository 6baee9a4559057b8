"""Lays the stored leaves and the rows of the log side by side: which belong together, and what is missing on
either side."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import NamedTuple

from commerce.evidence.findings import Leaf, Place
from commerce.evidence.leaf import Row
from commerce.evidence.tree import Connection, rows_where

_PAGE_LEAVES = 1000


class Pair(NamedTuple):
    """A leaf's number with the leaf and the row it was made of, as far as they are there.

    Without a number: a row that no leaf was made of. With a number and nothing else: all leaves up to before `until`
    are gone.
    """

    number: int | None
    leaf: Leaf | None = None
    row: Row | None = None
    until: int = 0


async def pairs(leaves: AsyncIterator[Leaf], rows: AsyncIterator[Row], expected: int) -> AsyncIterator[Pair]:
    """Walk both in order; `expected` is the number of leaves there must be, at least."""
    leaf, row = await anext(leaves, None), await anext(rows, None)
    number = 0
    while leaf or row or number < expected:
        missing_before = leaf.number if leaf else max(expected, number)
        row_comes_first = row is not None and (leaf is None or row.position < leaf.place.position)
        if number < missing_before and row_comes_first:
            yield Pair(number, None, row)
            number, row = number + 1, await anext(rows, None)
        elif number < missing_before:
            yield Pair(number, until=missing_before)
            number = missing_before
        elif row_comes_first:
            yield Pair(None, None, row)
            row = await anext(rows, None)
        elif leaf is not None:
            belongs = row is not None and row.position == leaf.place.position
            yield Pair(number, leaf, row if belongs else None)
            number, leaf = number + 1, await anext(leaves, None)
            row = await anext(rows, None) if belongs else row


async def stored_leaves(connection: Connection, size: int) -> AsyncIterator[Leaf]:
    """The leaves of the stored tree, up to a size, in order."""
    last, page = -1, 1
    cursor = connection.cursor(binary=True)
    while page:
        await cursor.execute(
            """SELECT leaf_index, notification_id, originator_id, originator_version, topic,
               timestamptz_send(recorded_at), hash
               FROM commerce_audit_leaves WHERE leaf_index > %b AND leaf_index < %b ORDER BY leaf_index LIMIT %b""",
            [last, size, _PAGE_LEAVES],
        )
        found = await cursor.fetchall()
        page = len(found)
        for number, position, stream, version, topic, recorded_at, leaf_hash in found:
            last = number
            yield Leaf(number, Place(position, stream, version, topic, recorded_at), leaf_hash)


async def stored_rows(connection: Connection, until: int) -> AsyncIterator[Row]:
    """The rows of the log, up to a position, in order."""
    last, page = -(2**62), 1
    while page:
        found = await rows_where(
            connection,
            "notification_id > %b AND notification_id <= %b ORDER BY notification_id LIMIT %b",
            [last, until, _PAGE_LEAVES],
        )
        page = len(found)
        for row in found:
            yield row
        if found:
            last = found[-1].position
