"""The erasure of people's data: requested by themselves or by an operator, shown, and listed until it is complete."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic_core import to_json
from starlette.responses import StreamingResponse

from api.auth import Admitted, Caller
from api.context import context_of
from api.http.preference import APPLIED, preferred
from api.http.resource import Answer, Resource, page_answer
from api.openapi.headers import PREFER
from api.queries.access_records import record_access
from api.queries.consistency import HEADER, write_position
from api.queries.person_export import export_parts
from api.routers.customers import shown_customer
from api.routers.orders import order_of_caller
from api.schemas.answers import command_answer, json_answer
from api.schemas.erasures import (
    EXAMPLE_ACCEPTED_ERASURE,
    EXAMPLE_ERASURE,
    EXAMPLE_OPEN_ERASURE,
    EraseData,
    ErasureAccepted,
    ErasureView,
    ListedErasure,
    erasure_view,
)
from api.schemas.parameters import Paging
from api.schemas.person_export import EXAMPLE_EXPORT, PersonExport
from commerce.customers.commands import load_customer
from commerce.customers.erasure import ErasureStatus, Person
from commerce.customers.erasure_commands import RecordedErasure, find_erasure, load_erasure, request_erasure
from commerce.values.errors import NotFound, RuleBroken
from projections.engine.pages import Page
from projections.erasures import ERASURES, ErasureRow, find_erasures
from projections.orders import ORDERS, has_ordered

router = Resource("/api/v1", "customers")

_ACCEPTED = (
    Answer(ErasureAccepted, 202, EXAMPLE_ACCEPTED_ERASURE, ("Location", HEADER, APPLIED)),
    Answer(ErasureView, 200, EXAMPLE_ERASURE, ("Location", HEADER, APPLIED), "All is erased."),
)
_SHOWN = Answer(ErasureView, example=EXAMPLE_ERASURE)


class OrderOfCustomer(RuleBroken):
    """The order is a customer's: the data is erased with all of theirs."""

    def __init__(self, customer_id: UUID) -> None:
        super().__init__(f"the order is of customer {customer_id}; erase theirs: POST {_customer_path(customer_id)}")


@router.command("POST", "/customers/{customer_id}/erasure", *_ACCEPTED, problems=(400, 404, 409), reads=(PREFER,))
async def erase_customer(customer_id: UUID, command: EraseData, request: Request, caller: Admitted) -> Response:
    """Have everything personal of a customer erased, as soon as their orders have ended.

    From now on they place no order, and nobody logs in as them. A request that is sent again gets the same answer.
    """
    await _require_person(request, caller, customer_id)
    return await _requested(request, caller, Person(customer_id), command, _customer_path(customer_id))


@router.query("/customers/{customer_id}/erasure", _SHOWN, problems=(404,))
async def get_customer_erasure(customer_id: UUID, request: Request, caller: Admitted) -> Response:
    """See how far the erasure of a customer's data is, and what was erased."""
    caller.must_own(customer_id, f"customer {customer_id}")
    return await _shown(request, Person(customer_id))


@router.query(
    "/customers/{customer_id}/export",
    Answer(PersonExport, example=EXAMPLE_EXPORT),
    problems=(404,),
)
async def export_customer(customer_id: UUID, request: Request, caller: Admitted) -> Response:
    """Get everything about a customer as one document: who they are, their orders and what happened to each, what
    happened to their account, and who, by role, looked at their data.

    It is written as it is read; one that was cut off is no whole JSON.
    """
    await _require_person(request, caller, customer_id)
    context = context_of(request)
    await context.read_models.show(ORDERS, request)
    await record_access(request, caller, (), [customer_id])
    shown = await shown_customer(context.store, customer_id)
    customer = to_json(None if shown is None else shown.model_dump())
    parts = export_parts(context, customer_id, customer, partial(record_access, request, caller))
    name = f"customer-{customer_id}.json"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return StreamingResponse(parts, headers=headers, media_type="application/json")


@router.command("POST", "/orders/{order_id}/erasure", *_ACCEPTED, problems=(400, 404, 409), reads=(PREFER,))
async def erase_guest(order_id: UUID, command: EraseData, request: Request, caller: Admitted) -> Response:
    """Have everything personal of a guest's order erased, as soon as it has ended. 409 for an order of a customer."""
    order = await order_of_caller(request, caller, order_id)
    if order.state.customer_id is not None:
        raise OrderOfCustomer(order.state.customer_id)
    return await _requested(request, caller, Person(order_id, "guest"), command, f"/api/v1/orders/{order_id}/erasure")


@router.query("/orders/{order_id}/erasure", _SHOWN, problems=(404,))
async def get_guest_erasure(order_id: UUID, request: Request, _caller: Admitted) -> Response:
    """See how far the erasure of a guest's data is, and what was erased."""
    return await _shown(request, Person(order_id, "guest"))


@router.query("/ops/erasures", page_answer(Page[ListedErasure], EXAMPLE_OPEN_ERASURE))
async def list_erasures(
    request: Request,
    _caller: Admitted,
    paging: Paging,
    complete: Annotated[bool | None, Query(description="Only those that are, or only those that are not.")] = None,
) -> Response:
    """List erasures, those requested last first. One that is `requested` waits for orders to end."""
    pool = await context_of(request).read_models.show(ERASURES, request)
    page = await find_erasures(pool, paging, is_open=None if complete is None else not complete)
    now = datetime.now(UTC)
    return json_answer(Page([_listed(row, now) for row in page.items], page.next_cursor))


def _listed(row: ErasureRow, now: datetime) -> ListedErasure:
    took = (row.completed_at or now) - row.requested_at
    return ListedErasure(**asdict(row), age_s=max(0, int(took.total_seconds())))


async def _requested(request: Request, caller: Caller, person: Person, command: EraseData, path: str) -> Response:
    known = await request_erasure(context_of(request).store, person, command.ground, caller.metadata)
    answer = {
        "person_id": person.id,
        "status": "requested",
        "ground": known.erasure.ground,
        "requested_at": known.request.recorded_at,
    }
    context, about = context_of(request), {"Location": path}

    async def completed() -> RecordedErasure | None:
        found = await load_erasure(context.store, person.id)
        return found if found.erasure.status is ErasureStatus.COMPLETED else None

    done = await preferred(request, about, lambda seconds: context.completions.until(person.id, completed, seconds))
    if done is not None:
        return json_answer(erasure_view(done), {**about, HEADER: write_position(done.history[-1].position)})
    return command_answer(202, to_json(answer), known.request.position, about)


async def _shown(request: Request, person: Person) -> Response:
    known = await load_erasure(context_of(request).store, person.id)
    if known.erasure.person != person:
        raise NotFound(f"nobody asked for the data of {person.kind} {person.id} to be erased")
    return json_answer(erasure_view(known))


async def _require_person(request: Request, caller: Caller, customer_id: UUID) -> None:
    """Raises `NotFound` for somebody else's data, and for a customer who neither registered nor ordered."""
    caller.must_own(customer_id, f"customer {customer_id}")
    context = context_of(request)
    erasure = await find_erasure(context.store, customer_id)
    if erasure is not None and erasure.erasure.kind == "customer":
        return
    with suppress(NotFound):
        await load_customer(context.store, customer_id)
        return
    pool = await context.read_models.show(ORDERS, request)
    if not await has_ordered(pool, customer_id):
        raise NotFound(f"there is no customer {customer_id}")


def _customer_path(customer_id: UUID) -> str:
    return f"/api/v1/customers/{customer_id}/erasure"
