"""Rebuilds an order before one's eyes: fact by fact, with what each changed in the state of its stream."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from commerce.audit.data import Change, Data, changes, data_of
from commerce.audit.items import Item, items_of
from commerce.audit.opening import opened
from commerce.audit.state import Step, kind_of, steps
from commerce.audit.trace import read_order
from commerce.eventstore.reading import LogReader
from commerce.eventstore.records import Recorded


@dataclass(frozen=True, slots=True)
class Replayed:
    """One fact, the kind of its stream, and what it changed there."""

    fact: Item
    kind: str
    changes: list[Change]


@dataclass(frozen=True, slots=True)
class Ended:
    """A stream as the replay leaves it."""

    stream_id: UUID
    kind: str
    version: int
    state: Data | None


@dataclass(frozen=True, slots=True)
class Replay:
    """The facts of an order that were replayed, and every stream as they leave it."""

    order_id: UUID
    facts: list[Replayed]
    streams: list[Ended]


async def replay(
    log: LogReader,
    order_id: UUID,
    *,
    until_version: int | None = None,
    until_time: datetime | None = None,
    whole: bool = False,
) -> Replay:
    """Replay an order's own stream, or all the streams that its facts stand in; personal data stays sealed.

    Of a stream that orders share, such as a stock item, the order's own facts are shown.
    """
    if whole:
        facts = await read_order(log, order_id, until=until_time)
    else:
        facts = await log.read_stream(order_id, until_version=until_version, until_time=until_time)
    wanted = {fact.position for fact in facts}
    taken = [
        step for stream in await _histories(log, facts) for step in steps(stream) if step.recorded.position in wanted
    ]
    taken.sort(key=lambda step: step.recorded.position)
    last = {step.recorded.stream: step for step in taken}
    return Replay(order_id, await _shown(taken), [await _ended(step) for step in last.values()])


async def _histories(log: LogReader, facts: Sequence[Recorded]) -> list[list[Recorded]]:
    """The streams of some facts, up to the last of them."""
    newest = {fact.stream: fact.originator_version for fact in facts}
    return [await log.read_stream(stream, until_version=version) for stream, version in newest.items()]


async def _shown(taken: Sequence[Step]) -> list[Replayed]:
    items = await items_of(None, [step.recorded for step in taken])
    return [
        Replayed(item, kind_of(step.recorded), changes(await _data(step, "before"), await _data(step, "after")))
        for item, step in zip(items, taken, strict=True)
    ]


async def _ended(step: Step) -> Ended:
    last = step.recorded
    return Ended(last.stream, kind_of(last), last.originator_version, await _data(step, "after"))


async def _data(step: Step, when: str) -> Data | None:
    """The state before or after a fact; its id and version say nothing that the fact does not say."""
    state = step.before if when == "before" else step.after
    if state is None:
        return None
    (shown,) = await opened(None, [state])
    return {name: value for name, value in data_of(shown).items() if name not in ("id", "version")}
