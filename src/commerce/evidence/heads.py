"""Signed tree heads (RFC 6962, section 3.5): what the log was at some size, vouched for by the signing key."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import LiteralString

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

from commerce.evidence.tree import Connection
from commerce.runtime.key_files import signing_key
from commerce.runtime.settings import Settings
from commerce.values.errors import BadUsage

VERSION_V1 = b"\x00"
TREE_HASH = b"\x01"
"""RFC 6962, section 3.2: the version and the signature type that a signed tree head begins with."""
SIGNING_KEY_FILE = "audit-signing.pem"
PUBLIC_KEY_FILE = "public-key.pem"


@dataclass(frozen=True, slots=True)
class PublishedHead:
    """A signed tree head in the names and forms of RFC 6962, section 4.3."""

    tree_size: int
    """How many events, from the first one on, it is signed for."""
    timestamp: int
    """When it was signed, in milliseconds since 1970."""
    sha256_root_hash: str
    """The root of the tree over these events, base64."""
    tree_head_signature: str
    """Ed25519 (RFC 8032) over the structure of RFC 6962, section 3.5; base64."""
    public_key: str | None
    """The key that it can be checked with, 32 bytes in base64; null where this machine does not have it."""


@dataclass(frozen=True, slots=True)
class TreeHead:
    """A signed root; `timestamp` is in milliseconds since 1970. The signature is Ed25519 (RFC 8032), where the
    RFC has ECDSA."""

    tree_size: int
    timestamp: int
    root: bytes
    signature: bytes

    @property
    def signed_at(self) -> str:
        """When, in ISO 8601."""
        return datetime.fromtimestamp(self.timestamp / 1000, UTC).isoformat(timespec="milliseconds")

    def is_signed_by(self, key: Ed25519PublicKey) -> bool:
        """Whether the signature is good."""
        try:
            key.verify(self.signature, _signed(self.tree_size, self.timestamp, self.root))
        except (InvalidSignature, OverflowError):
            return False
        return True

    def published(self, key: Ed25519PublicKey | None) -> PublishedHead:
        """As it is given to others, with the public key where that is known."""
        return PublishedHead(
            tree_size=self.tree_size,
            timestamp=self.timestamp,
            sha256_root_hash=base64.b64encode(self.root).decode(),
            tree_head_signature=base64.b64encode(self.signature).decode(),
            public_key=None if key is None else base64.b64encode(raw_public_key(key)).decode(),
        )

    def line(self, key: Ed25519PublicKey) -> str:
        """One line of JSON, as it is published."""
        return json.dumps(asdict(self.published(key)))


def sign_head(key: Ed25519PrivateKey, tree_size: int, timestamp: int, root: bytes) -> TreeHead:
    """Sign a root."""
    return TreeHead(tree_size, timestamp, root, key.sign(_signed(tree_size, timestamp, root)))


def parse_head(line: str) -> TreeHead:
    """A head from its line. Raises `ValueError` for anything else."""
    try:
        content = json.loads(line)
        return TreeHead(
            int(content["tree_size"]),
            int(content["timestamp"]),
            base64.b64decode(content["sha256_root_hash"], validate=True),
            base64.b64decode(content["tree_head_signature"], validate=True),
        )
    except (ValueError, TypeError, KeyError) as error:
        raise ValueError(f"not a signed tree head: {error}") from None


def _signed(tree_size: int, timestamp: int, root: bytes) -> bytes:
    return VERSION_V1 + TREE_HASH + timestamp.to_bytes(8, "big") + tree_size.to_bytes(8, "big") + root


def load_audit_key(settings: Settings) -> Ed25519PrivateKey:
    """The key that heads are signed with, made if there is none. Raises `BadUsage` for a damaged file."""
    return signing_key(settings.keys_folder / SIGNING_KEY_FILE, "restore it: heads that it signed need it")


def published_key(settings: Settings) -> Ed25519PublicKey | None:
    """The running system's own public key; None where it has signed nothing yet. Raises `BadUsage` for a damaged
    file."""
    kept = settings.audit_folder / PUBLIC_KEY_FILE
    if kept.exists():
        return load_public_key(kept)
    if (settings.keys_folder / SIGNING_KEY_FILE).exists():
        return load_audit_key(settings).public_key()
    return None


def load_public_key(path: Path) -> Ed25519PublicKey:
    """The key that heads are checked with. Raises `BadUsage` for a file that holds none."""
    try:
        key = load_pem_public_key(path.read_bytes())
    except OSError as error:
        raise BadUsage(f"{path} cannot be read: {error.strerror}") from None
    except ValueError:
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise BadUsage(f"{path} holds no public Ed25519 key in PEM")
    return key


def raw_public_key(key: Ed25519PublicKey) -> bytes:
    """Its 32 bytes."""
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw)


def public_pem(key: Ed25519PublicKey) -> bytes:
    """As a file that `load_public_key` reads."""
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


CHANNEL = "commerce_heads"
"""PostgreSQL notifies its listeners here of each head."""


async def keep_head(connection: Connection, head: TreeHead) -> None:
    """Put a head into the table unless there is one for this size, and tell those who wait for one."""
    await connection.execute(
        "INSERT INTO commerce_audit_heads (tree_size, signed_at, root, signature) VALUES (%s, %s, %s, %s)"
        " ON CONFLICT DO NOTHING",
        [head.tree_size, head.timestamp, head.root, head.signature],
    )
    await connection.execute("SELECT pg_notify(%s, '')", [CHANNEL])


async def heads_after(connection: Connection, tree_size: int, limit: int) -> list[TreeHead]:
    """The next heads of larger trees, smallest first."""
    return await _heads(connection, "tree_size > %s ORDER BY tree_size LIMIT %s", [tree_size, limit])


async def newest_heads(connection: Connection, limit: int = 1, at_most: int | None = None) -> list[TreeHead]:
    """The newest heads, newest first; `at_most` bounds the size of their trees."""
    condition: LiteralString = "tree_size <= coalesce(%s::bigint, tree_size) ORDER BY tree_size DESC LIMIT %s"
    return await _heads(connection, condition, [at_most, limit])


async def _heads(connection: Connection, condition: LiteralString, parameters: Sequence[object]) -> list[TreeHead]:
    cursor = await connection.execute(
        f"SELECT tree_size, signed_at, root, signature FROM commerce_audit_heads WHERE {condition}", parameters
    )
    return [TreeHead(*row) for row in await cursor.fetchall()]
