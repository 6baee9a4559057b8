"""A whole system on this machine, until Ctrl-C."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from pathlib import Path

from commerce.cli.system import welcome
from commerce.cli.system.external_servers import require_reachable, require_sites
from commerce.cli.system.private_files import tighten
from commerce.cli.system.signals import StopRequested, Wakeup, signals_wake
from commerce.cli.system.startup import LocalSystem
from commerce.cli.system.system_process import API, WORKERS
from commerce.embedded.child import folder_lock
from commerce.embedded.ports import require_free
from commerce.forks import kinship
from commerce.forks.server import ForkServer
from commerce.runtime.settings import Settings, environment_settings
from commerce.runtime.tokens import load_keys
from commerce.saga.limit_settings import process_limits
from commerce.values.errors import BadUsage, Unavailable

_API_PORT_TIMEOUT_S = 2.0
_MOST_REPLICAS = 32
LONGEST_HOME_BYTES = 450
"""SQLite opens no path of more than 512 bytes, and the files of the servers are below."""


def keep_up(replicas: str, forks: ForkServer | None, *, together: bool | None, end_with_parent: bool) -> None:
    """Start servers, workers and the API, and keep them running until Ctrl-C; `together` None is what the settings say.

    Raises `BadUsage`, and `Unavailable` for an API that does not get well.
    """
    counts = replica_counts(replicas)
    settings = environment_settings()
    if together is not None:
        settings = settings.model_copy(update={"together": together})
    require_together(settings, counts)
    require_sites(settings)
    process_limits(settings)  # so that a contradiction is told here, and once
    os.umask(0o077)  # whatever this and its processes write is its owner's alone
    settings = settings.model_copy(update={"home": private_home(settings.home)})
    if end_with_parent:
        kinship.end_with_parent(signal.SIGTERM)
    with signals_wake() as wakeup, folder_lock(settings.home, timeout_s=0.0), suppress(StopRequested):
        _run(settings, counts, wakeup, forks)


def private_home(home: Path) -> Path:
    """The folder of an installation, made if there is none, and its owner's alone. Raises `BadUsage` where it
    cannot be used."""
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        if home.stat().st_uid not in (os.geteuid(), 0) and os.geteuid() != 0:
            raise BadUsage(
                f"COMMERCE_HOME: {home} belongs to another user, who could read its keys; choose one of yours"
            )
        if len(os.fsencode(home.resolve())) > LONGEST_HOME_BYTES:
            raise BadUsage(
                f"COMMERCE_HOME: its path is longer than {LONGEST_HOME_BYTES} bytes; the servers do not take that"
            )
        tighten(home)
    except OSError as error:
        raise BadUsage(f"COMMERCE_HOME: {home} cannot be used: {error.strerror or error}") from None
    return home.resolve()


def _run(settings: Settings, replicas: dict[str, int], wakeup: Wakeup, forks: ForkServer | None) -> None:
    what = "COMMERCE_API_HOST, COMMERCE_API_PORT: the API"
    require_free(settings.api_port, what, settings.api_host, timeout_s=_API_PORT_TIMEOUT_S)
    require_reachable(settings)
    load_keys(settings)
    system = LocalSystem(settings, wakeup, _say, forks)
    try:
        system.start(replicas)
        _greet(system)
        system.keep_running()
    except OSError as error:
        raise BadUsage(f"COMMERCE_HOME: {settings.home} cannot be used: {error.strerror or error}") from None
    finally:
        system.stop()


def _greet(system: LocalSystem) -> None:
    try:
        welcome.greet(system.settings, system.api_url, _say)
    except Unavailable as error:
        _say(f"the system runs, and cannot be shown now: {error}")
        _say("Ctrl-C ends everything.")


def replica_counts(wanted: str) -> dict[str, int]:
    """How many processes of each kind. Raises `BadUsage` for an unknown kind or a number that is none."""
    counts = dict.fromkeys((API, *WORKERS), 1)
    for part in filter(None, (part.strip() for part in wanted.split(","))):
        name, _, number = part.partition("=")
        if name not in counts:
            raise BadUsage(f"--replicas: {name!r} is not a process of this system; there are {', '.join(counts)}")
        if not (number.isascii() and number.isdigit() and int(number) <= _MOST_REPLICAS):
            raise BadUsage(f"--replicas: {part!r} needs a number from 0 to {_MOST_REPLICAS}, as in {name}=2")
        if name == API and int(number) == 0:
            raise BadUsage("--replicas: a system has one api at least")
        counts[name] = int(number)
    return counts


def require_together(settings: Settings, counts: dict[str, int]) -> None:
    """Raises `BadUsage` where a process is to have a worker of each kind, and one kind is not wanted."""
    missing = [name for name, number in counts.items() if number == 0]
    if settings.together and missing:
        raise BadUsage(f"--replicas: {missing[0]}=0 needs --apart; together, there is one worker of each kind at least")


def _say(text: str) -> None:
    """One plain line, at once; where nobody reads any more, the system is still to be ended in order."""
    with suppress(OSError):
        print(text, flush=True)
