"""Python imports this by itself in every process that a fault test starts, as its folder is on PYTHONPATH: so what is
to fail is patched into production code from outside. It does nothing where `FAULTS_FOLDER` is not set."""

import os
import sys
from itertools import pairwise
from pathlib import Path

_MODULES = {"api": "api", "commerce.cli.main": "up"}


def _process_name() -> str | None:
    """Which process this is: `saga` for `workers.saga:app`, `api`, `up`; None for what is none of the system's."""
    given = sys.orig_argv[1:]
    for before, argument in pairwise(given):
        if before == "-m" and argument in _MODULES:
            return _MODULES[argument]
    apps = [argument.rpartition("/")[2] for argument in given if argument.endswith(":app")]
    return apps[0].removeprefix("workers.").removesuffix(":app") if apps else None


def _set_clock(name: str) -> None:
    """Begin this process again with a clock that is off, if that is to be done to it."""
    process, _, off = os.environ.get("FAULTS_CLOCK", "").partition(" ")
    if process != name or "LD_PRELOAD" in os.environ:
        return
    wrong = {"LD_PRELOAD": os.environ["FAULTS_FAKETIME"], "FAKETIME": off, "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
    os.execve(sys.executable, sys.orig_argv, {**os.environ, **wrong})


if (_folder := os.environ.get("FAULTS_FOLDER")) and (_name := _process_name()):
    _set_clock(_name)
    from tests.faults.harm import failpoints, import_hook, planted_bugs

    _planted = os.environ.get("FAULTS_PLANTED", "").split()
    import_hook.install(
        failpoints.patches(Path(_folder), _name) + planted_bugs.patches([bug for bug in _planted if bug], _name)
    )
