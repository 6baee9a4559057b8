"""Processes as `commerce up` starts them: forks of one that has imported what they need. Here a warning is an error.

What an operator starts, `python -m …` in a process that begins with nothing, is what the fault tests start, and the
test of the containers for those that are not `faststream run`.
"""

from __future__ import annotations

import atexit
from collections.abc import Mapping, Sequence
from pathlib import Path

from commerce.cli.system.program_modules import ROOT, fork_server
from commerce.forks.child import ForkedChild

SERVER = fork_server(PYTHONWARNINGS="error")
atexit.register(SERVER.stop)


def fork(module: str, arguments: Sequence[str], environment: Mapping[str, str], log: Path) -> ForkedChild:
    """Start `python -W error -m module arguments…`; it ends with the process that starts it."""
    return SERVER.start(module, arguments, log=log, environment=environment, folder=ROOT)
