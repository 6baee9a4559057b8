"""Grows the tree with the log, and signs what it has become: the subscription `seal`, and the keeper of tree heads."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import LiteralString

import psycopg
import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from commerce.eventstore import EventStore, Recorded, Statement, Subscription, Work, connection_from
from commerce.evidence.head_file import HeadFile
from commerce.evidence.heads import TreeHead, heads_after, keep_head, load_audit_key, newest_heads, sign_head
from commerce.evidence.merkle import Frontier, InvalidProof, LeafSpan, Node, check_consistency, consistency_spans
from commerce.evidence.tree import (
    STORED_EVERY_LEVELS,
    Connection,
    TreeDamaged,
    load_frontier,
    rows_where,
    span_hashes,
)
from commerce.runtime.error_text import error_text
from commerce.runtime.settings import Settings
from commerce.values.errors import Unavailable

HEAD_INTERVAL_S = 5.0
"""Seconds between two signed heads, at least; while nothing happens, none is signed."""

LEAVES_PACE_S = 1.0
"""Once in so many seconds there are new leaves: often enough for heads, and seldom enough that an order is two or
three batches."""

_EXPORT_BATCH_HEADS = 1000
_log = structlog.get_logger(__name__)

_LEAVES = """
INSERT INTO commerce_audit_leaves
    (leaf_index, notification_id, originator_id, originator_version, topic, recorded_at, hash)
SELECT %s + leaf.ordinality - 1, leaf.position, leaf.stream, leaf.version, leaf.topic, leaf.recorded_at, leaf.hash
FROM unnest(%s::bigint[], %s::uuid[], %s::bigint[], %s::text[], %s::timestamptz[], %s::bytea[]) WITH ORDINALITY
    AS leaf (position, stream, version, topic, recorded_at, hash, ordinality)"""

_NODES = """
INSERT INTO commerce_audit_nodes (level, node_index, hash)
SELECT * FROM unnest(%s::smallint[], %s::bigint[], %s::bytea[])"""


class Sealer:
    """The handler of the subscription `seal`: one leaf per event; keeps the tree's right edge between batches."""

    def __init__(self, store: EventStore, grown: Callable[[], None]) -> None:
        self._store = store
        self._grown = grown
        self._tree: Frontier | None = None
        self._next: Frontier | None = None

    async def handle(self, batch: Sequence[Recorded]) -> Work:
        """Hash what is stored. Raises `TreeDamaged` where rows came or went since the batch was read."""
        async with connection_from(self._store.pool) as connection:
            tree = self._tree.copy() if self._tree else await load_frontier(connection)
            between: LiteralString = "notification_id BETWEEN %b AND %b ORDER BY notification_id"
            rows = await rows_where(connection, between, [batch[0].position, batch[-1].position])
        if [row.position for row in rows] != [event.position for event in batch]:
            raise TreeDamaged(f"rows from position {batch[0].position} on came or went while they were sealed")
        first = tree.size
        hashes = [row.hash() for row in rows]
        completed = [found for leaf in hashes for found in tree.append(leaf)]
        self._next = tree
        return Work([_leaves(first, batch, hashes), *_nodes(completed)])

    def committed(self) -> None:
        """The tree has grown."""
        self._tree = self._next
        self._grown()

    def discarded(self) -> None:
        """Read the edge again."""
        self._tree = self._next = None


def _remedy(error: Exception) -> str:
    """A log that does not contain what was signed was changed, or is an older one."""
    return "; where a backup was restored, see docs/restore.md" if isinstance(error, TreeDamaged | InvalidProof) else ""


def _leaves(first: int, batch: Sequence[Recorded], hashes: Sequence[bytes]) -> Statement:
    columns = [
        [event.position for event in batch],
        [event.stream for event in batch],
        [event.originator_version for event in batch],
        [event.topic for event in batch],
        [event.recorded_at for event in batch],
        list(hashes),
    ]
    return Statement(_LEAVES, [first, *columns])


