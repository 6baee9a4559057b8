"""Keeps a list of processes running: starts what has ended again, and ends all of them in order."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable, Container, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Protocol

from commerce.cli.wakeup import Wakeup
from commerce.errors import CommerceError, Unavailable

_LIVED_LONG_SECONDS = 10.0
_FIRST_DELAY_SECONDS = 0.5
_LONGEST_DELAY_SECONDS = 30.0
_TICK_SECONDS = 30.0
_HOPELESS_ENDINGS = 3
_HEALTH_POLL_SECONDS = 0.2
_LOG_BYTES = 10_000_000
_WORDS = 50
_WRONG = ("warning", "error", "critical")
_SERVER_ENDS = "Application startup failed. Exiting."
"""Lines of a log in which it is looked for what was wrong, its levels there, and what the server adds to it each time."""

Say = Callable[[str], None]


class Startable(Protocol):
    """What can be kept running: an embedded server, or a process of ours."""

    @property
    def pid(self) -> int | None: ...
    def start(self) -> object: ...
    def poll(self) -> int | None: ...
    def stop(self) -> None: ...


class Checkable(Startable, Protocol):
    """What also says whether it is well."""

    def url(self) -> str: ...
    def problem(self) -> str | None: ...


@dataclass(slots=True)
class _Kept:
    name: str
    thing: Startable
    stage: int
    url: Callable[[], str] | None
    started_at: float = 0.0
    delay: float = _FIRST_DELAY_SECONDS
    endings: int = 0
    due_at: float | None = None

    def runs(self) -> bool:
        return self.thing.pid is not None and self.thing.poll() is None

    def described(self) -> dict[str, object]:
        described: dict[str, object] = {"name": self.name, "pid": self.thing.pid}
        return described | {"url": self.url()} if self.url else described


@dataclass(slots=True)
class Supervisor:
    """What runs, in the order it was started. `changed` is called after every start, `say` with what happened."""

    wakeup: Wakeup
    logs: Path
    say: Say
    changed: Callable[[], None]
    _kept: list[_Kept] = field(default_factory=list)

    def start(self, name: str, thing: Startable, *, stage: int, url: Callable[[], str] | None = None) -> None:
        """Start a thing and keep it running from now on; things of one stage are ended together, higher stages first."""
        kept = _Kept(name, thing, stage, url)
        self._kept.append(kept)
        self._start(kept)

    def processes(self) -> list[dict[str, object]]:
        """Name, pid and address of everything that was started."""
        return [kept.described() for kept in self._kept]

    def await_healthy(self, things: Iterable[tuple[str, Checkable]], seconds: float) -> None:
        """Wait until each is well, keeping all running meanwhile.

        Raises `Unavailable`, naming the first that is not well in time, or that ends again and again.
        """
        deadline = time.monotonic() + seconds
        waiting = dict(things)
        while waiting:
            self.tend()
            self._refuse_hopeless(waiting)
            problems = {name: thing.problem() for name, thing in waiting.items()}
            for name in [name for name, problem in problems.items() if problem is None]:
                self.say(f"  {name} is well at {waiting.pop(name).url()}")
            if waiting and time.monotonic() > deadline:
                name = next(iter(waiting))
                raise Unavailable(
                    f"{name} is not well after {seconds:.0f} s: {problems[name]}; see {self.logs / name}.log"
                )
            if waiting:
                self.wakeup.wait(_HEALTH_POLL_SECONDS)

    def _refuse_hopeless(self, waiting: Container[str]) -> None:
        for kept in self._kept:
            if kept.name in waiting and kept.endings >= _HOPELESS_ENDINGS:
                log = self.logs / f"{kept.name}.log"
                raise Unavailable(f"{kept.name} ends whenever it is started: {last_words(log)}; see {log}")

    def keep_running(self) -> None:
        """Keep everything running until `StopRequested`."""
        while True:
            self.tend()
            self._bound_logs()
            due = [kept.due_at for kept in self._kept if kept.due_at is not None]
            self.wakeup.wait(min([_TICK_SECONDS, *(at - time.monotonic() for at in due)]))

    def tend(self) -> None:
        """Notice what has ended, and start again what is due; what ends at once waits longer each time."""
        for kept in self._kept:
            now = time.monotonic()
            if kept.due_at is None and kept.thing.poll() is not None:
                self._schedule(kept, now)
            if kept.due_at is not None and kept.due_at <= now:
                self._restart(kept)

    def stop(self) -> None:
        """End everything, the latest stage first; what does not end in time is killed."""
        self.wakeup.ignore_stops()
        running = sorted((kept for kept in self._kept if kept.runs()), key=lambda kept: -kept.stage)
        for _, stage in groupby(running, key=lambda kept: kept.stage):
            together = list(stage)
            self.say(f"stopping {', '.join(kept.name for kept in together)}")
            with ThreadPoolExecutor(len(together)) as pool:
                list(pool.map(lambda kept: kept.thing.stop(), together))
        if running:
            self.say("everything has ended")

    def _schedule(self, kept: _Kept, now: float) -> None:
        kept.endings += 1
        lived = now - kept.started_at
        lived_long = lived > _LIVED_LONG_SECONDS
        delay = 0.0 if lived_long else kept.delay
        kept.due_at = now + delay
        kept.delay = _FIRST_DELAY_SECONDS if lived_long else min(delay * 2, _LONGEST_DELAY_SECONDS)
        log = self.logs / f"{kept.name}.log"
        again = f"again in {delay:.1f} s" if delay else "started again"
        self.say(f"{kept.name} ended ({_ending(kept.thing.poll())}) after {lived:.1f} s; {again}, see {log}")

    def _restart(self, kept: _Kept) -> None:
        try:
            self._start(kept)
        except CommerceError as error:
            self.say(f"{kept.name} does not start: {error}; again in {kept.delay:.1f} s")
            kept.due_at = time.monotonic() + kept.delay
            kept.delay = min(kept.delay * 2, _LONGEST_DELAY_SECONDS)

    def _start(self, kept: _Kept) -> None:
        kept.thing.start()
        kept.started_at = time.monotonic()
        kept.due_at = None
        self.changed()

    def _bound_logs(self) -> None:
        """Keep one earlier part of each log that has grown large; what is written while it is copied may be lost."""
        for path in self.logs.glob("*.log"):
            if path.stat().st_size > _LOG_BYTES:
                shutil.copyfile(path, path.with_name(f"{path.name}.1"))
                os.truncate(path, 0)


def last_words(log: Path) -> str:
    """What a process said last of what is wrong, or else last of all; its log has a JSON document or plain words on each line."""
    lines = (
        [line for line in log.read_text(encoding="utf-8", errors="replace").split("\n") if line.strip()]
        if log.exists()
        else []
    )
    wrong = (words for line in reversed(lines[-_WORDS:]) if (words := _what_is_wrong(line)))
    return next(wrong, lines[-1] if lines else "it said nothing")[:500]


def _what_is_wrong(line: str) -> str | None:
    try:
        said = json.loads(line)
    except ValueError:
        return line
    if not isinstance(said, dict) or said.get("level") not in _WRONG or said.get("event") == _SERVER_ENDS:
        return None
    return str(said.get("event")).rstrip().rpartition("\n")[2]


def _ending(code: int | None) -> str:
    return f"signal {-code}" if code is not None and code < 0 else f"exit code {code}"
