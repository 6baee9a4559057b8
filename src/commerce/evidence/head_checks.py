"""Checks signed heads, of the table and of the exported file, against the tree as it grows again under verification."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from commerce.evidence.findings import Findings, TamperFinding
from commerce.evidence.head_file import HeadFile
from commerce.evidence.heads import TreeHead, heads_after, newest_heads
from commerce.evidence.merkle import Frontier
from commerce.evidence.tree import Connection

NEVER = 2**63
"""No tree grows to this size."""

_PAGE_HEADS = 500


class HeadChecks:
    """The heads in order of their trees' sizes; `next_size` is that of the next one to check, `expected` that of
    the last."""

    def __init__(
        self, connection: Connection, key: Ed25519PublicKey, file: HeadFile | None, findings: Findings
    ) -> None:
        self.next_size = NEVER
        self.expected = 0
        self.good: TreeHead | None = None
        self._good_position = 0
        self._connection = connection
        self._key = key
        self._file = file
        self._findings = findings
        self._heads = self._all()
        self._next: TreeHead | None = None
        self._broken = False

    async def open(self) -> None:
        """Find the largest tree that was ever signed, as far as is known, and the first head."""
        self.expected = max(await self._newest_stored(), self._newest_exported())
        await self._advance()

    async def check(self, sealed: Frontier, logged: Frontier | None, position: int) -> Frontier | None:
        """Compare the heads of the present size; answers the tree that fits: the sealed leaves', or else the log's."""
        fits: Frontier | None = None
        while self._next is not None and self._next.tree_size == sealed.size:
            found = next((tree for tree in (sealed, logged) if tree and tree.root() == self._next.root), None)
            if found is None:
                self._mismatch(self._next, position)
            else:
                fits, self.good, self._good_position = found, self._next, position
            await self._advance()
        return fits

    def give_up(self) -> None:
        """No further head can be checked, as leaves are unknown."""
        self.next_size = NEVER

    def _mismatch(self, head: TreeHead, position: int) -> None:
        """Say it once: no later head can fit either."""
        if not self._broken:
            self._found(
                f"the events after position {self._good_position} up to {position} are not those that were signed at"
                f" {head.signed_at}, and neither is the stored tree: both were rewritten"
            )
        self._broken = True

    async def _advance(self) -> None:
        self._next = await anext(self._heads, None)
        self.next_size = NEVER if self._next is None else self._next.tree_size

    async def _all(self) -> AsyncIterator[TreeHead]:
        """Heads of both sources that are signed, by size."""
        exported = self._in_order()
        waiting = next(exported, None)
        async for head in self._stored():
            while waiting is not None and waiting.tree_size <= head.tree_size:
                yield waiting
                waiting = next(exported, None)
            yield head
        while waiting is not None:
            yield waiting
            waiting = next(exported, None)

    async def _newest_stored(self) -> int:
        """The size of the largest tree with a good signature in the table."""
        at_most = None
        while heads := await newest_heads(self._connection, _PAGE_HEADS, at_most):
            signed = [head.tree_size for head in heads if head.is_signed_by(self._key)]
            if signed:
                return signed[0]
            at_most = heads[-1].tree_size - 1
        return 0

    def _newest_exported(self) -> int:
        try:
            head = self._file.newest() if self._file else None
        except ValueError as error:
            self._found(f"the last exported head cannot be read: {error}")
            return 0
        return head.tree_size if head and head.is_signed_by(self._key) else 0

    def _exported(self) -> Iterator[TreeHead]:
        try:
            yield from self._file.heads() if self._file else ()
        except FileNotFoundError:
            return
        except ValueError as error:
            self._found(str(error))

    async def _stored(self) -> AsyncIterator[TreeHead]:
        size = 0
        while heads := await heads_after(self._connection, size, _PAGE_HEADS):
            for head in heads:
                size = head.tree_size
                if size > self.expected and head.is_signed_by(self._key):
                    return  # signed since the verification began
                if self._is_signed(head, "stored"):
                    yield head

    def _in_order(self) -> Iterator[TreeHead]:
        size = 0
        for head in self._exported():
            if head.tree_size > self.expected:
                return
            if head.tree_size <= size:
                self._found(f"the exported head of {head.tree_size} leaves stands out of order")
            elif self._is_signed(head, "exported"):
                size = head.tree_size
                yield head

    def _is_signed(self, head: TreeHead, kind: str) -> bool:
        good = head.is_signed_by(self._key)
        if not good:
            self._found(f"the {kind} head of {head.tree_size} leaves has no good signature")
        return good

    def _found(self, detail: str) -> None:
        self._findings.add(TamperFinding("head", detail))
