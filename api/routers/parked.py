"""Parked events: what no subscription could handle, in groups of one cause, and what is decided about them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import Path, Request, Response
from pydantic import ConfigDict, Field, JsonValue
from pydantic.config import JsonDict
from pydantic_core import from_json, to_json

from api.auth import Admitted, Caller
from api.context import context_of
from api.http.idempotency import Outcome, answer_repeatable
from api.http.preference import APPLIED, preferred
from api.http.resource import Answer, Resource, page_answer
from api.openapi.headers import KEY_IF_WANTED, PREFER
from api.queries.access_records import record_access
from api.queries.consistency import HEADER, write_position
from api.schemas.answers import command_answer, json_answer
from api.schemas.fields import Body, Code, Text
from api.schemas.parameters import Paging
from commerce.eventstore import ParkedGroup, ParkedItem, last_failures, parked_groups, parked_items
from commerce.parked import commands
from commerce.parked.commands import MOST_DECIDED_EVENTS, Chosen, Decided
from commerce.values.errors import NotFound
from projections.engine.pages import Page, page_of, read_place, write_cursor
from projections.orders import OrderNumbers, numbers_of

router = Resource("/api/v1/ops/parked", "operation")

Group = Annotated[str, Path(pattern="^[0-9a-f]{12}$", description="As `GET /ops/parked` names it.")]

_GROUP: JsonDict = {
    "group": "4f1d2a9c0b7e",
    "subscription": "orders",
    "error": "eventsourcing.MapperDeserialisationError",
    "place": "projections.orders.fold line 48",
    "problem": "MapperDeserialisationError: ordering.OrderShipped of stream … at version 4 cannot be read",
    "events": 2,
    "waiting": 3,
    "sequences": 2,
    "first_position": 4711,
    "last_position": 4790,
    "first_at": "2026-11-23T14:00:00.500000Z",
    "last_at": "2026-11-23T14:05:00.500000Z",
}

_EVENT: JsonDict = {
    "position": 4711,
    "topic": "ordering.OrderShipped",
    "stream_id": "3f0e4c6e-8f4b-5a0e-9d57-0a4c2f1b7d11",
    "version": 4,
    "correlation_id": "3f0e4c6e-8f4b-5a0e-9d57-0a4c2f1b7d11",
    "number": "7KXM-2PD4",
    "sequence": "3f0e4c6e-8f4b-5a0e-9d57-0a4c2f1b7d11",
    "problem": "MapperDeserialisationError: ordering.OrderShipped cannot be read",
    "attempts": 4,
    "parked_at": "2026-11-23T14:00:00.500000Z",
    "failed_at": "2026-11-23T14:05:00.500000Z",
    "due_at": "2026-11-23T14:06:00.500000Z",
    "payload": {"tracking": 1},
    "is_edited": False,
}

_DECIDED: JsonDict = {"group": "4f1d2a9c0b7e", "subscription": "orders", "positions": [4711, 4790], "position": 4811}

Positions = Annotated[
    list[Annotated[int, Field(ge=1, lt=2**63, strict=True)]], Field(min_length=1, max_length=MOST_DECIDED_EVENTS)
]


@dataclass(frozen=True, slots=True)
class ParkedEventView:
    """One event of a group, as its subscription would read it now; sealed fields stay sealed."""

    position: int
    """Where it stands in the log."""
    topic: str
    """What kind of event it is."""
    stream_id: UUID
    """The stream it stands in."""
    version: int
    """Its number in that stream."""
    correlation_id: UUID | None
    """The order it belongs to; null where it names none."""
    number: str | None
    """What people call that order; null where it names none, and while the list of orders does not show it yet."""
    sequence: str
    """What waits for it: an order, or a stream."""
    problem: str
    """What the error said."""
    attempts: int
    """How often it was tried."""
    parked_at: datetime
    """Since when it is parked."""
    failed_at: datetime
    """When it was tried last."""
    due_at: datetime | None
    """When it is tried again by itself; null where it is not any more."""
    payload: JsonValue
    """What it says; a text where that is no JSON."""
    is_edited: bool
    """Whether that was corrected."""


@dataclass(frozen=True, slots=True)
class ParkedDecided:
    """The decision is on record, and its subscription carries it out within seconds."""

    group: str
    """The group."""
    subscription: str
    """Which subscription it concerns."""
    positions: list[int]
    """The events that it is about; at most 500, so that a larger group takes several."""
    position: int
    """Where the decision stands in the log."""


@dataclass(frozen=True, slots=True)
class ParkedHandled:
    """The subscription has carried the decision out."""

    group: str
    """The group."""
    subscription: str
    """Which subscription it concerns."""
    positions: list[int]
    """The events that it is about; at most 500, so that a larger group takes several."""
    position: int
    """Where the decision stands in the log."""
    still_parked: list[int]
    """Those of the events that failed again, and are parked."""


class ParkedReason(Body):
    """Why, and about which events of the group."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "the stock item was repaired"}]})

    reason: Text
    """Why; personal data stays sealed."""
    positions: Positions | None = None
    """Only these of the group; left out: all of it."""


