"""The master keys of an installation: files in its folder `keys`, each with one key, as it is or as a key management
service wrapped it.

`master.key` or `master.json` is the first; those that came later have their id in the name. Nothing here says which one
is current: that stands in the log.
"""

from __future__ import annotations

import base64
import json
import os
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Self
from uuid import UUID

from commerce.runtime.key_files import read_or_make
from commerce.runtime.kms import KeyService
from commerce.runtime.master_key import MASTER_KEY_BYTES, MasterKey
from commerce.values.errors import BadUsage
from commerce.values.ids import read_id

_FIRST = "master"
IN_A_FILE = "file"
"""How a master key is kept that no service has wrapped."""


@dataclass(frozen=True, slots=True)
class KeptKey:
    """A master key as it is kept: in which file, and what wrapped it there (`file`: nothing)."""

    id: UUID
    path: Path
    kept_in: str
    wrapped: bytes | None = None
    """What the service has to unwrap; None where the file has the key itself."""

    @property
    def is_first(self) -> bool:
        """Whether the installation began with it."""
        return self.path.stem == _FIRST


class MasterKeys:
    """The master keys of an installation, for one process: each is read, and unwrapped by the service, when it is first
    needed, and stays in memory. Methods block, and may be called from threads."""

    def __init__(self, folder: Path | None, service: KeyService | None = None) -> None:
        self.service = service
        self._folder = folder
        self._known: dict[UUID, MasterKey] = {}
        self._first: MasterKey | None = None
        self._lock = Lock()

    @classmethod
    def of(cls, secret: bytes) -> Self:
        """One key that stands in no file."""
        keys = cls(None)
        keys._first = MasterKey(secret)
        keys._known[keys._first.id] = keys._first
        return keys

    def known(self, key_id: UUID) -> MasterKey | None:
        """A key that is in memory; never blocks."""
        return self._known.get(key_id)

    @property
    def known_first(self) -> MasterKey | None:
        """The first key, if it is in memory; never blocks."""
        return self._first

    def first(self) -> MasterKey | None:
        """The key that the installation began with; None where it is not here any more. Raises as `find` does."""
        if self._first is None and (kept := next((one for one in self.kept() if one.is_first), None)):
            self._first = self._read(kept)
        return self._first

    def find(self, key_id: UUID) -> MasterKey | None:
        """A key by its id; None where it is not here.

        Raises `BadUsage` for a damaged file, and where the service refuses, `Unavailable` where it does not answer.
        """
        if (known := self._known.get(key_id)) is not None:
            return known
        kept = next((one for one in self.kept() if one.id == key_id), None)
        return None if kept is None else self._read(kept)

    def kept(self) -> list[KeptKey]:
        """All that are here, by file name; asks no service. Raises `BadUsage` for a damaged file."""
        if self._folder is None:
            return [KeptKey(one.id, Path(), IN_A_FILE) for one in self._known.values()]
        paths = [*self._folder.glob(f"{_FIRST}.*"), *self._folder.glob(f"{_FIRST}-*")]
        return [_kept(path) for path in sorted(paths) if path.suffix in _READERS]

    def require_one(self) -> None:
        """Make the first key where there is none. Raises as `find` does."""
        if not self.kept():
            read_or_make(self._path(_FIRST), lambda: self._content(MasterKey(os.urandom(MASTER_KEY_BYTES))))

    def make(self) -> MasterKey:
        """Make a further key; on disk when this returns. Raises as `find` does, and `OSError`."""
        key = MasterKey(os.urandom(MASTER_KEY_BYTES))
        read_or_make(self._path(f"{_FIRST}-{key.id}"), lambda: self._content(key))
        self._known[key.id] = key
        return key

    def remove(self, key_id: UUID) -> bool:
        """Remove a key's file, and forget the key; answers whether there was one. Raises `OSError`."""
        self._known.pop(key_id, None)
        found = [one for one in self.kept() if one.id == key_id]
        for one in found:
            one.path.unlink(missing_ok=True)
        return bool(found)

    def _path(self, stem: str) -> Path:
        assert self._folder is not None, "a key without a folder is the only one"
        return self._folder / f"{stem}{'.key' if self.service is None else '.json'}"

    def _content(self, key: MasterKey) -> bytes:
        if self.service is None:
            return base64.b64encode(key.secret)
        wrapped = base64.b64encode(self.service.wrap(key.id, key.secret)).decode()
        return json.dumps({"key_id": str(key.id), "kept_in": self.service.name, "wrapped": wrapped}).encode()

    def _read(self, kept: KeptKey) -> MasterKey:
        with self._lock:
            if (known := self._known.get(kept.id)) is None:
                known = self._known[kept.id] = self._opened(kept)
        return known

    def _opened(self, kept: KeptKey) -> MasterKey:
        if kept.wrapped is None:
            return MasterKey(_plain_secret(kept.path))
        if self.service is None:
            raise BadUsage(f"{kept.path} is wrapped by {kept.kept_in}; set COMMERCE_KMS to what unwraps it")
        key = MasterKey(self.service.unwrap(kept.id, kept.wrapped))
        if key.id != kept.id:
            raise BadUsage(f"{kept.path} has another master key than it says; restore it from a backup")
        return key


def _kept(path: Path) -> KeptKey:
    return _READERS[path.suffix](path)


def _plain(path: Path) -> KeptKey:
    return KeptKey(MasterKey(_plain_secret(path)).id, path, IN_A_FILE)


def _plain_secret(path: Path) -> bytes:
    try:
        secret = base64.b64decode(_content_of(path), validate=True)
    except ValueError:
        secret = b""
    if len(secret) != MASTER_KEY_BYTES:
        raise _damaged(path)
    return secret


def _wrapped(path: Path) -> KeptKey:
    try:
        said = json.loads(_content_of(path))
        key_id, wrapped = read_id(said["key_id"]), base64.b64decode(said["wrapped"], validate=True)
        kept_in = str(said["kept_in"])
    except (ValueError, TypeError, KeyError, AttributeError):
        raise _damaged(path) from None
    if key_id is None:
        raise _damaged(path)
    return KeptKey(key_id, path, kept_in, wrapped)


def _content_of(path: Path) -> bytes:
    try:
        return path.read_bytes().strip()
    except OSError as error:
        raise BadUsage(f"{path} cannot be read: {error.strerror}") from None


def _damaged(path: Path) -> BadUsage:
    return BadUsage(f"{path} is damaged: without it personal data is lost; restore it from a backup")


_READERS = {".key": _plain, ".json": _wrapped}
