"""How PostgreSQL, which refuses to run as root, runs when root starts it."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from commerce.embedded.child import RunAs
from commerce.values.errors import BadUsage

_OTHER_USERS = ("nobody", "postgres")
_OWN_NAMESPACE = ("unshare", "--user", "--map-user=1000", "--map-group=1000")


def run_as_for(data: Path) -> RunAs:
    """Who runs PostgreSQL on a data folder that may not exist yet. Raises `BadUsage` where nobody can.

    Root keeps its files and only looks like another user inside a user namespace; where the kernel allows none, another
    user runs it. Existing data stays with the user who owns it.
    """
    if os.geteuid() != 0:
        return RunAs()
    owner = data.stat().st_uid if data.exists() else 0
    if owner != 0:
        return RunAs(user=owner, group=data.stat().st_gid)
    if namespaces_work():
        return RunAs(prefix=_OWN_NAMESPACE)
    if data.exists():
        raise BadUsage(
            f"{data} belongs to root, as whom PostgreSQL does not run; give it to another user, or run as one"
        )
    return other_user()


def namespaces_work() -> bool:
    """Whether this kernel lets us make a user namespace."""
    if shutil.which(_OWN_NAMESPACE[0]) is None:
        return False
    return subprocess.run([*_OWN_NAMESPACE, "true"], capture_output=True, check=False).returncode == 0


def other_user() -> RunAs:
    """An ordinary user of this machine. Raises `BadUsage` where it has none we know."""
    for name in _OTHER_USERS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return RunAs(user=entry.pw_uid, group=entry.pw_gid)
    raise BadUsage("PostgreSQL does not run as root: start as an ordinary user, or set COMMERCE_DATABASE_URL")


def hand_over(folder: Path, run_as: RunAs) -> None:
    """Make `folder`, private, and give it to the user PostgreSQL runs as. Raises `BadUsage` where that user
    cannot reach it."""
    folder.mkdir(parents=True, mode=0o700, exist_ok=True)
    if run_as.user is None or run_as.group is None:
        return
    os.chown(folder, run_as.user, run_as.group)
    if not _runs(run_as, "test", "-w", str(folder)):
        raise BadUsage(
            f"{folder} is out of reach for user {_name(run_as.user)}, who runs PostgreSQL for root here; "
            "set COMMERCE_HOME to a folder under one that everybody may enter, or start as an ordinary user"
        )


def reachable_programs(programs: Path, copies: Path, run_as: RunAs) -> Path:
    """The PostgreSQL programs, or a copy of them under `copies` where the user who runs them cannot read the
    original."""
    if run_as.user is None or _runs(run_as, str(programs / "postgres"), "--version"):
        return programs
    site = programs.parents[2]
    if not copies.exists():
        unfinished = copies.with_name(f"{copies.name}.unfinished")
        for folder in _belonging_to(programs):
            shutil.copytree(folder, unfinished / folder.relative_to(site), symlinks=True, dirs_exist_ok=True)
        _let_everybody_read(unfinished)
        unfinished.rename(copies)
    return copies / programs.relative_to(site)


def _belonging_to(programs: Path) -> Iterator[Path]:
    """The installation, and the libraries its programs find by their relative place (`<package>.libs` beside the
    package)."""
    yield programs.parent
    libraries = programs.parents[1].with_suffix(".libs")
    if libraries.exists():
        yield libraries


def _let_everybody_read(folder: Path) -> None:
    for place in (folder, *folder.rglob("*")):
        if not place.is_symlink():
            place.chmod(place.stat().st_mode | (0o555 if place.is_dir() else 0o444))


def _runs(run_as: RunAs, *command: str) -> bool:
    try:
        ended = subprocess.run(
            command, capture_output=True, check=False, user=run_as.user, group=run_as.group, extra_groups=[], cwd="/"
        )
    except PermissionError:
        return False
    return ended.returncode == 0


def _name(user: int) -> str:
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return str(user)
