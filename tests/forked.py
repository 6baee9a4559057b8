"""Processes that begin with what our workers import: a fork of one that has it starts in a tenth of the time.

What an operator starts, `python -m …` in a process that begins with nothing, is what the tests of the whole system, of
the containers and of the API start.
"""

from __future__ import annotations

import multiprocessing
import os
import runpy
import signal
import sys
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from commerce.embedded.child import end_with_parent

_PRELOADED = "tests.preloaded"
_FORKING = multiprocessing.get_context("forkserver")
_FORKING.set_forkserver_preload([_PRELOADED])


@dataclass(frozen=True)
class Program:
    """A module that is run as `python -W error -m module arguments…`, and where its output goes."""

    module: str
    arguments: Sequence[str]
    environment: Mapping[str, str]
    log: Path

    def __call__(self) -> None:
        """Become this program; it ends with the process that forked it."""
        assert _PRELOADED in sys.modules, f"{_PRELOADED} cannot be imported, which multiprocessing does not say"
        end_with_parent(signal.SIGKILL)
        os.setsid()
        output = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(output, sys.stdout.fileno())
        os.dup2(output, sys.stderr.fileno())
        os.environ.clear()
        os.environ.update(self.environment)
        sys.argv = [self.module, *self.arguments]
        warnings.simplefilter("error")
        runpy.run_module(self.module, run_name="__main__", alter_sys=True)


class ForkedProcess:
    """A program that runs."""

    def __init__(self, program: Program) -> None:
        self._process: ForkServerProcess = _FORKING.Process(target=program, daemon=True)
        self._process.start()

    def poll(self) -> int | None:
        """The exit code, or how it was killed as a negative number, once it has ended."""
        return self._process.exitcode

    def send_signal(self, number: signal.Signals) -> None:
        """Send it a signal, unless it has ended."""
        if self.poll() is None and self._process.pid is not None:
            os.kill(self._process.pid, number)

    def wait(self, timeout_s: float) -> int:
        """Wait for its end; `TimeoutError` after so many seconds."""
        self._process.join(timeout_s)
        code = self.poll()
        if code is None:
            raise TimeoutError(f"it still runs after {timeout_s} s")
        return code