class ParkedCorrection(Body):
    """What the events are to say instead."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "seven came", "payload": {"quantity": 7}}]})

    reason: Text
    """Why; personal data stays sealed."""
    positions: Positions | None = None
    """Only these of the group; left out: all of it."""
    payload: dict[str, JsonValue] = Field(default_factory=dict)
    """A JSON merge patch (RFC 7396): fields that are replaced, or taken out by null."""
    topic: Code | None = None
    """Another kind of event."""


@router.query("", page_answer(Page[ParkedGroup], _GROUP))
async def list_parked(request: Request, _caller: Admitted, paging: Paging) -> Response:
    """List what is parked, in groups of one kind of error at one place in the code: how many events, since when."""
    found = await parked_groups(context_of(request).store.pool)
    return json_answer(page_of("parked", found, lambda one: (one.first_position, one.group), paging))


@router.query("/{group}", page_answer(Page[ParkedEventView], _EVENT), problems=(404,))
async def list_parked_events(group: Group, request: Request, caller: Admitted, paging: Paging) -> Response:
    """List the events of a group in log order, with what they say and what is wrong."""
    after = 0 if paging.cursor is None else read_place(f"parked {group}", paging.cursor)
    found = await parked_items(context_of(request).store.pool, group, after=after, limit=paging.limit + 1)
    if not found and not after:
        raise NotFound(f"nothing is parked in group {group}")
    shown = found[: paging.limit]
    await record_access(request, caller, [item.correlation_id for item in shown])
    further = write_cursor(f"parked {group}", shown[-1].position) if len(found) > paging.limit else None
    numbers = await numbers_of(context_of(request).store.pool, (item.correlation_id for item in shown))
    return json_answer(Page([_view(item, numbers) for item in shown], further))


_ANSWERS = (
    Answer(ParkedDecided, 202, _DECIDED, (HEADER, APPLIED)),
    Answer(
        ParkedHandled, 200, {**_DECIDED, "still_parked": []}, (HEADER, APPLIED), "The subscription has carried it out."
    ),
)
_PROBLEMS, _READS = (400, 404, 409), (KEY_IF_WANTED, PREFER)


@router.command("POST", "/{group}/retry", *_ANSWERS, problems=_PROBLEMS, reads=_READS)
async def retry_parked(group: Group, asked: ParkedReason, request: Request, caller: Admitted) -> Response:
    """Have events of a group tried again at once, such as after what was in their way has been repaired."""
    store, chosen = context_of(request).store, _chosen(group, asked)
    decide = partial(commands.retry_parked, store, chosen, asked.reason, caller.metadata)
    return await _decided(request, caller, asked, group, decide)


@router.command("POST", "/{group}/discard", *_ANSWERS, problems=_PROBLEMS, reads=_READS)
async def discard_parked(group: Group, asked: ParkedReason, request: Request, caller: Admitted) -> Response:
    """Have a subscription leave events out, for good. They stay in the log; what waits behind them goes on."""
    store, chosen = context_of(request).store, _chosen(group, asked)
    decide = partial(commands.discard_parked, store, chosen, asked.reason, caller.metadata)
    return await _decided(request, caller, asked, group, decide)


@router.command("POST", "/{group}/edit", *_ANSWERS, problems=_PROBLEMS, reads=_READS)
async def edit_parked(group: Group, asked: ParkedCorrection, request: Request, caller: Admitted) -> Response:
    """Have a subscription read events with other fields. They stay in the log as they are; a rebuild reads them alike.

    A field that is sealed stays as it was.
    """
    store, patch = context_of(request).store, commands.Patch(asked.payload, asked.topic)
    decide = partial(commands.edit_parked, store, _chosen(group, asked), patch, asked.reason, caller.metadata)
    return await _decided(request, caller, asked, group, decide)


def _chosen(group: str, asked: ParkedReason | ParkedCorrection) -> Chosen:
    return Chosen(group, None if asked.positions is None else sorted(set(asked.positions)))


async def _decided(
    request: Request,
    caller: Caller,
    asked: ParkedReason | ParkedCorrection,
    group: str,
    decide: Callable[[], Awaitable[Decided]],
) -> Response:
    async def handle() -> Outcome:
        decided = await decide()
        answer = {"group": group, "subscription": decided.subscription, "positions": decided.positions}
        return Outcome(to_json(answer), decided.position)

    outcome = await answer_repeatable(request, caller, asked, handle)
    context, about, answer = context_of(request), dict[str, str](), from_json(outcome.answer)
    (decision,) = await context.store.read_log(outcome.position - 1, outcome.position)

    async def handled() -> ParkedHandled | None:
        failed = await last_failures(context.store.pool, answer["subscription"], answer["positions"])
        if any(at is None or at < decision.recorded_at for at in failed.values()):
            return None
        return ParkedHandled(**answer, position=outcome.position, still_parked=sorted(failed))

    if done := await preferred(request, about, lambda seconds: context.completions.watch(handled, seconds)):
        return json_answer(done, {**about, HEADER: write_position(outcome.position)})
    return command_answer(202, outcome.answer, outcome.position, about)


def _view(item: ParkedItem, numbers: OrderNumbers) -> ParkedEventView:
    return ParkedEventView(
        position=item.position,
        topic=item.topic,
        stream_id=item.stream_id,
        version=item.version,
        correlation_id=item.correlation_id,
        number=numbers.get(item.correlation_id),
        sequence=item.sequence,
        problem=item.problem,
        attempts=item.attempts,
        parked_at=item.parked_at,
        failed_at=item.failed_at,
        due_at=item.due_at,
        payload=_payload(item.state),
        is_edited=item.is_edited,
    )


def _payload(state: bytes) -> JsonValue:
    try:
        found: JsonValue = from_json(state)
    except ValueError:
        return state.decode(errors="replace").replace("\0", "\ufffd")
    return found
