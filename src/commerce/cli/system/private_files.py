"""What lies in `COMMERCE_HOME` is its owner's alone, also where an earlier version, or a copy, left it open to
others."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from commerce.values.errors import BadUsage

_OTHERS = 0o077
_FOLDERS = ("keys", "audit", "outbox", "logs", "nats")
_FILES = ("lock", "run.json", "provider.sqlite3*", "carrier.sqlite3*", *(f"{name}/*" for name in _FOLDERS))
"""What is ours in the folder; PostgreSQL's own may be another user's, who also reads its programs."""


def tighten(home: Path) -> None:
    """Close the folder and what lies in it to everybody but its owner, and make its lock file.

    Raises `OSError`, and `BadUsage` for a folder that is everybody's, such as /tmp.
    """
    if home.stat().st_mode & stat.S_ISVTX:
        raise BadUsage(f"COMMERCE_HOME: {home} is everybody's; choose a folder of its own, such as {home / 'commerce'}")
    os.close(os.open(home / "lock", os.O_RDWR | os.O_CREAT, 0o600))
    for path in (home, *_ours(home)):
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & _OTHERS and path.stat().st_uid == os.geteuid():
            path.chmod(mode & ~_OTHERS)


def _ours(home: Path) -> Iterator[Path]:
    for pattern in (*_FOLDERS, *_FILES):
        yield from (path for path in home.glob(pattern) if not path.is_symlink())
