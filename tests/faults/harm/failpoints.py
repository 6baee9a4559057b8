"""Named points of a process at which it may be killed: before and after each append, commit of a subscription,
message published or acknowledged, call of a party, and mail.

A point is named after what is done there, as in `saga before append saga.StockRequested`. Each is noted in the
file `reached` the first time; a process kills itself (SIGKILL) at a point that stands in the file `armed`, once in all
processes, as the folder `fired` tells.
"""

from __future__ import annotations

import functools
import os
import signal
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from types import ModuleType
from typing import Any

from tests.faults.harm.import_hook import Patch

Names = Callable[..., Iterable[str]]
"""What a call is about, from its arguments."""


class Failpoints:
    """The points of one process."""

    def __init__(self, folder: Path, process: str) -> None:
        self._folder = folder
        self._process = process
        self._seen: set[str] = set()
        self._armed: tuple[int, frozenset[str]] = (0, frozenset())

    def reach(self, moment: str, what: str) -> None:
        """Note a point, and end here if it is armed and has not fired."""
        point = f"{self._process} {moment} {what}"
        if point not in self._seen:
            self._seen.add(point)
            with (self._folder / "reached").open("a", encoding="utf-8") as file:
                file.write(point + "\n")
        if point in self._armed_now():
            try:
                (self._folder / "fired" / point.replace("/", "_")).touch(exist_ok=False)
            except FileExistsError:
                return
            os.kill(os.getpid(), signal.SIGKILL)

    def _armed_now(self) -> frozenset[str]:
        try:
            changed = (self._folder / "armed").stat().st_mtime_ns
        except FileNotFoundError:
            return frozenset()
        if changed != self._armed[0]:
            lines = (self._folder / "armed").read_text(encoding="utf-8").splitlines()
            self._armed = (changed, frozenset(lines))
        return self._armed[1]


def patches(folder: Path, process: str) -> list[Patch]:
    """What makes the points of a process known."""
    points = Failpoints(folder, process)

    def around(qualified_name: str, names: Names) -> Callable[[ModuleType], None]:
        def patch(module: ModuleType) -> None:
            *classes, name = qualified_name.split(".")
            owner: Any = functools.reduce(getattr, classes, module)
            setattr(owner, name, _watched(getattr(owner, name), names, points))

        return patch

    return [(module, around(name, names)) for module, name, names in _PLACES]


def _watched(original: Callable[..., Awaitable[Any]], names: Names, points: Failpoints) -> Callable[..., Any]:
    @functools.wraps(original)
    async def watched(*arguments: Any, **named: Any) -> Any:
        found = list(dict.fromkeys(names(*arguments, **named)))
        for what in found:
            points.reach("before", what)
        result = await original(*arguments, **named)
        for what in found:
            points.reach("after", what)
        return result

    return watched


def _appended(appends: Iterable[Any]) -> list[str]:
    return [f"append {event.TOPIC}" for append in appends for event in append.events]


def _committed(_self: Any, together: Iterable[Any]) -> list[str]:
    topics = [name for each in together for name in _appended(each.work.appends)]
    return topics or [f"commit {each.partition.partition(':')[0]}" for each in together]


_PLACES: list[tuple[str, str, Names]] = [
    ("commerce.eventstore.append.session", "append_each", lambda _connection, commands: _appended(commands)),
    ("commerce.eventstore.store", "EventStore.remember", lambda _self, *_: ["remember a request"]),
    ("commerce.eventstore.subscriptions.commits", "Committer._transaction", _committed),
    (
        "workers.outbox.publisher",
        "Publisher.publish",
        lambda _self, messages: [f"publish {message.subject}" for message in messages],
    ),
    (
        "workers.gateways.http_caller",
        "HttpCaller.post",
        lambda _self, path, *_: [f"call {path.rpartition('/')[2]}"],
    ),
    ("nats.aio.msg", "Msg.ack", lambda message, *_: [f"acknowledge {message.subject}"]),
    ("workers.gateways.mail", "FileOutbox.put", lambda _self, mail: [f"mail {mail.occasion}"]),
]
"""Module, function, and what it is about."""
