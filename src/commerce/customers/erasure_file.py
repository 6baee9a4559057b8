"""The erasures that were done, outside the database: a backup of it that is restored does not know the later
ones, and they are applied again.

`erasures.jsonl` beside the signed tree heads has a line for each: ids of keys and no personal data, with an HMAC, so
that nobody without the installation's keys can have data erased by writing there. It is only ever appended to.
"""

from __future__ import annotations

import fcntl
import hmac
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import get_args
from uuid import UUID

from commerce.customers.erasure import Person
from commerce.customers.erasure_events import ErasureGround, PersonKind
from commerce.eventstore import KeyRing
from commerce.values.errors import BadUsage

BATCH_LINES = 500


@dataclass(frozen=True, slots=True)
class DoneErasure:
    """Whose data was erased, why, at whose request, and by the destruction of which keys."""

    person: Person
    ground: ErasureGround
    requested_by: str
    keys: tuple[UUID, ...]


class ErasureFile:
    """`erasures.jsonl` in a folder; its lines are signed with a secret for this purpose alone."""

    def __init__(self, folder: Path, keys: KeyRing) -> None:
        self.path = folder / "erasures.jsonl"
        self._key = keys.derived("erasures")

    def append(self, erasure: DoneErasure) -> None:
        """Add an erasure; on disk when this returns. Raises `OSError`."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.seek(0, os.SEEK_END)
            if _is_cut_off(self.path):
                file.write(b"\n")  # what a crash left of a line is no line of ours, and the next one is
            file.write(self._line(erasure))
            file.flush()
            os.fsync(file.fileno())

    def batches(self) -> Iterator[list[DoneErasure]]:
        """All erasures, oldest first, at most `BATCH_LINES` at a time; none where there is no file.

        Raises `BadUsage`, naming the line, for one that is not ours: then nobody knows what is to be erased.
        """
        try:
            with self.path.open("rb") as file:
                lines = enumerate(file, start=1)
                while batch := list(islice(lines, BATCH_LINES)):
                    yield [erasure for number, line in batch if (erasure := self._read(number, line))]
        except FileNotFoundError:
            return
        except OSError as error:
            raise BadUsage(f"{self.path} cannot be read: {error.strerror}") from None

    def _line(self, erasure: DoneErasure) -> bytes:
        said = json.dumps(
            {
                "person_id": str(erasure.person.id),
                "kind": erasure.person.kind,
                "ground": erasure.ground,
                "requested_by": erasure.requested_by,
                "keys": [str(key) for key in erasure.keys],
            }
        )
        return f"{said}\t{self._tag(said.encode())}\n".encode()

    def _read(self, number: int, line: bytes) -> DoneErasure | None:
        """The erasure of a line; None for what a crash cut off, which was then not done."""
        said, tab, tag = line.rstrip(b"\n").partition(b"\t")
        if not tab or len(tag) < len(self._tag(b"")):
            return None
        if not hmac.compare_digest(tag, self._tag(said).encode()):
            raise BadUsage(
                f"line {number} of {self.path} is not signed with the keys of this installation; put back the file, or "
                "the folder keys, as they were"
            )
        content = json.loads(said)
        if content["kind"] not in get_args(PersonKind) or content["ground"] not in get_args(ErasureGround):
            raise BadUsage(f"line {number} of {self.path} was written by a newer version of commerce; start that one")
        return DoneErasure(
            Person(UUID(content["person_id"]), content["kind"]),
            content["ground"],
            content["requested_by"],
            tuple(map(UUID, content["keys"])),
        )

    def _tag(self, said: bytes) -> str:
        return hmac.digest(self._key, said, "sha256").hex()


def _is_cut_off(path: Path) -> bool:
    """Whether the last line of a file does not end."""
    with path.open("rb") as file:
        if not file.seek(0, os.SEEK_END):
            return False
        file.seek(-1, os.SEEK_END)
        return file.read(1) != b"\n"
