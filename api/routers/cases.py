"""Cases: what a person has to decide, who looks after it, and how it was decided."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic import ConfigDict
from pydantic.config import JsonDict

from api.auth import Admitted, Caller
from api.context import context_of
from api.http.accepted_languages import told_answer, told_language
from api.http.resource import Answer, Resource, page_answer
from api.openapi.headers import ACCEPT_LANGUAGE, KEY_IF_WANTED, PROCESS_IF_MATCH, TOLD
from api.orders.person_key import key_of_order
from api.orders.process_change import Decide, ProcessChange
from api.queries.access_records import record_access
from api.queries.consistency import HEADER
from api.queries.told_processes import told_case
from api.routers.orders import order_of_caller
from api.schemas.answers import command_answer
from api.schemas.fields import Body, Code, Owner, OwnerSearch, Text
from api.schemas.parameters import Paging
from commerce.eventstore import PersonKey, Readable, Sealed
from commerce.ordering.number import number_of
from commerce.saga import cases
from commerce.saga.case_events import CaseKind, Resolution
from commerce.values import ids
from commerce.values.errors import NotFound
from projections.engine.pages import Page
from projections.orders import numbers_of
from projections.processes import PROCESSES, CaseView, case_view, find_cases

router = Resource("/api/v1/ops", "operation")

_ORDER = "3f0e4c6e-8f4b-5a0e-9d57-0a4c2f1b7d11"
_CASE: JsonDict = {
    "order_id": _ORDER,
    "number": number_of(45),
    "kind": "undo_rejected",
    "detail": "the payment provider does not let the money go: authorization_not_found",
    "since": "2026-11-23T14:05:00.500000Z",
    "age_s": 420,
    "about": None,
    "answer_by": None,
    "stage": "compensating",
    "waiting_for": "the payment to be let go",
    "money_at_risk": {"amount": "17.80", "currency": "EUR"},
    "owner": "anna",
    "note": "asked the provider, ticket 4711",
    "actions": ["retry", "skip", "assignment", "notes"],
    "further": [],
}
_KEY_MISSING = "key missing"


class AssignCase(Body):
    """Who looks after a case from now on."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"owner": "anna"}]})

    owner: Owner | None = None
    """A name, such as the subject of their token; nobody where it is null or left out."""


class NoteCase(Body):
    """How far somebody is with a case."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"note": "asked the provider, ticket 4711"}]})

    note: Text
    """One line; it is encrypted like a customer's data."""


class ResolveCase(Body):
    """How a case was decided."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "reason": "the bank gave the money back",
                    "resolution": "refunded_by_hand",
                    "reference": "SEPA 2026-11-23/17",
                }
            ]
        }
    )

    reason: Text
    """Why it is closed; it is encrypted like a customer's data."""
    resolution: Resolution = "settled"
    """What was done."""
    reference: Code | None = None
    """Where that stands, such as in the bank's books; encrypted, too."""
    kinds: tuple[CaseKind, ...] = ()
    """Which of an order's cases; all that are open where it is left out."""


@dataclass(frozen=True, slots=True)
class CaseChanged:
    """What was said of a case is on record."""

    order_id: UUID
    """The order."""
    position: int
    """The place in the log."""


_CHANGED = Answer(CaseChanged, 202, {"order_id": _ORDER, "position": 4711}, (HEADER,))
_PROBLEMS = (400, 404, 409, 412)
_READS = (KEY_IF_WANTED, PROCESS_IF_MATCH)


@router.query("/cases", page_answer(Page[CaseView], _CASE, TOLD), reads=(ACCEPT_LANGUAGE,))
async def list_cases(
    request: Request,
    caller: Admitted,
    paging: Paging,
    kind: Annotated[CaseKind | None, Query(description="Only those with an open case of this kind.")] = None,
    owner: Annotated[OwnerSearch | None, Query(description="Only this owner's; empty: nobody's.")] = None,
) -> Response:
    """List the orders about which a person has to decide something: what, since when, and what may be done."""
    context = context_of(request)
    pool = await context.read_models.show(PROCESSES, request)
    page = await find_cases(pool, paging, kind=kind, owner=owner)
    noted = [row for row in page.items if row.note is not None]
    await record_access(request, caller, [row.state.order_id for row in noted])
    notes = await context.store.keys.open_readable([row.note for row in noted if row.note is not None])
    numbers = await numbers_of(context.store.pool, (row.state.order_id for row in page.items))
    now, language = datetime.now(UTC), told_language(request)
    views = [
        case_view(row, numbers.get(row.state.order_id), row.note and _shown(row.note, notes), now) for row in page.items
    ]
    return told_answer(Page([told_case(view, language) for view in views], page.next_cursor), language)


@router.command("POST", "/cases/{order_id}/assignment", _CHANGED, problems=_PROBLEMS, reads=_READS)
async def assign_case(order_id: UUID, assignment: AssignCase, request: Request, caller: Admitted) -> Response:
    """Give an order's case to somebody, or to nobody."""
    return await _changed(request, caller, order_id, assignment, lambda it, _: cases.assign(it, assignment.owner))


@router.command("POST", "/cases/{order_id}/notes", _CHANGED, problems=_PROBLEMS, reads=_READS)
async def note_case(order_id: UUID, note: NoteCase, request: Request, caller: Admitted) -> Response:
    """Note how far you are with an order's case; the list shows the last note, the timeline all of them."""
    return await _changed(request, caller, order_id, note, lambda it, key: cases.add_note(it, key.seal(note.note)))


@router.command("POST", "/processes/{order_id}/resolve", _CHANGED, problems=_PROBLEMS, reads=_READS)
async def resolve_case(order_id: UUID, resolved: ResolveCase, request: Request, caller: Admitted) -> Response:
    """Close an order's case as decided.

    409 while the process still asks for what the case is about: then retry, skip or compensate first.
    """
    return await _changed(
        request,
        caller,
        order_id,
        resolved,
        lambda it, key: cases.resolve(
            it,
            resolved.kinds,
            resolved.resolution,
            key.seal(resolved.reason),
            key.seal(resolved.reference) if resolved.reference else None,
        ),
    )


def _shown(note: Sealed, notes: Readable) -> str:
    if note in notes.erased:
        return str(notes.erased[note])
    return notes.get(note, _KEY_MISSING)


async def _changed(request: Request, caller: Caller, order_id: UUID, body: Body, decide: Decide) -> Response:
    key = await _key(request, caller, order_id)
    outcome = await ProcessChange(order_id, key, body, {"order_id": order_id}, decide).make(request, caller)
    return command_answer(202, outcome.answer, outcome.position)


async def _key(request: Request, caller: Caller, order_id: UUID) -> PersonKey:
    """The key that seals what is written about a case: the order's, or the case's own where there is no order.

    Raises `NotFound` where there is neither.
    """
    store, process_id = context_of(request).store, ids.process_id(order_id)
    try:
        return await key_of_order(store, await order_of_caller(request, caller, order_id))
    except NotFound:
        if not await store.read_stream(process_id):
            raise
        return await store.keys.of(process_id)
