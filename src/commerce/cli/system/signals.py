"""Waits for the operating system's signals without polling."""

from __future__ import annotations

import select
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager

_STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopRequested(BaseException):
    """Somebody asked this process to end: Ctrl-C, `kill`, or a closed terminal."""


class Wakeup:
    """Sleeps until a child ends or a time is over; a stop signal raises `StopRequested` wherever the main thread is."""

    def __init__(self, reader: socket.socket) -> None:
        self._reader = reader

    def wait(self, seconds: float) -> None:
        """Sleep for `seconds`, less when a signal arrives."""
        ready, _, _ = select.select([self._reader], [], [], max(0.0, seconds))
        if ready:
            self._reader.recv(4096)

    def ignore_stops(self) -> None:
        """From now on a stop signal changes nothing: the end is under way."""
        for number in _STOPPING:
            signal.signal(number, signal.SIG_IGN)


@contextmanager
def signals_wake() -> Iterator[Wakeup]:
    """Install the signal handlers, and put the earlier ones back at the end. Only in the main thread."""
    reader, writer = socket.socketpair()
    reader.setblocking(False)
    writer.setblocking(False)
    earlier = {number: signal.getsignal(number) for number in (*_STOPPING, signal.SIGCHLD)}
    earlier_descriptor = signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)
    for number in _STOPPING:
        if number != signal.SIGHUP or earlier[number] != signal.SIG_IGN:  # nohup asks to outlive the terminal
            signal.signal(number, _raise_stop)
    signal.signal(signal.SIGCHLD, _only_wake)
    try:
        yield Wakeup(reader)
    finally:
        signal.set_wakeup_fd(earlier_descriptor)
        for number, handler in earlier.items():
            signal.signal(number, handler)
        reader.close()
        writer.close()


def _raise_stop(_number: int, _frame: object) -> None:
    raise StopRequested


def _only_wake(_number: int, _frame: object) -> None:
    """The wake-up descriptor has done all there is to do."""
