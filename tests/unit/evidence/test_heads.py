"""Signed tree heads: the bytes of RFC 6962, their line of JSON, their key."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from commerce.evidence.heads import load_audit_key, load_public_key, parse_head, public_pem, sign_head
from commerce.runtime.settings import Settings
from commerce.values.errors import BadUsage

KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
ROOT = bytes(range(32))


def test_what_is_signed_is_the_structure_of_the_rfc() -> None:
    """Section 3.5: version 0, signature type 1, timestamp and size of eight bytes each, root."""
    head = sign_head(KEY, 258, 0x0102030405060708, ROOT)
    KEY.public_key().verify(head.signature, bytes.fromhex("0001" + "0102030405060708" + "0000000000000102") + ROOT)


def test_a_head_survives_its_line() -> None:
    head = sign_head(KEY, 7, 1_700_000_000_000, ROOT)
    assert parse_head(head.line(KEY.public_key())) == head
    assert head.is_signed_by(KEY.public_key())
    assert not head.is_signed_by(Ed25519PrivateKey.generate().public_key())
    assert head.signed_at == "2023-11-14T22:13:20.000+00:00"


@pytest.mark.parametrize("line", ["", "[]", "7", '{"tree_size": 7}', '{"tree_size": "x"}', "{" * 9])
def test_what_is_no_head_is_rejected(line: str) -> None:
    with pytest.raises(ValueError, match="not a signed tree head"):
        parse_head(line)


def test_the_key_is_made_once_and_a_damaged_one_is_named(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    made = load_audit_key(settings)
    assert load_audit_key(settings).private_bytes_raw() == made.private_bytes_raw()
    (settings.keys_folder / "audit-signing.pem").write_text("not a key")
    with pytest.raises(BadUsage, match=r"audit-signing\.pem is damaged"):
        load_audit_key(settings)


def test_a_public_key_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    path.write_bytes(public_pem(KEY.public_key()))
    assert load_public_key(path) == KEY.public_key()
    path.write_text("nothing")
    with pytest.raises(BadUsage, match="holds no public Ed25519 key"):
        load_public_key(path)
