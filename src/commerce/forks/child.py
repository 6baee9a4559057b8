"""A child process that another process forked for us, in the shape of `subprocess.Popen`. Only on Linux."""

from __future__ import annotations

import os
import select
import signal
from subprocess import TimeoutExpired


class ForkedChild:
    """A child of this process; it waits to be reaped until it is asked for its exit code."""

    def __init__(self, pid: int) -> None:
        """Take charge of a child. Raises `OSError` where there is no such process."""
        self.pid = pid
        self._descriptor = os.pidfd_open(pid)
        self._exit_code: int | None = None

    def poll(self) -> int | None:
        """The exit code once it has ended (below zero: the signal that ended it), `None` while it runs."""
        if self._exit_code is None:
            reaped, status = os.waitpid(self.pid, os.WNOHANG)
            if reaped:
                self._exit_code = os.waitstatus_to_exitcode(status)
                os.close(self._descriptor)
        return self._exit_code

    def wait(self, timeout: float | None = None) -> int:
        """Its exit code, once it has ended. Raises `subprocess.TimeoutExpired` after `timeout` seconds."""
        if self._exit_code is None:
            ending = select.poll()
            ending.register(self._descriptor, select.POLLIN)
            ending.poll(None if timeout is None else timeout * 1000)
        code = self.poll()
        if code is None:
            raise TimeoutExpired(f"process {self.pid}", timeout or 0.0)
        return code

    def send_signal(self, sig: int) -> None:
        """Send it a signal, unless it has ended."""
        if self.poll() is None:
            signal.pidfd_send_signal(self._descriptor, sig)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)
