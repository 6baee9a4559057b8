"""Rebuilds an order event by event, with what each event changed in the state of its stream."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from commerce.audit.data import Change, Data, changes, data_of
from commerce.audit.items import Item, items_of
from commerce.audit.personal_data import opened
from commerce.audit.state import StateStep, steps, stream_kind
from commerce.audit.trace import read_order
from commerce.eventstore import Aggregate, LogReader, Recorded


@dataclass(frozen=True, slots=True)
class Replayed:
    """One event, the kind of its stream, and what it changed there."""

    event: Item
    kind: str
    changes: list[Change]


@dataclass(frozen=True, slots=True)
class ReplayEnd:
    """A stream as the replay leaves it."""

    stream_id: UUID
    kind: str
    version: int
    state: Data | None


@dataclass(frozen=True, slots=True)
class Replay:
    """The events of an order that were replayed, and every stream as they leave it."""

    order_id: UUID
    events: list[Replayed]
    streams: list[ReplayEnd]


async def replay(
    log: LogReader,
    order_id: UUID,
    *,
    until_version: int | None = None,
    until_time: datetime | None = None,
    whole: bool = False,
) -> Replay:
    """Replay an order's own stream, or all the streams that its events stand in; personal data stays sealed.

    Of a stream that orders share, such as a stock item, the order's own events are shown.
    """
    if whole:
        events = await read_order(log, order_id, until=until_time)
    else:
        events = await log.read_stream(order_id, until_version=until_version, until_time=until_time)
    wanted = {event.position for event in events}
    taken = [
        step for stream in await _histories(log, events) for step in steps(stream) if step.recorded.position in wanted
    ]
    taken.sort(key=lambda step: step.recorded.position)
    last = {step.recorded.stream: step for step in taken}
    return Replay(order_id, await _shown(taken), [await _ended(step) for step in last.values()])


async def _histories(log: LogReader, events: Sequence[Recorded]) -> list[list[Recorded]]:
    """The streams of some events, up to the last of them."""
    newest = {event.stream: event.originator_version for event in events}
    return [await log.read_stream(stream, until_version=version) for stream, version in newest.items()]


async def _shown(taken: Sequence[StateStep]) -> list[Replayed]:
    items = await items_of(None, [step.recorded for step in taken])
    return [
        Replayed(item, stream_kind(step.recorded), changes(await _data(step.before), await _data(step.after)))
        for item, step in zip(items, taken, strict=True)
    ]


async def _ended(step: StateStep) -> ReplayEnd:
    last = step.recorded
    return ReplayEnd(last.stream, stream_kind(last), last.originator_version, await _data(step.after))


async def _data(state: Aggregate | None) -> Data | None:
    """A state as data; its id and version say nothing that its last event does not say."""
    if state is None:
        return None
    (shown,) = await opened(None, [state])
    return {name: value for name, value in data_of(shown).items() if name not in ("id", "version")}
