"""Proofs that an order's events stand in the log as it was signed, made to be checked by others without this code."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from typing_extensions import TypedDict

from commerce.evidence.heads import TreeHead, newest_heads
from commerce.evidence.leaf import Row
from commerce.evidence.merkle import inclusion_root, inclusion_spans
from commerce.evidence.tree import Connection, TreeDamaged, rows_where, span_hashes
from commerce.values.errors import CommerceError, NotFound

FORMAT = "commerce proof 1"


class ProvedEvent(TypedDict):
    """A row of the log, readable, the leaf it is, and its audit path (hexadecimal, lowest first)."""

    leaf_index: int
    row: dict[str, str | int | None]
    audit_path: list[str]


class Proof(TypedDict):
    """What `scripts/check_proof.py` reads."""

    format: str
    order_id: str
    tree_size: int
    events: list[ProvedEvent]


class NotSignedYet(CommerceError):
    """Events that are too new for the head they are to be proved with."""


async def rows_of(connection: Connection, order: UUID) -> list[Row]:
    """All events about an order that there are now. Raises `NotFound`."""
    rows = await rows_where(
        connection, "correlation_id = %b OR originator_id = %b ORDER BY notification_id", [order, order]
    )
    if not rows:
        raise NotFound(f"the log has no events of order {order}")
    return rows


async def are_signed(connection: Connection, rows: Sequence[Row]) -> bool:
    """Whether the newest head covers all of these events."""
    heads = await newest_heads(connection)
    numbers = await _leaf_numbers(connection, rows)
    return bool(heads) and all(numbers.get(row.position, heads[0].tree_size) < heads[0].tree_size for row in rows)


async def prove(
    connection: Connection, order: UUID, tree_size: int | None = None, rows: Sequence[Row] | None = None
) -> Proof:
    """A proof for all events about an order, to the newest head, or to the one that was signed at `tree_size`
    leaves.

    `rows` are its events as `rows_of` found them before. Raises `NotFound`, `NotSignedYet`, and `TreeDamaged` where an
    event is not what was signed.
    """
    rows = await rows_of(connection, order) if rows is None else rows
    head = await _head(connection, tree_size)
    numbers = await _leaf_numbers(connection, rows)
    late = [row for row in rows if numbers.get(row.position, head.tree_size) >= head.tree_size]
    if late:
        raise NotSignedYet(
            f"{len(late)} of the order's {len(rows)} events are newer than the signed head of {head.tree_size} leaves;"
            " while the log grows, a new one is signed every few seconds"
        )
    events = [await _event(connection, row, numbers[row.position], head) for row in rows]
    return {"format": FORMAT, "order_id": str(order), "tree_size": head.tree_size, "events": events}


async def _head(connection: Connection, tree_size: int | None) -> TreeHead:
    found = await newest_heads(connection, at_most=tree_size)
    if not found or (tree_size is not None and found[0].tree_size != tree_size):
        raise NotFound(
            "no tree head was signed yet" if tree_size is None else f"no head was signed at {tree_size} leaves"
        )
    return found[0]


async def _leaf_numbers(connection: Connection, rows: Sequence[Row]) -> dict[int, int]:
    """Which leaf each position has."""
    cursor = await connection.execute(
        "SELECT notification_id, leaf_index FROM commerce_audit_leaves WHERE notification_id = ANY(%s)",
        [[row.position for row in rows]],
    )
    return dict(await cursor.fetchall())


async def _event(connection: Connection, row: Row, number: int, head: TreeHead) -> ProvedEvent:
    path = await span_hashes(connection, inclusion_spans(number, head.tree_size))
    if inclusion_root(row.hash(), number, head.tree_size, path) != head.root:
        raise TreeDamaged(
            f"the event at position {row.position} is not what was signed; `commerce audit verify` says more"
        )
    return {"leaf_index": number, "row": row.readable(), "audit_path": [each.hex() for each in path]}
