"""Files that hold the secrets of an installation: made when first needed, readable by their owner only."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from commerce.values.errors import BadUsage


def signing_key(path: Path, remedy: str) -> Ed25519PrivateKey:
    """The key in a file, made if there is none. Raises `BadUsage` with the remedy for a file that holds no such key."""
    try:
        key = load_pem_private_key(read_or_make(path, _new_signing_key), password=None)
    except ValueError:
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise BadUsage(f"{path} is damaged; {remedy}")
    return key


def read_or_make(path: Path, make: Callable[[], bytes]) -> bytes:
    """What a file holds; of several processes that make it at once, all get the same. Raises `BadUsage` if it is
    unreadable."""
    try:
        return path.read_bytes().strip()
    except FileNotFoundError:
        pass
    except OSError as error:
        raise BadUsage(f"{path} cannot be read: {error.strerror}") from None
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    content = make()
    draft = path.with_name(f".{path.name}.{uuid4().hex}")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path.read_bytes().strip()


def _new_signing_key() -> bytes:
    return Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
