"""Generated passwords of the embedded servers, each in a file that only its owner reads."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def password(keys: Path, name: str) -> str:
    """The password called `name`, made on first use. `keys` becomes a 0700 folder, the file 0600."""
    keys.mkdir(parents=True, mode=0o700, exist_ok=True)
    path = keys / f"{name}.password"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="utf-8").strip()
    made = secrets.token_urlsafe(24)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(made + "\n")
        file.flush()
        os.fsync(file.fileno())
    return made
