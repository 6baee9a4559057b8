"""Keeps a list of processes running: starts again what has ended or is useless, and ends all of them in order."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable, Container, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Protocol

from commerce.cli.system.signals import Wakeup
from commerce.embedded.probe import Useless
from commerce.values.errors import CommerceError, Unavailable

_LIVED_LONG_S = 10.0
_FIRST_DELAY_S = 0.5
_LONGEST_DELAY_S = 30.0
_LOOK_INTERVAL_S = 2.0
_LARGEST_DELAY_FACTOR = 16
"""A process that was restarted because it was useless is given twice as long the next time, at most this many times as
long."""
_LONG_USEFUL_S = 300.0
_HOPELESS_EXITS = 3
SETTLED_AFTER_S = 30.0
"""A worker that answers, and is not well for so long, is told of, and nobody waits for it any more."""
_HEALTH_POLL_S = 0.2
_LOG_BYTES = 10_000_000
_WORDS = 50
_WRONG = ("warning", "error", "critical")
_SERVER_ENDS = "Application startup failed. Exiting."
"""Lines of a log in which it is looked for what was wrong, its levels there, and what the server adds to it each
time."""

Say = Callable[[str], None]


class Startable(Protocol):
    """What can be kept running: an embedded server, or a process of this system."""

    @property
    def pid(self) -> int | None: ...
    def start(self) -> object: ...
    def poll(self) -> int | None: ...
    def stop(self) -> None: ...

    def useless(self) -> Useless | None:
        """Why it is of no use although it is alive, where only a new start helps: it waits for nothing and nobody."""
        ...

    def can_start(self) -> str | None:
        """What keeps a new start from helping now; None where nothing does."""
        ...


class Checkable(Startable, Protocol):
    """What also says whether it is well."""

    def url(self) -> str: ...
    def problem(self) -> str | None: ...
    def answers(self) -> bool: ...


@dataclass(slots=True)
class _Kept:
    name: str
    thing: Startable
    stage: int
    url: Callable[[], str] | None
    started_at: float = 0.0
    delay: float = _FIRST_DELAY_S
    endings: int = 0
    due_at: float | None = None
    useless_since: float | None = None
    delay_factor: int = 1
    held_back: str | None = None

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
        """Start a thing and keep it running from now on; things of one stage are ended together, higher stages
        first."""
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
            problems = self._take_well(waiting)
            if waiting and time.monotonic() > deadline:
                name = next(iter(waiting))
                raise Unavailable(
                    f"{name} is not well after {seconds:.0f} s: {problems[name]}; see {self.logs / name}.log"
                )
            if waiting:
                self.wakeup.wait(_HEALTH_POLL_S)

    def await_settled(self, things: Iterable[tuple[str, Checkable]], seconds: float) -> list[str]:
        """Wait until each is well, or says for long why it is not; answers the names of those that are not well.

        None of them ends anything: what can go on without them does, and they are kept running.
        """
        deadline = time.monotonic() + seconds
        waiting = dict(things)
        answering: dict[str, float] = {}
        unwell: list[str] = []
        while waiting:
            self.tend()
            problems = self._take_well(waiting)
            now = time.monotonic()
            for name, thing in list(waiting.items()):
                if thing.answers():
                    answering.setdefault(name, now)
                if now > min(deadline, answering.get(name, deadline) + SETTLED_AFTER_S) or self._is_hopeless(name):
                    unwell.append(name)
                    log = self.logs / f"{name}.log"
                    said = last_words(log) if self._is_hopeless(name) else problems[name]
                    self.say(f"  {name} is NOT well: {said}; it is kept running, all else goes on; see {log}")
                    del waiting[name]
            if waiting:
                self.wakeup.wait(_HEALTH_POLL_S)
        return unwell

    def _take_well(self, waiting: dict[str, Checkable]) -> dict[str, str | None]:
        """Take out those that are well, and answer what is wrong with each."""
        problems = {name: thing.problem() for name, thing in waiting.items()}
        for name in [name for name, problem in problems.items() if problem is None]:
            self.say(f"  {name} is well at {waiting.pop(name).url()}")
        return problems

    def _is_hopeless(self, name: str) -> bool:
        return any(kept.name == name and kept.endings >= _HOPELESS_EXITS for kept in self._kept)

    def _refuse_hopeless(self, waiting: Container[str]) -> None:
        for kept in self._kept:
            if kept.name in waiting and kept.endings >= _HOPELESS_EXITS:
                log = self.logs / f"{kept.name}.log"
                raise Unavailable(f"{kept.name} ends whenever it is started: {last_words(log)}; see {log}")

    def keep_running(self) -> None:
        """Keep everything running until `StopRequested`."""
        while True:
            self.tend()
            self.replace_useless()
            self._bound_logs()
            due = [kept.due_at for kept in self._kept if kept.due_at is not None]
            self.wakeup.wait(min([_LOOK_INTERVAL_S, *(at - time.monotonic() for at in due)]))

    def replace_useless(self) -> None:
        """Look whether what is alive is of use, and end what has not been for long; `tend` starts it again."""
        alive = [kept for kept in self._kept if kept.runs()]
        if not alive:
            return
        with ThreadPoolExecutor(len(alive)) as pool:
            found = list(pool.map(lambda kept: kept.thing.useless(), alive))
        for kept, useless in zip(alive, found, strict=True):
            self._judge(kept, useless, time.monotonic())

    def _judge(self, kept: _Kept, useless: Useless | None, now: float) -> None:
        if useless is None:
            kept.useless_since = None
            if now - kept.started_at > _LONG_USEFUL_S:
                kept.delay_factor = 1
            return
        kept.useless_since = kept.useless_since or now
        lasted = now - kept.useless_since
        if lasted < useless.after_s * kept.delay_factor:
            return
        obstacle = kept.thing.can_start()
        if obstacle is None:
            self.say(
                f"{kept.name} is alive and of no use for {lasted:.0f} s: {useless.why}; it is ended, and started again"
            )
            kept.delay_factor = min(kept.delay_factor * 2, _LARGEST_DELAY_FACTOR)
            kept.useless_since = None
            kept.thing.stop()
        elif obstacle != kept.held_back:
            self.say(
                f"{kept.name} is alive and of no use: {useless.why}; it is started again as soon as possible: "
                f"{obstacle}"
            )
        kept.held_back = obstacle

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
        lived_long = lived > _LIVED_LONG_S
        delay = 0.0 if lived_long else kept.delay
        kept.due_at = now + delay
        kept.delay = _FIRST_DELAY_S if lived_long else min(delay * 2, _LONGEST_DELAY_S)
        log = self.logs / f"{kept.name}.log"
        again = f"again in {delay:.1f} s" if delay else "started again"
        self.say(f"{kept.name} ended ({_exit_text(kept.thing.poll())}) after {lived:.1f} s; {again}, see {log}")

    def _restart(self, kept: _Kept) -> None:
        try:
            self._start(kept)
        except (CommerceError, OSError) as error:
            self.say(f"{kept.name} does not start: {error}; again in {kept.delay:.1f} s")
            kept.due_at = time.monotonic() + kept.delay
            kept.delay = min(kept.delay * 2, _LONGEST_DELAY_S)

    def _start(self, kept: _Kept) -> None:
        kept.thing.start()
        kept.started_at = time.monotonic()
        kept.due_at = kept.useless_since = None
        self._tell_changed(kept)

    def _tell_changed(self, kept: _Kept) -> None:
        try:
            self.changed()
        except OSError as error:  # where the disk is full, the next start tells it; what runs goes on
            self.say(f"{kept.name} was started, and where everything is could not be written down: {error.strerror}")

    def _bound_logs(self) -> None:
        """Keep one earlier part of each log that has grown large; what is written while it is copied may be lost."""
        for path in self.logs.glob("*.log"):
            if path.stat().st_size > _LOG_BYTES:
                with suppress(OSError):  # on a full disk there is no room for the earlier part
                    shutil.copyfile(path, path.with_name(f"{path.name}.1"))
                os.truncate(path, 0)


def last_words(log: Path) -> str:
    """What a process said last of what is wrong, or else last of all; its log has a JSON document or plain words
    on each line."""
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


def _exit_text(code: int | None) -> str:
    return f"signal {-code}" if code is not None and code < 0 else f"exit code {code}"
