"""Compares the whole log with the tree, and the tree with its signed heads; streams both, so that memory stays
bounded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from commerce.eventstore import head_of
from commerce.evidence.findings import (
    LISTED_FINDINGS,
    Findings,
    Leaf,
    LeafDifference,
    TamperFinding,
    about,
    broken_streams,
    explain,
    place_of,
)
from commerce.evidence.head_checks import HeadChecks
from commerce.evidence.head_file import HeadFile
from commerce.evidence.heads import TreeHead
from commerce.evidence.leaf import Row, integer, moment
from commerce.evidence.merkle import Frontier, Node
from commerce.evidence.pairs import Pair, pairs, stored_leaves, stored_rows
from commerce.evidence.tree import STORED_EVERY_LEVELS, Connection, tree_size

PROGRESS_INTERVAL_LEAVES = 1000
"""Events between two calls of `progress`."""

_BATCH_NODES = 256


@dataclass(frozen=True, slots=True)
class VerificationReport:
    """What a verification found, and what it looked at."""

    events: int
    sealed: int
    """Leaves of the tree."""
    unsealed: int
    """Events at the end of the log that have no leaf yet."""
    signed: TreeHead | None
    """The newest head that fits the log, or the tree where the log was tampered with."""
    findings: list[TamperFinding]
    more: int
    """Further findings that are not listed."""

    @property
    def is_good(self) -> bool:
        """Whether nothing was tampered with."""
        return not self.findings

    def values(self) -> dict[str, object]:
        """As JSON values."""
        return {
            "good": self.is_good,
            "events": self.events,
            "sealed": self.sealed,
            "unsealed": self.unsealed,
            "signed": None
            if self.signed is None
            else {"tree_size": self.signed.tree_size, "at": self.signed.signed_at, "root": self.signed.root.hex()},
            "findings": [finding.values() for finding in self.findings],
            "more": self.more,
        }


async def verify_tree(
    connection: Connection,
    key: Ed25519PublicKey,
    file: HeadFile | None = None,
    progress: Callable[[int], None] = lambda _events: None,
) -> VerificationReport:
    """Verify all that is in the log now. `file` holds exported heads; `progress` is told how many more events
    were looked at."""
    return await _Verification(connection, key, file, progress).run()


class _Verification:
    """One run: `_sealed` is the tree of the stored leaves, `_logged` that of the rows where they differ since the
    last head."""

    def __init__(
        self,
        connection: Connection,
        key: Ed25519PublicKey,
        file: HeadFile | None,
        progress: Callable[[int], None],
    ) -> None:
        self._connection = connection
        self._progress = progress
        self._findings = Findings()
        self._heads = HeadChecks(connection, key, file, self._findings)
        self._differences: list[LeafDifference] = []
        self._since_head: list[LeafDifference] = []
        self._backwards: list[TamperFinding] = []
        self._sealed = Frontier()
        self._logged: Frontier | None = None
        self._nodes: list[tuple[Node, bytes]] = []
        self._tree_is_known = True
        self._leaves = self._leaves_seen = 0
        self._events = self._unsealed = self._position = 0
        self._latest = -(2**63)

    async def run(self) -> VerificationReport:
        # Heads before leaves before rows: what a running system adds meanwhile is never missing from what is read
        # later.
        await self._heads.open()
        size = await tree_size(self._connection)
        until = await head_of(self._connection)
        self._leaves = max(size, self._heads.expected)
        leaves, rows = stored_leaves(self._connection, size), stored_rows(self._connection, until)
        async for pair in pairs(leaves, rows, self._leaves):
            await self._look_at(pair)
        self._progress(self._events % PROGRESS_INTERVAL_LEAVES)
        await self._check_nodes()
        await self._conclude()
        return VerificationReport(
            self._events, size, self._unsealed, self._heads.good, self._findings.listed, self._findings.more
        )

    async def _look_at(self, pair: Pair) -> None:
        if pair.row is not None:
            self._events += 1
            if self._events % PROGRESS_INTERVAL_LEAVES == 0:
                self._progress(PROGRESS_INTERVAL_LEAVES)
        if pair.leaf is not None:
            self._position = pair.leaf.place.position
            await self._grow(pair.leaf.hash, self._compared(pair.leaf, pair.row))
        elif pair.row is None:
            self._lost(pair)
        elif pair.number is not None:
            self._position = pair.row.position
            self._findings.add(about(place_of(pair.row), "seal", "its stored leaf is gone"))
            await self._grow(pair.row.hash(), pair.row.hash())
        elif self._leaves_seen >= self._leaves:
            self._unsealed += 1
            self._in_time(pair.row)
        else:
            self._differ(LeafDifference(None, place_of(pair.row)))

    def _compared(self, leaf: Leaf, row: Row | None) -> bytes:
        """The hash that this leaf has according to the log."""
        found = leaf.hash if row is None else row.hash()
        if row is not None and found == leaf.hash:
            self._in_time(row)
        else:
            self._differ(LeafDifference(leaf, None if row is None else place_of(row)))
            self._logged = self._logged or self._sealed.copy()
        return found

    def _lost(self, pair: Pair) -> None:
        """Leaves are gone, and so are their events: from here on the tree cannot be built again."""
        self._findings.add(
            TamperFinding(
                "removed",
                f"after position {self._position}, {pair.until - self._leaves_seen} events are gone, with their leaves",
            )
        )
        self._leaves_seen = pair.until
        self._tree_is_known = False
        self._heads.give_up()

    async def _grow(self, sealed: bytes, logged: bytes) -> None:
        self._leaves_seen += 1
        if not self._tree_is_known:
            return
        completed = self._sealed.append(sealed)
        self._nodes += [(node, found) for node, found in completed if node.level % STORED_EVERY_LEVELS == 0]
        if self._logged is not None:
            self._logged.append(logged)
        if self._sealed.size == self._heads.next_size:
            await self._check_head()
        if len(self._nodes) >= _BATCH_NODES:
            await self._check_nodes()

    async def _check_head(self) -> None:
        """Let a signed head decide whether the leaves or the rows are right, where they differ, and go on with
        what is."""
        fits = await self._heads.check(self._sealed, self._logged, self._position)
        if fits is None:
            return
        if fits is self._logged:
            for difference in self._since_head:
                difference.seal_is_wrong = True
        self._sealed, self._logged = fits, None
        self._since_head.clear()

    async def _check_nodes(self) -> None:
        """Compare stored hashes of large subtrees with those of their leaves."""
        if not self._nodes:
            return
        cursor = self._connection.cursor(binary=True)
        await cursor.execute(
            """SELECT wanted.level, wanted.number FROM unnest(%b::smallint[], %b::bigint[], %b::bytea[])
                   AS wanted (level, number, hash)
               LEFT JOIN commerce_audit_nodes n ON n.level = wanted.level AND n.node_index = wanted.number
               WHERE n.hash IS DISTINCT FROM wanted.hash""",
            [
                [node.level for node, _ in self._nodes],
                [node.number for node, _ in self._nodes],
                [found for _, found in self._nodes],
            ],
        )
        for level, number in await cursor.fetchall():
            leaves = f"{number << level} to {((number + 1) << level) - 1}"
            self._findings.add(TamperFinding("seal", f"the stored hash over leaves {leaves} is missing or not theirs"))
        self._nodes.clear()

    def _differ(self, difference: LeafDifference) -> None:
        if len(self._differences) < LISTED_FINDINGS:
            self._differences.append(difference)
            self._since_head.append(difference)
        else:
            self._findings.more += 1

    def _in_time(self, row: Row) -> None:
        """The log's clock never runs backwards, so that the log at a time is a prefix of it."""
        now = integer(row.recorded_at)
        if now < self._latest and len(self._backwards) < LISTED_FINDINGS:
            self._backwards.append(
                about(place_of(row), "time", f"recorded_at {moment(row.recorded_at)} runs backwards")
            )
        self._latest = max(self._latest, now)

    async def _conclude(self) -> None:
        """Name what happened to the events; what follows from an event's move is not found a second time."""
        explained = await explain(self._connection, self._differences)
        moved = {(finding.stream, finding.version) for finding in explained if finding.kind == "reordered"}
        backwards = [finding for finding in self._backwards if (finding.stream, finding.version) not in moved]
        self._findings.add(*explained, *backwards)
        named = {each.row.stream for each in self._differences if each.row}
        named |= {each.leaf.place.stream for each in self._differences if each.leaf}
        self._findings.add(*await broken_streams(self._connection, sorted(named), LISTED_FINDINGS))
