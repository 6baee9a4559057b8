"""Room on the disk of `COMMERCE_HOME`: enough for a first start, enough to start again, and how much log
PostgreSQL may keep."""

from __future__ import annotations

import shutil
from pathlib import Path

from commerce.values.errors import BadUsage

MIB = 2**20
FIRST_START_BYTES = 256 * MIB
"""A new database, its write-ahead log, and the broker's streams need that much before the first order."""

NEXT_START_BYTES = 32 * MIB
"""A server that writes its settings, and a database that recovers, need that much."""

_LEAST_WAL_MIB, _MOST_WAL_MIB = 64, 2048
_SHARE_OF_DISK = 8


def free_bytes(folder: Path) -> int:
    """Bytes that can be written where a folder is, or will be."""
    there = next(place for place in (folder, *folder.parents) if place.exists())
    return shutil.disk_usage(there).free


def require_room(home: Path, *, first_start: bool) -> None:
    """Raise `BadUsage` where the servers would not start, or stop at once, as the disk is too small or full."""
    needed, free = FIRST_START_BYTES if first_start else NEXT_START_BYTES, free_bytes(home)
    if free < needed:
        start = "a first start" if first_start else "a start"
        raise BadUsage(
            f"COMMERCE_HOME: the disk of {home} has {free // MIB} MiB free, and {start} needs {needed // MIB} MiB; "
            "make room there, or set COMMERCE_HOME to a folder on a larger disk"
        )


def lacks_room(home: Path) -> str | None:
    """Why a server cannot be started again just now; None where its disk has room."""
    free = free_bytes(home)
    return f"its disk has {free // MIB} MiB free, make room" if free < NEXT_START_BYTES else None


def wal_mib(folder: Path) -> int:
    """MiB of write-ahead log that PostgreSQL may keep: an eighth of the disk, within bounds."""
    disk = shutil.disk_usage(folder).total // MIB
    return min(max(disk // _SHARE_OF_DISK, _LEAST_WAL_MIB), _MOST_WAL_MIB)
