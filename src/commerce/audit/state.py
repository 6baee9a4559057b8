"""Rebuilds the state of any stream, at any version or time: the one function that routes, the command line and
tests use."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from commerce.events import STREAM_KIND_OF
from commerce.eventstore import Aggregate, LogReader, Recorded


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """A stream as its events up to `last` leave it; `state` is None where they leave nothing."""

    kind: str
    first: Recorded
    last: Recorded
    state: Aggregate | None


@dataclass(frozen=True, slots=True)
class StateStep:
    """One event, and the state of its stream before and after it."""

    recorded: Recorded
    before: Aggregate | None
    after: Aggregate | None


async def rebuild_state(
    log: LogReader, stream: UUID, *, until_version: int | None = None, until_time: datetime | None = None
) -> Rebuilt | None:
    """The state of a stream now, or as it was at a version or a time; None without events by then.

    At a time it is what the greatest position of the log that was not recorded later leaves, as times never run
    backwards.
    """
    return rebuilt(await log.read_stream(stream, until_version=until_version, until_time=until_time))


def rebuilt(history: Sequence[Recorded]) -> Rebuilt | None:
    """The state that a stream's events, from its first on, leave; None where there are none."""
    last = None
    for last in steps(history):  # noqa: B007 - the last one is what is wanted
        pass
    return None if last is None else Rebuilt(stream_kind(history[0]), history[0], last.recorded, last.after)


def steps(history: Sequence[Recorded]) -> Iterator[StateStep]:
    """A stream's events, from its first on, one by one, with what each makes of the state. Raises the library's
    `MapperDeserialisationError` and `TopicError` for one that cannot be read."""
    before: Aggregate | None = None
    for recorded in history:
        event = recorded.event  # raises what says why it cannot be read, also for a topic without a kind
        after = STREAM_KIND_OF[recorded.topic].evolve(before, event)
        yield StateStep(recorded, before, after)
        before = after


def stream_kind(recorded: Recorded) -> str:
    """What kind of stream an event belongs to."""
    return STREAM_KIND_OF[recorded.topic].name
