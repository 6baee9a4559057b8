"""The stand-alone script's own Ed25519, against RFC 8032's first vectors and against the library that signs."""

from __future__ import annotations

import runpy
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

SCRIPT = runpy.run_path(str(Path(__file__).parents[3] / "scripts" / "check_proof.py"))
read_proof: Callable[[str], object] = SCRIPT["read_proof"]
is_signed: Callable[[bytes, bytes, bytes], bool] = SCRIPT["is_signed"]

VECTORS = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
]


@pytest.mark.parametrize(("key", "message", "signature"), VECTORS)
def test_the_rfcs_vectors(key: str, message: str, signature: str) -> None:
    assert is_signed(bytes.fromhex(key), bytes.fromhex(message), bytes.fromhex(signature))


@settings(max_examples=15, deadline=None)
@given(st.binary(min_size=32, max_size=32), st.binary(max_size=80), st.integers(0, 511))
def test_what_the_library_signs_is_accepted_and_no_changed_bit(seed: bytes, message: bytes, bit: int) -> None:
    key = Ed25519PrivateKey.from_private_bytes(seed)
    signature = key.sign(message)
    changed = bytearray(signature)
    changed[bit // 8] ^= 1 << bit % 8
    public = key.public_key().public_bytes_raw()
    assert is_signed(public, message, signature)
    assert not is_signed(public, message, bytes(changed))
    assert not is_signed(public, message + b"!", signature)


def test_a_signature_with_the_group_s_order_added_is_not_another_one() -> None:
    """RFC 8032, section 5.1.7: S must be below the order."""
    key, message, signature = (bytes.fromhex(part) for part in VECTORS[0])
    s = int.from_bytes(signature[32:], "little") + SCRIPT["ORDER"]
    assert not is_signed(key, message, signature[:32] + s.to_bytes(32, "little"))


def test_heads_in_the_place_of_the_proof_are_recognised() -> None:
    with pytest.raises(SCRIPT["Refused"], match="proof first, then the heads"):
        read_proof('{"tree_size": 1, "tree_head_signature": "x"}\n{"tree_size": 2, "tree_head_signature": "x"}\n')
