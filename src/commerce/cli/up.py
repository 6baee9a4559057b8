"""`commerce up`: a whole system on this machine, until Ctrl-C."""

from __future__ import annotations

import signal
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from commerce.cli import welcome
from commerce.cli.given_servers import require_reachable
from commerce.cli.processes import WORKERS
from commerce.cli.running_system import RunningSystem
from commerce.cli.wakeup import StopRequested, Wakeup, signals_wake
from commerce.embedded import child
from commerce.embedded.child import folder_lock
from commerce.embedded.ports import require_free
from commerce.errors import BadUsage
from commerce.settings import Settings, environment_settings
from commerce.tokens import load_keys

_API_PORT_SECONDS = 2.0
_MOST_REPLICAS = 32


def up(
    replicas: Annotated[
        str, typer.Option(help="How many of which worker, such as saga=2,projections=3; else one of each.")
    ] = "",
    end_with_parent: Annotated[
        bool, typer.Option("--end-with-parent", help="End in order when the program that started this one is killed.")
    ] = False,
) -> None:
    """Start servers, workers and the API, and keep them running until Ctrl-C."""
    counts = replica_counts(replicas)
    settings = environment_settings()
    settings = settings.model_copy(update={"home": _made(settings.home)})
    if end_with_parent:
        child.end_with_parent(signal.SIGTERM)
    with signals_wake() as wakeup, folder_lock(settings.home, patience=0.0), suppress(StopRequested):
        _run(settings, counts, wakeup)


def _made(home: Path) -> Path:
    try:
        home.mkdir(parents=True, exist_ok=True)
        (home / "lock").touch()
    except OSError as error:
        raise BadUsage(f"COMMERCE_HOME: {home} cannot be used: {error.strerror or error}") from None
    return home.resolve()


def _run(settings: Settings, replicas: dict[str, int], wakeup: Wakeup) -> None:
    what = "COMMERCE_API_HOST, COMMERCE_API_PORT: the API"
    require_free(settings.api_port, what, settings.api_host, patience=_API_PORT_SECONDS)
    require_reachable(settings)
    load_keys(settings)
    system = RunningSystem(settings, wakeup, _say)
    try:
        system.start(replicas)
        welcome.greet(system.settings, system.api_url, _say)
        system.keep_running()
    finally:
        system.stop()


def replica_counts(wanted: str) -> dict[str, int]:
    """How many processes of each worker. Raises `BadUsage` for an unknown worker or a number that is none."""
    counts = dict.fromkeys(WORKERS, 1)
    for part in filter(None, (part.strip() for part in wanted.split(","))):
        name, _, number = part.partition("=")
        if name not in counts:
            raise BadUsage(f"--replicas: {name!r} is no worker; there are {', '.join(WORKERS)}")
        if not (number.isascii() and number.isdigit() and int(number) <= _MOST_REPLICAS):
            raise BadUsage(f"--replicas: {part!r} needs a number from 0 to {_MOST_REPLICAS}, as in {name}=2")
        counts[name] = int(number)
    return counts


def _say(text: str) -> None:
    """One plain line, at once; where nobody reads any more, the system is still to be ended in order."""
    with suppress(OSError):
        print(text, flush=True)
