"""What can be done about parked events: try them again, correct what they say, leave them out; each with a reason."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

from pydantic_core import from_json, to_json

from commerce.eventstore import (
    Append,
    EventCorrection,
    EventStore,
    KeyExists,
    Metadata,
    ParkedItem,
    Sealed,
    append_decision,
    edited_state,
    in_stream,
    parked_items,
)
from commerce.parked.events import EditedPayload, ParkedDecision, ParkedDiscarded, ParkedEdited, ParkedRetried
from commerce.parked.intervention_log import intervention_log_id
from commerce.values.errors import InvalidInput, NotFound, StaleVersion, first_line

MOST_DECIDED_EVENTS = 500
"""Events that one decision is about, at most; a larger group takes several."""

_TRIES = 5
"""How often a decision is tried where others are made at the same time."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Parked events of one group that a person decides about: those at `positions` or, without any, all of them."""

    group: str
    positions: Sequence[int] | None = None


@dataclass(frozen=True, slots=True)
class Patch:
    """What events are to say instead: a JSON merge patch (RFC 7396) of their fields, and perhaps another topic."""

    fields: Mapping[str, object]
    topic: str | None = None


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision is on record: about which subscription's events, and where in the log it stands."""

    subscription: str
    positions: tuple[int, ...]
    position: int


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is to be recorded, once its reason is sealed, and what becomes of the events."""

    items: Sequence[ParkedItem]
    corrections: Sequence[EventCorrection] = ()
    edits: tuple[EditedPayload, ...] = ()


async def retry_parked(store: EventStore, chosen: Chosen, reason: str, metadata: Metadata) -> Decided:
    """Have events tried again, at once. Raises `NotFound`, `StaleVersion`, `Unavailable`."""
    plan = _Plan(await _items(store, chosen))
    return await _decide(store, plan, reason, metadata, _retried)


async def discard_parked(store: EventStore, chosen: Chosen, reason: str, metadata: Metadata) -> Decided:
    """Have events left out, for good. Raises `NotFound`, `StaleVersion`, `Unavailable`."""
    items = await _items(store, chosen)
    plan = _Plan(items, [EventCorrection(item.position) for item in items])
    return await _decide(store, plan, reason, metadata, _discarded)


async def edit_parked(store: EventStore, chosen: Chosen, patch: Patch, reason: str, metadata: Metadata) -> Decided:
    """Have events read with other fields, and perhaps another topic; in the log they stay as they are.

    Raises `InvalidInput` where what comes of it cannot be read or changes a sealed field; `NotFound`, `StaleVersion`,
    `Unavailable`.
    """
    items = await _items(store, chosen)
    if any(item.is_message for item in items):
        raise InvalidInput("a message says nothing of its own: what is done is read from the log; retry or discard it")
    edits = tuple(_edited(item, patch) for item in items)
    corrections = [EventCorrection(edit.position, edit.topic, edit.payload.encode()) for edit in edits]
    return await _decide(store, _Plan(items, corrections, edits), reason, metadata, _corrected)


async def _items(store: EventStore, chosen: Chosen) -> list[ParkedItem]:
    items = await parked_items(store.pool, chosen.group, limit=MOST_DECIDED_EVENTS, positions=chosen.positions)
    missing = set(chosen.positions or ()) - {item.position for item in items}
    if missing or not items:
        which = f"event at {', '.join(map(str, sorted(missing)))}" if missing else "event"
        raise NotFound(f"no {which} is parked in group {chosen.group}; look at GET /api/v1/ops/parked again")
    return items


_Recorded = Callable[[str, _Plan, Sealed], ParkedDecision]


async def _decide(store: EventStore, plan: _Plan, reason: str, metadata: Metadata, recorded: _Recorded) -> Decided:
    for _ in range(_TRIES - 1):
        with suppress(StaleVersion, KeyExists):
            return await _try(store, plan, reason, metadata, recorded)
    return await _try(store, plan, reason, metadata, recorded)


async def _try(store: EventStore, plan: _Plan, reason: str, metadata: Metadata, recorded: _Recorded) -> Decided:
    subscription = plan.items[0].subscription
    positions = tuple(item.position for item in plan.items)
    stream = intervention_log_id(subscription)
    key = await store.keys.of(stream)
    decision = recorded(subscription, plan, key.seal(reason))
    events = in_stream([decision], stream, after=len(await store.read_stream(stream)))
    record = Append(events, _order_of(plan.items), metadata, keys=key.new)
    position = await append_decision(store.pool, subscription, positions, plan.corrections, record)
    return Decided(subscription, positions, position)


def _positions(plan: _Plan) -> tuple[int, ...]:
    return tuple(item.position for item in plan.items)


def _retried(subscription: str, plan: _Plan, reason: Sealed) -> ParkedDecision:
    return ParkedRetried(subscription=subscription, positions=_positions(plan), reason=reason)


def _discarded(subscription: str, plan: _Plan, reason: Sealed) -> ParkedDecision:
    return ParkedDiscarded(subscription=subscription, positions=_positions(plan), reason=reason)


def _corrected(subscription: str, plan: _Plan, reason: Sealed) -> ParkedDecision:
    return ParkedEdited(subscription=subscription, positions=_positions(plan), edits=plan.edits, reason=reason)


def _edited(item: ParkedItem, patch: Patch) -> EditedPayload:
    """What an event says with a patch. Raises `InvalidInput`."""
    topic = patch.topic or item.topic
    payload = merge_patch(_payload(item.state), patch.fields)
    try:
        edited = edited_state(item.stream_id, item.version, topic, to_json(payload), item.state)
    except ValueError as error:
        raise InvalidInput(f"the event at {item.position} cannot be read like that: {first_line(error)}") from None
    return EditedPayload(position=item.position, topic=topic, payload=edited.decode())


def _payload(state: bytes) -> object:
    """A payload's fields; nothing of one that is no JSON."""
    try:
        return from_json(state)
    except ValueError:
        return {}


def merge_patch(target: object, patch: object) -> object:
    """A value with a JSON merge patch applied (RFC 7396): fields are replaced, and taken out by null."""
    if not isinstance(patch, Mapping):
        return patch
    fields = dict(target) if isinstance(target, Mapping) else {}
    for name, value in patch.items():
        if value is None:
            fields.pop(name, None)
        else:
            fields[name] = merge_patch(fields.get(name), value)
    return fields


def _order_of(items: Sequence[ParkedItem]) -> UUID | None:
    """The order that a decision is about, where it is about one."""
    orders = {item.correlation_id for item in items}
    return orders.pop() if len(orders) == 1 else None
