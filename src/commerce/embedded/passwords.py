"""Generated passwords of the embedded servers, each in a file that only its owner reads."""

from __future__ import annotations

import secrets
from pathlib import Path

from commerce.runtime.key_files import read_or_make


def password(keys: Path, name: str) -> str:
    """The password called `name`, made on first use. `keys` becomes a 0700 folder, the file 0600.

    Raises `BadUsage` for a file that cannot be read.
    """
    return read_or_make(keys / f"{name}.password", lambda: secrets.token_urlsafe(24).encode() + b"\n").decode()
