"""Members of staff: invited, listed, given other duties and sent away by operators."""

from __future__ import annotations

from uuid import UUID

from fastapi import Request, Response
from pydantic_core import to_json

from api.auth import Admitted, Caller
from api.context import context_of
from api.http.idempotency import answer_once, keyed_request
from api.http.resource import Answer, Resource, page_answer
from api.openapi.headers import IDEMPOTENCY_KEY
from api.queries.consistency import HEADER
from api.queries.own_streams import folded
from api.schemas.answers import command_answer, json_answer
from api.schemas.parameters import Paging
from api.schemas.staff import (
    EXAMPLE_MEMBER,
    EXAMPLE_STAFF_ACCEPTED,
    AddMember,
    ChangeDuties,
    MemberView,
    StaffAccepted,
    member_view,
)
from commerce.eventstore import Accepted, Idempotency
from commerce.staff import commands
from commerce.staff.accounts import load_member
from commerce.staff.member import StaffStatus
from commerce.values.errors import RuleBroken, existing
from projections.engine.pages import Page
from projections.staff import STAFF, StaffRow, find_staff

router = Resource("/api/v1/staff", "staff")

_ACCEPTED = Answer(StaffAccepted, 200, EXAMPLE_STAFF_ACCEPTED, (HEADER,))


class OwnStaffAccount(RuleBroken):
    """Nobody changes their own role or closes their own account; ask another operator."""

    def __init__(self) -> None:
        super().__init__("this is your own account; ask another operator")


@router.command(
    "POST",
    "",
    Answer(StaffAccepted, 201, EXAMPLE_STAFF_ACCEPTED, ("Location", HEADER)),
    problems=(400, 409),
    reads=(IDEMPOTENCY_KEY,),
)
async def add_member(wanted: AddMember, request: Request, caller: Admitted) -> Response:
    """Invite somebody to the staff. A mail goes to them, with a token by which they set up their account."""
    caller.must_have(wanted.duties.scopes)
    staff, attempt = context_of(request).staff, keyed_request(request, caller, wanted)
    member_id = staff.addresses.member_id(wanted.email)

    async def handle(key: Idempotency) -> Accepted:
        return await commands.add_member(staff, wanted.email, wanted.duties, caller.metadata, idempotency=key)

    about = to_json({"member_id": member_id, "status": StaffStatus.INVITED})
    outcome = await answer_once(request, attempt, about, handle)
    return command_answer(201, outcome.answer, outcome.position, {"Location": f"{router.prefix}/{member_id}"})


@router.query("", page_answer(Page[MemberView], EXAMPLE_MEMBER))
async def list_members(request: Request, _caller: Admitted, paging: Paging) -> Response:
    """List members of staff, those invited last first."""
    pool = await context_of(request).read_models.show(STAFF, request)
    page = await find_staff(pool, paging)
    return json_answer(Page(await _views(request, page.items), page.next_cursor))


@router.query("/{member_id}", Answer(MemberView, example=EXAMPLE_MEMBER), problems=(404,))
async def get_member(member_id: UUID, request: Request, _caller: Admitted) -> Response:
    """See a member of staff."""
    return await shown_member(request, member_id)


@router.command("PUT", "/{member_id}/role", _ACCEPTED, problems=(400, 404, 409))
async def change_member(member_id: UUID, wanted: ChangeDuties, request: Request, caller: Admitted) -> Response:
    """Have a member of staff do something else: at once here, and within two seconds for every other process."""
    _require_other(caller, member_id)
    caller.must_have(wanted.duties.scopes)
    accepted = await commands.change_member(context_of(request).store, member_id, wanted.duties, caller.metadata)
    return await _answered(request, member_id, accepted)


@router.command(
    "POST",
    "/{member_id}/invitation",
    Answer(StaffAccepted, 202, EXAMPLE_STAFF_ACCEPTED, (HEADER,)),
    problems=(400, 404, 409),
)
async def invite_member(member_id: UUID, request: Request, caller: Admitted) -> Response:
    """Invite a member of staff again, such as who forgot the password or lost the second factor.

    Until they set up their account anew, what they log in with is good. An invitation of the last minute will do.
    """
    accepted = await commands.invite_member_again(context_of(request).staff, member_id, caller.metadata)
    return await _answered(request, member_id, accepted, 202)


@router.command("DELETE", "/{member_id}", _ACCEPTED, problems=(404, 409))
async def deactivate_member(member_id: UUID, request: Request, caller: Admitted) -> Response:
    """Close the account of a member of staff; their sessions end: at once here, and within two seconds elsewhere."""
    _require_other(caller, member_id)
    accepted = await commands.deactivate_member(context_of(request).store, member_id, caller.metadata)
    return await _answered(request, member_id, accepted)


async def shown_member(request: Request, member_id: UUID) -> Response:
    """A member of staff, from their own stream. Raises `NotFound`."""
    rows = await folded(STAFF, request, member_id)
    row = existing(rows.get(member_id), f"there is no member of staff {member_id}")
    (view,) = await _views(request, [row])
    return json_answer(view)


async def _views(request: Request, rows: list[StaffRow]) -> list[MemberView]:
    plain = await context_of(request).store.keys.open_readable(row.email for row in rows)
    return [member_view(row, plain) for row in rows]


def _require_other(caller: Caller, member_id: UUID) -> None:
    if caller.identity.subject == str(member_id):
        raise OwnStaffAccount


async def _answered(request: Request, member_id: UUID, accepted: Accepted, code: int = 200) -> Response:
    context_of(request).staff_sessions.forget()
    member = await load_member(context_of(request).store, member_id)
    about = to_json({"member_id": member_id, "status": member.status})
    return command_answer(code, about, accepted.position)
