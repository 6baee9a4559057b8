"""Our writers: tasks of one process that append as fast as they are answered; a program of load (see `bench.load`)."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any, ClassVar
from uuid import UUID

import uvloop

from bench.servers import MASTER_KEY
from commerce.eventstore import Append, Event, EventStore, Metadata, open_store
from commerce.values import ids
from commerce.values.errors import StaleVersion

_WHO = Metadata("service:bench", "request")
_TEXT = "t" * 390


class Written(Event):
    """An event of about 400 bytes."""

    TOPIC: ClassVar[str] = "bench.Written"

    text: str


@dataclass
class Writers:
    """So many writers, and what became of their commands; the share `conflicts` of these repeats another writer's."""

    store: EventStore
    conflicts: float
    done: int = 0
    stale: int = 0
    _due: float = 0.0
    _newest: deque[UUID] = field(default_factory=lambda: deque(maxlen=32))

    async def run(self, writers: int, seconds: float) -> float:
        """Append for so long; answers the seconds it took."""
        self.done = self.stale = 0
        began = time.perf_counter()
        await asyncio.gather(*(self._write(began + seconds) for _ in range(writers)))
        return time.perf_counter() - began

    async def _write(self, until: float) -> None:
        while time.perf_counter() < until:
            try:
                await self.store.append(command(self._stream()))
                self.done += 1
            except StaleVersion:
                self.stale += 1

    def _stream(self) -> UUID:
        """A new stream, or one that another command has begun or is about to begin."""
        self._due += self.conflicts
        if self._due >= 1 and self._newest:
            self._due -= 1
            return self._newest.popleft()
        stream = ids.new_order_id()
        self._newest.append(stream)
        return stream


def command(stream: UUID) -> Append:
    """Two events that begin a stream."""
    events = [Written(originator_id=stream, originator_version=version, text=_TEXT) for version in (1, 2)]
    return Append(events, stream, _WHO)


async def _main(options: dict[str, Any]) -> None:
    async with open_store(options["address"], MASTER_KEY, "bench") as store:
        writers = Writers(store, options.get("conflicts", 0.0))
        await writers.run(options["writers"], options.get("warm_up", 0.2))
        print("ready", flush=True)
        sys.stdin.readline()
        seconds = await writers.run(options["writers"], options["seconds"])
        print(json.dumps({"done": writers.done, "stale": writers.stale, "seconds": seconds}), flush=True)


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:  # as all our processes do
        runner.run(_main(json.loads(sys.argv[1])))
