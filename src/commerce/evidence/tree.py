"""The stored tree: reads of the log's rows, of the leaves' number, and of the hashes that roots and proofs are
made of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, LiteralString

from psycopg import AsyncConnection

from commerce.evidence.leaf import ROW_COLUMNS, Row
from commerce.evidence.merkle import Frontier, LeafSpan, Node, fold, subtrees
from commerce.values.errors import CommerceError

STORED_EVERY_LEVELS = 8
"""Every eighth level of the tree is stored; a hash between them is made of at most 255 stored ones."""

Connection = AsyncConnection[Any]


class TreeDamaged(CommerceError):
    """The stored tree lacks hashes, or says something else than a head that was signed."""


async def rows_where(connection: Connection, condition: LiteralString, parameters: Sequence[object]) -> list[Row]:
    """Rows of the log, as bytes, that fulfil a condition, which may end with an order and a limit."""
    cursor = connection.cursor(binary=True)
    await cursor.execute(f"SELECT {ROW_COLUMNS} FROM commerce_events WHERE {condition}", parameters)
    return [Row._make(row) for row in await cursor.fetchall()]


async def tree_size(connection: Connection) -> int:
    """How many leaves the stored tree has."""
    cursor = await connection.execute("SELECT coalesce(max(leaf_index) + 1, 0) FROM commerce_audit_leaves")
    row = await cursor.fetchone()
    return int(row[0]) if row else 0


async def load_frontier(connection: Connection) -> Frontier:
    """The right edge of the stored tree. Raises `TreeDamaged` where hashes are missing."""
    size = await tree_size(connection)
    peaks = subtrees(LeafSpan(0, size))
    found = await _node_hashes(connection, peaks)
    return Frontier(size, [found[node] for node in peaks])


async def span_hashes(connection: Connection, spans: Sequence[LeafSpan]) -> list[bytes]:
    """The hashes of spans, in one query. Raises `TreeDamaged` where stored ones are missing."""
    found = await _node_hashes(connection, [node for span in spans for node in subtrees(span)])
    return [fold([found[node] for node in subtrees(span)]) for span in spans]


_STORED = """
SELECT part.hashes
FROM unnest(%b::smallint[], %b::bigint[], %b::bigint[]) WITH ORDINALITY AS wanted (level, first, past, place)
CROSS JOIN LATERAL (
    SELECT array_agg(stored.hash ORDER BY stored.node_index) AS hashes FROM commerce_audit_hashes stored
    WHERE stored.level = wanted.level AND stored.node_index >= wanted.first AND stored.node_index < wanted.past
) AS part
ORDER BY wanted.place
"""


async def _node_hashes(connection: Connection, nodes: Sequence[Node]) -> dict[Node, bytes]:
    """The hashes of complete subtrees, each folded from the stored ones that it consists of."""
    wanted = list(dict.fromkeys(nodes))
    spans = [_stored_span(node) for node in wanted]
    cursor = connection.cursor(binary=True)
    await cursor.execute(
        _STORED,
        [
            [node.level - node.level % STORED_EVERY_LEVELS for node in wanted],
            [span.start for span in spans],
            [span.end for span in spans],
        ],
    )
    found = {}
    for node, span, (hashes,) in zip(wanted, spans, await cursor.fetchall(), strict=True):
        if hashes is None or len(hashes) != span.end - span.start:
            raise TreeDamaged(f"the stored tree lacks hashes of level {node.level}; run `commerce audit verify`")
        found[node] = _complete([bytes(each) for each in hashes])
    return found


def _stored_span(node: Node) -> LeafSpan:
    """Which numbers the stored hashes below a subtree have, at their level."""
    width = 1 << (node.level % STORED_EVERY_LEVELS)
    return LeafSpan(node.number * width, (node.number + 1) * width)


def _complete(hashes: Sequence[bytes]) -> bytes:
    """The hash over a power of two of hashes."""
    edge = Frontier()
    for each in hashes:
        edge.append(each)
    return edge.root()
