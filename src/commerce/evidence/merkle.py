"""The Merkle tree of RFC 6962, section 2.1: its hashes, its growing edge, and what proofs are made of; pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import NamedTuple

LEAF_PREFIX = b"\x00"
NODE_PREFIX = b"\x01"
"""RFC 6962, section 2.1: they keep a leaf from being passed off as a node, and the other way round."""

EMPTY = sha256(b"").digest()
"""The root of a tree without leaves."""


class InvalidProof(ValueError):
    """A proof that does not show what it is said to show."""


class Node(NamedTuple):
    """A complete subtree: the 2**level leaves from number * 2**level on. Level 0 are the leaves."""

    level: int
    number: int


class LeafSpan(NamedTuple):
    """The leaves from `start` to before `end`, where a proof needs the hash of their tree."""

    start: int
    end: int


def leaf_hash(data: bytes) -> bytes:
    """The hash of a leaf."""
    return sha256(LEAF_PREFIX + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two trees, the left of which is complete and not smaller."""
    return sha256(NODE_PREFIX + left + right).digest()


def subtrees(span: LeafSpan) -> list[Node]:
    """The complete subtrees that a span consists of, from left to right, ever smaller.

    Only for spans that begin at a multiple of a power of two not smaller than themselves, as all spans of proofs do.
    """
    start, found = span.start, []
    while start < span.end:
        level = (span.end - start).bit_length() - 1
        found.append(Node(level, start >> level))
        start += 1 << level
    return found


def fold(hashes: Sequence[bytes]) -> bytes:
    """The hash of a span, from those of its `subtrees`."""
    if not hashes:
        return EMPTY
    result = hashes[-1]
    for left in reversed(hashes[:-1]):
        result = node_hash(left, result)
    return result


class Frontier:
    """The right edge of a growing tree: the hashes of the complete subtrees it consists of, one per bit of its size."""

    __slots__ = ("_peaks", "size")

    def __init__(self, size: int = 0, peaks: Iterable[bytes] = ()) -> None:
        self.size = size
        self._peaks = list(peaks)

    def append(self, leaf: bytes) -> list[tuple[Node, bytes]]:
        """Add a leaf's hash; answers the subtrees that it completes, itself apart, smallest first."""
        completed = []
        level, index = 0, self.size
        while index & 1:
            leaf = node_hash(self._peaks.pop(), leaf)
            level, index = level + 1, index >> 1
            completed.append((Node(level, index), leaf))
        self._peaks.append(leaf)
        self.size += 1
        return completed

    def root(self) -> bytes:
        """The hash of the whole tree as it is now."""
        return fold(self._peaks)

    def copy(self) -> Frontier:
        """The same edge, to grow another way."""
        return Frontier(self.size, self._peaks)


def inclusion_spans(index: int, size: int) -> list[LeafSpan]:
    """The spans whose hashes are the audit path (section 2.1.1) of leaf `index` in a tree of `size` leaves,
    lowest first."""
    if not 0 <= index < size:
        raise InvalidProof(f"a tree of {size} leaves has no leaf {index}")
    start, end, spans = 0, size, []
    while end - start > 1:
        middle = _middle(start, end)
        if index < middle:
            spans.append(LeafSpan(middle, end))
            end = middle
        else:
            spans.append(LeafSpan(start, middle))
            start = middle
    return spans[::-1]


def inclusion_root(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes:
    """The root that a leaf's hash and its audit path lead to. Raises `InvalidProof` for a path of another length."""
    spans = inclusion_spans(index, size)
    if len(spans) != len(path):
        raise InvalidProof(f"the path of leaf {index} among {size} has {len(spans)} hashes, not {len(path)}")
    root = leaf
    for span, sibling in zip(spans, path, strict=True):
        root = node_hash(sibling, root) if span.end <= index else node_hash(root, sibling)
    return root


def consistency_spans(old: int, new: int) -> list[LeafSpan]:
    """The spans whose hashes are the consistency proof (section 2.1.2) between trees of `old` and `new` leaves."""
    if not 0 <= old <= new:
        raise InvalidProof(f"a tree of {new} leaves does not extend one of {old}")
    if old == 0:
        return []
    start, end, spans = 0, new, []
    while old != end:
        middle = _middle(start, end)
        if old <= middle:
            spans.append(LeafSpan(middle, end))
            end = middle
        else:
            spans.append(LeafSpan(start, middle))
            start = middle
    if start > 0:
        spans.append(LeafSpan(start, end))
    return spans[::-1]


def check_consistency(old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]) -> None:
    """Raises `InvalidProof` unless the proof shows that the new tree begins with all leaves of the old one."""
    spans = consistency_spans(old, new)
    if len(spans) != len(proof):
        raise InvalidProof(f"the proof between {old} and {new} leaves has {len(spans)} hashes, not {len(proof)}")
    if old == 0:
        return
    parts = list(zip(spans, proof, strict=True))
    seed = parts.pop(0)[1] if parts and spans[0].end == old else old_root
    before = after = seed
    for span, sibling in parts:
        if span.start >= old:
            after = node_hash(after, sibling)
        else:
            before, after = node_hash(sibling, before), node_hash(sibling, after)
    if before != old_root or after != new_root:
        raise InvalidProof(f"the tree of {new} leaves does not begin with the one of {old}")


def _middle(start: int, end: int) -> int:
    """Where a tree of more than one leaf is split: after the largest power of two below its size."""
    return start + (1 << ((end - start - 1).bit_length() - 1))
