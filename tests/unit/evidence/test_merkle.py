"""The tree of RFC 6962: the known roots of its reference implementation, and proofs against the RFC's own
definitions."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commerce.evidence.merkle import (
    EMPTY,
    Frontier,
    InvalidProof,
    LeafSpan,
    check_consistency,
    consistency_spans,
    fold,
    inclusion_root,
    inclusion_spans,
    leaf_hash,
    node_hash,
    subtrees,
)

KNOWN_LEAVES = [
    bytes.fromhex(leaf)
    for leaf in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
KNOWN_ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]

sizes = st.integers(1, 300)


def leaves(size: int) -> list[bytes]:
    return [leaf_hash(b"%d" % number) for number in range(size)]


def tree_hash(hashes: Sequence[bytes]) -> bytes:
    """MTH of section 2.1, word for word."""
    if not hashes:
        return EMPTY
    if len(hashes) == 1:
        return hashes[0]
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    return node_hash(tree_hash(hashes[:split]), tree_hash(hashes[split:]))


def of_spans(hashes: Sequence[bytes], spans: Sequence[LeafSpan]) -> list[bytes]:
    return [tree_hash(hashes[span.start : span.end]) for span in spans]


@pytest.mark.parametrize("size", range(9))
def test_the_roots_of_the_reference_come_out(size: int) -> None:
    frontier = Frontier()
    for leaf in KNOWN_LEAVES[:size]:
        frontier.append(leaf_hash(leaf))
    assert frontier.root().hex() == KNOWN_ROOTS[size]


def test_the_rfcs_example_of_seven_leaves() -> None:
    """Section 2.1.3: the paths of d0, d3, d4 and d6, and the proofs from three, four and six leaves."""
    a, b, c, d, e, f, j = (LeafSpan(number, number + 1) for number in range(7))
    g, h, i, k, m = LeafSpan(0, 2), LeafSpan(2, 4), LeafSpan(4, 6), LeafSpan(0, 4), LeafSpan(4, 7)
    assert inclusion_spans(0, 7) == [b, h, m]
    assert inclusion_spans(3, 7) == [c, g, m]
    assert inclusion_spans(4, 7) == [f, j, k]
    assert inclusion_spans(6, 7) == [i, k]
    assert consistency_spans(3, 7) == [c, d, g, m]
    assert consistency_spans(4, 7) == [m]
    assert consistency_spans(6, 7) == [i, j, k]
    assert (a, e) == (LeafSpan(0, 1), LeafSpan(4, 5))


@given(sizes)
def test_the_growing_edge_gives_the_root_and_every_complete_subtree(size: int) -> None:
    hashes, frontier = leaves(size), Frontier()
    for leaf in hashes:
        for node, found in frontier.append(leaf):
            assert found == tree_hash(hashes[node.number << node.level : (node.number + 1) << node.level])
    assert frontier.root() == tree_hash(hashes)
    assert frontier.size == size


@given(st.data())
def test_every_span_of_a_proof_is_made_of_complete_subtrees(data: st.DataObject) -> None:
    size = data.draw(sizes)
    hashes = leaves(size)
    index = data.draw(st.integers(0, size - 1))
    for span in [*inclusion_spans(index, size), *consistency_spans(index + 1, size), LeafSpan(0, size)]:
        parts = [tree_hash(hashes[at << level : (at + 1) << level]) for level, at in subtrees(span)]
        assert fold(parts) == tree_hash(hashes[span.start : span.end])


@given(st.data())
def test_a_path_proves_its_leaf_and_no_other(data: st.DataObject) -> None:
    size = data.draw(sizes)
    index = data.draw(st.integers(0, size - 1))
    hashes = leaves(size)
    path = of_spans(hashes, inclusion_spans(index, size))
    root = tree_hash(hashes)
    assert inclusion_root(hashes[index], index, size, path) == root
    assert inclusion_root(leaf_hash(b"another"), index, size, path) != root
    if path:
        at = data.draw(st.integers(0, len(path) - 1))
        changed = [*path[:at], bytes([path[at][0] ^ 1, *path[at][1:]]), *path[at + 1 :]]
        assert inclusion_root(hashes[index], index, size, changed) != root
        with pytest.raises(InvalidProof):
            inclusion_root(hashes[index], index, size, path[:-1])


@given(st.data())
def test_a_tree_that_grew_is_consistent_and_one_that_was_rewritten_is_not(data: st.DataObject) -> None:
    new = data.draw(sizes)
    old = data.draw(st.integers(1, new))
    hashes = leaves(new)
    proof = of_spans(hashes, consistency_spans(old, new))
    check_consistency(old, tree_hash(hashes[:old]), new, tree_hash(hashes), proof)

    rewritten = hashes.copy()
    rewritten[data.draw(st.integers(0, old - 1))] = leaf_hash(b"rewritten")
    forged = of_spans(rewritten, consistency_spans(old, new))
    with pytest.raises(InvalidProof):
        check_consistency(old, tree_hash(hashes[:old]), new, tree_hash(rewritten), forged)
    with pytest.raises(InvalidProof):
        check_consistency(old, tree_hash(hashes[:old]), new, tree_hash(hashes), [*proof, EMPTY])


def test_every_tree_extends_the_empty_one() -> None:
    check_consistency(0, EMPTY, 3, tree_hash(leaves(3)), [])


def test_what_cannot_be_proved_is_rejected() -> None:
    with pytest.raises(InvalidProof):
        inclusion_spans(3, 3)
    with pytest.raises(InvalidProof):
        consistency_spans(4, 3)
