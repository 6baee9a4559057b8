"""Signed tree heads outside the database, where its owner cannot rewrite them: a file that is only ever appended to."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from commerce.evidence.heads import PUBLIC_KEY_FILE, TreeHead, parse_head, public_pem

_LONGEST_LINE_BYTES = 1024


class HeadFile:
    """`heads.jsonl`: one head per line, ever larger trees; beside it the public key."""

    def __init__(self, folder: Path, name: str = "heads.jsonl") -> None:
        self.path = folder / name
        self.public_key = folder / PUBLIC_KEY_FILE

    def newest(self) -> TreeHead | None:
        """The last head, None if there is none. Raises `ValueError` for a last line that is no head."""
        try:
            with self.path.open("rb") as file:
                return _last_head(file)
        except FileNotFoundError:
            return None

    def append(self, heads: Iterable[TreeHead], key: Ed25519PublicKey) -> None:
        """Add heads of trees larger than those in the file; on disk when this returns."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            newest = _last_head(file)
            file.truncate(_whole_lines(file))
            size = newest.tree_size if newest else 0
            file.write(b"".join(f"{head.line(key)}\n".encode() for head in heads if head.tree_size > size))
            file.flush()
            os.fsync(file.fileno())
        if not self.public_key.exists():
            unfinished = self.public_key.with_suffix(".tmp")
            unfinished.write_bytes(public_pem(key))
            unfinished.rename(self.public_key)  # who looks for it meanwhile finds all of it or nothing

    def heads(self) -> Iterator[TreeHead]:
        """All heads, one after the other. Raises `ValueError`, naming the line, for one that is no head."""
        with self.path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, start=1):
                try:
                    yield parse_head(line)
                except ValueError as error:
                    raise ValueError(f"line {number} of {self.path}: {error}") from None


def _last_head(file: BinaryIO) -> TreeHead | None:
    """The head in the last whole line; what stands after it was cut off by a crash."""
    end = _whole_lines(file)
    file.seek(max(0, end - _LONGEST_LINE_BYTES))
    lines = file.read(end - file.tell()).splitlines()
    return parse_head(lines[-1].decode()) if lines else None


def _whole_lines(file: BinaryIO) -> int:
    """Up to where the file consists of whole lines."""
    size = file.seek(0, os.SEEK_END)
    begin = max(0, size - _LONGEST_LINE_BYTES)
    file.seek(begin)
    return begin + file.read().rfind(b"\n") + 1