def _nodes(completed: Sequence[tuple[Node, bytes]]) -> list[Statement]:
    stored = [(node, found) for node, found in completed if node.level % STORED_EVERY_LEVELS == 0]
    if not stored:
        return []
    levels, numbers = [node.level for node, _ in stored], [node.number for node, _ in stored]
    return [Statement(_NODES, [levels, numbers, [found for _, found in stored]])]


class Sealing:
    """One process's part in it: run `subscription` in its engine, and `run` beside it; `problem` says what is wrong."""

    def __init__(self, store: EventStore, key: Ed25519PrivateKey, file: HeadFile) -> None:
        self.problem: str | None = None
        self.subscription = Subscription(
            "seal",
            None,
            lambda own, _partition: Sealer(own, self._grown.set),
            partitions=1,
            parks=False,
            pace_s=LEAVES_PACE_S,
        )
        self._store = store
        self._key = key
        self._file = file
        self._grown = asyncio.Event()

    @classmethod
    def of(cls, store: EventStore, settings: Settings) -> Sealing:
        """As the settings say. Raises `BadUsage` for a damaged key file."""
        return cls(store, load_audit_key(settings), HeadFile(settings.audit_folder))

    async def run(self) -> None:
        """Sign a head whenever the tree has grown, at most every `HEAD_INTERVAL_S` seconds; the first for what
        was left unsigned."""
        self._grown.set()
        while True:
            await self._grown.wait()
            self._grown.clear()
            try:
                await self.sign()
                self.problem = None
            except (Unavailable, psycopg.OperationalError) as error:
                self.problem = f"waits: {error_text(error)}"
                self._grown.set()
            except (TreeDamaged, InvalidProof, OSError, ValueError) as error:
                if self.problem is None:
                    _log.error("no tree head signed", reason=str(error))
                self.problem = f"no tree head signed: {error_text(error)}{_remedy(error)}"
            await asyncio.sleep(HEAD_INTERVAL_S)

    async def sign(self) -> None:
        """Sign the tree as it is and export the head, if it extends the last one that was exported.

        So a tree that was rewritten in the database never gets a signature: `TreeDamaged` or `InvalidProof` is raised
        instead.
        """
        exported = await asyncio.to_thread(self._file.newest)
        async with connection_from(self._store.pool) as connection:
            trusted = exported or next(iter(await newest_heads(connection)), None)
            if trusted and not trusted.is_signed_by(self._key.public_key()):
                raise TreeDamaged(f"the last head, of {trusted.tree_size} leaves, was not signed with our key")
            head = await self._extended(connection, trusted)
            if head:
                await keep_head(connection, head)
            await self._export(connection, exported.tree_size if exported else 0)

    async def _extended(self, connection: Connection, trusted: TreeHead | None) -> TreeHead | None:
        """The head of the tree as it is, None if that is the one trusted."""
        cursor = await connection.execute(
            "SELECT (SELECT coalesce(max(leaf_index) + 1, 0) FROM commerce_audit_leaves),"
            " (extract(epoch FROM clock_timestamp()) * 1000)::bigint"
        )
        row = await cursor.fetchone()
        size, now = row or (0, 0)
        before, before_root = (trusted.tree_size, trusted.root) if trusted else (0, b"")
        if size < before:
            raise TreeDamaged(f"the tree has {size} leaves, and a head of {before} was signed")
        root, *proof = await span_hashes(connection, [LeafSpan(0, size), *consistency_spans(before, size)])
        check_consistency(before, before_root, size, root, proof)
        return sign_head(self._key, size, now, root) if size > before else None

    async def _export(self, connection: Connection, exported: int) -> None:
        """Bring the file up to the table."""
        public = self._key.public_key()
        while heads := await heads_after(connection, exported, _EXPORT_BATCH_HEADS):
            for head in heads:
                if not head.is_signed_by(public):
                    raise TreeDamaged(f"the stored head of {head.tree_size} leaves was not signed with our key")
            await asyncio.to_thread(self._file.append, heads, public)
            exported = heads[-1].tree_size
