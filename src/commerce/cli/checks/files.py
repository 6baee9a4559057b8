"""The folder of an installation: its secrets are whole and readable by their owner only, and its disk has room."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from commerce.cli.checks.finding import Finding, ok, problem, warning
from commerce.runtime.master_key import MasterKey
from commerce.runtime.settings import Settings
from commerce.runtime.tokens import installed_master_keys
from commerce.values.errors import BadUsage, Unavailable

CHECK = "files"
_LITTLE_BYTES, _TOO_LITTLE_BYTES = 5 * 2**30, 2**30
"""Bytes of room below which it is time to make more, and below which servers may stop at any moment."""


def folder(settings: Settings) -> list[Finding]:
    """Whether there is an installation, and nobody else can read its secrets."""
    if not settings.home.is_dir():
        return [problem(CHECK, f"{settings.home} does not exist", "set COMMERCE_HOME, or make one with `commerce up`")]
    found = [*_modes(settings), *_token_key(settings), *_master_keys(settings)]
    return found or [ok(CHECK, f"the secrets in {settings.home} are whole, and their owner's alone")]


def _modes(settings: Settings) -> Iterator[Finding]:
    for path in (settings.keys_folder, *sorted(settings.keys_folder.glob("*")), settings.run_file):
        try:
            mode = stat.S_IMODE(path.stat().st_mode)
        except OSError:
            continue
        wanted = 0o700 if path.is_dir() else 0o600
        if mode & ~wanted:
            text = f"{path} has mode {mode:04o}, so that others may read or change it"
            yield problem(CHECK, text, f"chmod {wanted:o} {path}")
        elif not os.access(path, os.R_OK):
            yield problem(CHECK, f"{path} cannot be read", f"chmod {wanted:o} {path}, as its owner")


def _token_key(settings: Settings) -> Iterator[Finding]:
    path = settings.keys_folder / "token-signing.pem"
    content = _content(path)
    if content is None:
        return
    try:
        sound = isinstance(load_pem_private_key(content, password=None), Ed25519PrivateKey)
    except (ValueError, TypeError):
        sound = False
    if not sound:
        yield problem(CHECK, f"{path} is damaged: no token is accepted", "delete it, and issue new tokens")


def _master_keys(settings: Settings) -> Iterator[Finding]:
    masters, folder = installed_master_keys(settings), settings.keys_folder
    try:
        kept = masters.kept()
        for one in kept:
            masters.find(one.id)
    except (BadUsage, Unavailable) as error:
        yield problem(CHECK, str(error), "then check again")
        return
    if not kept:
        text = f"there is no master key in {folder}; the first process makes a new one"
        yield warning(CHECK, text, "restore it, if there was one")


def master_keys(settings: Settings) -> Mapping[UUID | None, MasterKey]:
    """The master keys that can be had, by what wrapped keys say of them (`wrapped_by`); unlike `load_keys` it makes
    none."""
    masters = installed_master_keys(settings)
    found: dict[UUID | None, MasterKey | None] = {}
    with suppress(BadUsage, Unavailable):
        found[None] = masters.first()
        found |= {one.id: masters.find(one.id) for one in masters.kept()}
    return {name: key for name, key in found.items() if key is not None}


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes().strip()
    except OSError:
        return None


def room(settings: Settings) -> list[Finding]:
    """Whether the disk of the folder, which the embedded servers write to, has room."""
    try:
        free = shutil.disk_usage(settings.home).free
    except OSError:
        return []
    return [judge_room(free, str(settings.home))]


def judge_room(free: int, place: str) -> Finding:
    """Free bytes of a disk."""
    text = f"{free / 2**30:.1f} GiB are free where {place} is"
    if free < _TOO_LITTLE_BYTES:
        return problem("disk", text, "make room now: a server that cannot write stops")
    return warning("disk", text, "make room") if free < _LITTLE_BYTES else ok("disk", text)
