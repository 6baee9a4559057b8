"""Ends a process that is alive but useless, by its own judgement, so that its supervisor restarts it."""

from __future__ import annotations

import asyncio
import faulthandler
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import structlog

STUCK_S = 10.0
"""Seconds for which a problem that only a new start mends is looked at before the process ends."""

_END_WITHIN_S = 15.0
"""Seconds that the orderly end may take; then the process ends at once, as if it had been killed."""

_PING_EVERY_S = 5.0
_PINGS_UNANSWERED = 12
"""A loop that leaves this many pings in a row unanswered is blocked; a process that was frozen misses one when it
wakes."""

_EXIT_CODE = 70
_log = structlog.get_logger(__name__)


class Stuck(str):
    """A problem that waits for nothing and nobody, so that only a new start mends it. Never one that a server's
    return mends."""

    __slots__ = ()


class Watchdog:
    """Looks at a process's problems each time they are known; `end` is called once one of them has stayed stuck."""

    def __init__(self, end: Callable[[], None] | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._end = end or _end
        self._clock = clock
        self._since: float | None = None

    def look(self, problems: Mapping[str, str]) -> None:
        """Take note of the present problems."""
        stuck = {part: str(problem) for part, problem in problems.items() if isinstance(problem, Stuck)}
        now = self._clock()
        if not stuck:
            self._since = None
            return
        self._since = now if self._since is None else self._since
        if now - self._since >= STUCK_S:
            _log.critical("this process is of no use any more and ends, to be started again", problems=stuck)
            self._since = None
            self._end()


def _end() -> None:
    """In order if that is possible; else at once, which loses nothing that was acknowledged."""
    timer = threading.Timer(_END_WITHIN_S, os._exit, [_EXIT_CODE])
    timer.daemon = True
    timer.start()
    signal.raise_signal(signal.SIGTERM)


@contextmanager
def watched_loop() -> Iterator[None]:
    """End the process where its event loop, the running one, is blocked for good while the block runs."""
    loop, over = asyncio.get_running_loop(), threading.Event()
    thread = threading.Thread(target=_ping, args=(loop, over), name="watchdog", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()


def _ping(loop: asyncio.AbstractEventLoop, over: threading.Event) -> None:
    unanswered = 0
    while not over.wait(_PING_EVERY_S):
        answered = threading.Event()
        try:
            loop.call_soon_threadsafe(answered.set)
        except RuntimeError:  # the loop has been closed
            return
        unanswered = 0 if answered.wait(_PING_EVERY_S) else unanswered + 1
        if unanswered >= _PINGS_UNANSWERED and not over.is_set():
            sys.stderr.write("the event loop is blocked; this process ends, to be started again\n")
            faulthandler.dump_traceback(sys.stderr)
            os._exit(_EXIT_CODE)
