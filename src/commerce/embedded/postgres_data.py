"""The data folder of the embedded PostgreSQL: made whole or not at all, checked and configured before each start."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from commerce.embedded.child import RunAs
from commerce.embedded.postgres_roles import SUPERUSER
from commerce.embedded.programs import postgres_major_version
from commerce.embedded.room import wal_mib
from commerce.embedded.unprivileged import hand_over
from commerce.values.errors import BadUsage

_BUILTIN_LOCALE_SINCE = 17
_SMALLEST_BUFFERS_MIB, _LARGEST_BUFFERS_MIB = 128, 2048
_LEAST_MIN_WAL_MIB = 32
_LIMIT = Path("/sys/fs/cgroup/memory.max")
"""Where Linux says how much memory a container may use, in bytes, or `max`."""

_CONFIGURATION = """\
# Written by commerce at each start; changes are lost. Run a PostgreSQL of your own to tune it: COMMERCE_DATABASE_URL.
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
password_encryption = 'scram-sha-256'
max_connections = 300
shared_buffers = '{shared_buffers}MB'
max_wal_size = '{wal}MB'
min_wal_size = '{least_wal}MB'
fsync = on
synchronous_commit = on
full_page_writes = on
jit = off
timezone = 'UTC'

# Statements and their parameters carry personal data: neither is ever logged.
log_statement = 'none'
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
log_min_error_statement = 'panic'
log_error_verbosity = 'terse'
log_destination = 'stderr'
logging_collector = on
log_directory = '{logs}'
log_filename = 'postgres-%H.log'
log_file_mode = 0600
log_rotation_age = '1h'
log_rotation_size = 0
log_truncate_on_rotation = on
log_timezone = 'UTC'
log_line_prefix = '%m [%p] %a '
"""


def create_data_folder(data: Path, programs: Path, run_as: RunAs, superuser_password: str) -> None:
    """Make a new database cluster; one that was interrupted half way leaves nothing behind. Raises `BadUsage`
    where it fails."""
    unfinished = data.with_name("data.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    hand_over(unfinished, run_as)
    password_file = data.with_name("superuser.password")
    try:
        _write_for(run_as, password_file, superuser_password + "\n")
        ended = subprocess.run(
            [*run_as.prefix, *_initdb(programs, unfinished.name, password_file.name)],
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
            cwd=data.parent,  # see `_initdb`
            user=run_as.user,
            group=run_as.group,
            extra_groups=None if run_as.group is None else [],
        )
    finally:
        password_file.unlink(missing_ok=True)
    if ended.returncode != 0:
        said = (ended.stderr.strip() or ended.stdout.strip()).splitlines() or ["no reason given"]
        raise BadUsage(f"PostgreSQL cannot make {data}: {said[-1]}")
    unfinished.rename(data)


def _initdb(programs: Path, data: str, password_file: str) -> list[str]:
    """Its command; both names are from where it is run, as it hands them to a shell, which does not take every path."""
    locale = ["--no-locale"]
    if postgres_major_version(programs) >= _BUILTIN_LOCALE_SINCE:
        locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    access = ["--username", SUPERUSER, "--pwfile", password_file, "--auth=scram-sha-256"]
    place = [str(programs / "initdb"), "--pgdata", data]
    return [*place, *access, "--encoding=UTF8", *locale, "--data-checksums", "--no-instructions"]


def reject_damaged(data: Path, programs: Path) -> None:
    """Raise `BadUsage` for a folder without the parts every cluster has, or made by another major version."""
    missing = [part for part in ("PG_VERSION", "global/pg_control", "base", "pg_wal") if not (data / part).exists()]
    if missing:
        raise BadUsage(
            f"{data} is damaged ({missing[0]} is missing); restore it from a backup, or move it away to start empty"
        )
    made_by, ours = (data / "PG_VERSION").read_text(encoding="utf-8").strip(), str(postgres_major_version(programs))
    if made_by != ours:
        raise BadUsage(
            f"{data} was made by PostgreSQL {made_by[:8]!r}, this is {ours}; move it over with pg_dump and pg_restore"
        )


def write_configuration(data: Path, logs: str, run_as: RunAs) -> None:
    """Overwrite the server's settings, so that nothing of what was there counts; `logs` is a folder as seen from
    `data`."""
    wal = wal_mib(data)
    settings = _CONFIGURATION.format(
        logs=_quoted(logs), shared_buffers=_shared_buffers(), wal=wal, least_wal=max(wal // 8, _LEAST_MIN_WAL_MIB)
    )
    _write_for(run_as, data / "postgresql.conf", settings)


def _quoted(place: str) -> str:
    """A place within the quotes of a setting."""
    return place.replace("\\", "\\\\").replace("'", "''").replace("\n", "\\n")


def _shared_buffers() -> int:
    """MiB for PostgreSQL's own cache: a quarter of the memory, as its documentation advises, within bounds.

    Appends touch the end of each index only, as ids begin with the time: what they need of a long log fits. For each
    GiB the server keeps tables of 18 MiB, also where it is idle.
    """
    return min(max(_memory() // 4 // 2**20, _SMALLEST_BUFFERS_MIB), _LARGEST_BUFFERS_MIB)


def _memory() -> int:
    """Bytes that there are for this machine, or for the container that this is."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    try:
        limit = int(_LIMIT.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return memory
    return min(memory, limit)


def _write_for(run_as: RunAs, path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        if run_as.user is not None and run_as.group is not None:
            os.fchown(file.fileno(), run_as.user, run_as.group)
        file.write(text)
