"""Members of staff about themselves: they set up their account, change what they log in with, and see and end their
sessions."""

from __future__ import annotations

from uuid import UUID

from fastapi import Request, Response
from pydantic_core import to_json

from api.auth import Admitted, Caller
from api.context import context_of
from api.http.json_body import StrictlyRead
from api.http.network_address import network_address_of
from api.http.resource import Answer, Resource, page_answer
from api.queries.consistency import HEADER
from api.routers.staff import shown_member
from api.schemas.answers import command_answer, json_answer
from api.schemas.parameters import Paging
from api.schemas.staff import (
    EXAMPLE_ACCOUNT_SET_UP,
    EXAMPLE_ENROLMENT,
    EXAMPLE_MEMBER,
    EXAMPLE_NEW_FACTOR,
    EXAMPLE_SESSION,
    EXAMPLE_STAFF_ACCEPTED,
    AcceptInvitation,
    AccountSetUp,
    ChangeOwnPassword,
    ConfirmFactor,
    EnrolmentView,
    InvitationToken,
    MemberView,
    NewFactorView,
    NewRecoveryCodes,
    ProveIdentity,
    SessionClosed,
    SessionView,
    StaffAccepted,
)
from commerce.staff import commands, own_credentials
from commerce.staff.accounts import load_member
from commerce.staff.commands import Acceptance
from commerce.staff.member import StaffStatus
from commerce.staff.own_credentials import IdentityProof
from commerce.staff.session_list import live_sessions
from commerce.values.errors import NotFound
from commerce.values.ids import read_id
from projections.engine.pages import Page, page_of

router = Resource("/api/v1/staff", "staff")

_PROBLEMS = (400, 413, 415)
_SECRET = {"Cache-Control": "no-store"}
_CHANGED = Answer(StaffAccepted, 200, {**EXAMPLE_STAFF_ACCEPTED, "status": "active"}, (HEADER,))


@router.open_command(
    "POST",
    "/invitation",
    Answer(EnrolmentView, example=EXAMPLE_ENROLMENT, headers=("Cache-Control",)),
    problems=_PROBLEMS,
)
async def look_at_invitation(command: InvitationToken, request: Request, _read: StrictlyRead) -> Response:
    """See what an invitation is for, and get the secret for an authenticator app. Looking uses nothing up."""
    enrolment = await commands.look_at_invitation(context_of(request).staff, command.token)
    role = enrolment.member.duties.role
    return json_answer(EnrolmentView(enrolment.email, role, enrolment.secret, enrolment.uri), _SECRET)


@router.open_command(
    "POST",
    "/invitation/acceptance",
    Answer(AccountSetUp, example=EXAMPLE_ACCOUNT_SET_UP, headers=(HEADER, "Cache-Control")),
    problems=(*_PROBLEMS, 409),
)
async def accept_invitation(command: AcceptInvitation, request: Request, _read: StrictlyRead) -> Response:
    """Set up your account, by the token of a mail, a password, and a code of your authenticator app.

    The answer has recovery codes, and nothing shows them afterwards. Sessions that began before end.
    """
    acceptance = Acceptance(command.token, command.password.get_secret_value(), command.code)
    done = await commands.accept_invitation(context_of(request).staff, acceptance, request.scope["request_id"])
    context_of(request).staff_sessions.forget()
    about = to_json({"member_id": done.member_id, "recovery_codes": done.recovery_codes})
    return command_answer(200, about, done.accepted.position, _SECRET)


@router.query("/me", Answer(MemberView, example=EXAMPLE_MEMBER), problems=(404,))
async def get_own_member(request: Request, caller: Admitted) -> Response:
    """See your account."""
    return await shown_member(request, _own_id(caller))


@router.query("/me/sessions", page_answer(Page[SessionView], EXAMPLE_SESSION), problems=(404,))
async def list_own_sessions(request: Request, caller: Admitted, paging: Paging) -> Response:
    """List the sessions in which you are logged in, those that began last first."""
    staff = context_of(request).staff
    member = await load_member(staff.store, _own_id(caller))
    page = page_of("staff_sessions", await live_sessions(staff, member), lambda one: (-one.number,), paging)
    views = [
        SessionView(
            one.session_id, one.session_id == caller.session_id, one.started_at, one.refreshed_at, one.expires_at
        )
        for one in page.items
    ]
    return json_answer(Page(views, page.next_cursor))


@router.command(
    "DELETE",
    "/me/sessions/{session_id}",
    Answer(SessionClosed, example={"session_id": EXAMPLE_SESSION["session_id"], "status": "ended"}),
    problems=(404,),
)
async def end_own_session(session_id: UUID, request: Request, caller: Admitted) -> Response:
    """End one of your sessions: here it is over at once, and for every other process within two seconds."""
    context = context_of(request)
    seen = await context.staff.sessions.find(session_id)
    if seen is None or str(seen.session.owner) != caller.identity.subject:
        raise NotFound(f"there is no session {session_id}")
    await context.staff.sessions.end(session_id, caller.request_id, caller.identity.actor)
    context.staff_sessions.forget()
    return json_answer(SessionClosed(session_id, "ended"))


@router.command("PUT", "/me/password", _CHANGED, problems=(400, 404, 409, 429))
async def change_own_staff_password(command: ChangeOwnPassword, request: Request, caller: Admitted) -> Response:
    """Change your password. All your other sessions end, and a mail tells you."""
    proof, password = _proof(command, request, caller), command.password.get_secret_value()
    position = await own_credentials.change_own_password(context_of(request).staff, proof, password)
    return _changed(request, proof.member_id, position)


@router.command(
    "PUT",
    "/me/recovery-codes",
    Answer(NewRecoveryCodes, example=EXAMPLE_ACCOUNT_SET_UP, headers=(HEADER, "Cache-Control")),
    problems=(400, 404, 409, 429),
)
async def replace_own_recovery_codes(command: ProveIdentity, request: Request, caller: Admitted) -> Response:
    """Get other recovery codes, which nothing shows afterwards; the earlier ones are good no more. All your other
    sessions end, and a mail tells you."""
    proof = _proof(command, request, caller)
    codes, position = await own_credentials.replace_recovery_codes(context_of(request).staff, proof)
    context_of(request).staff_sessions.forget()
    return command_answer(200, to_json({"member_id": proof.member_id, "recovery_codes": codes}), position, _SECRET)


@router.command(
    "PUT",
    "/me/second-factor",
    Answer(NewFactorView, example=EXAMPLE_NEW_FACTOR, headers=(HEADER, "Cache-Control")),
    problems=(400, 404, 409, 429),
)
async def request_own_second_factor(command: ProveIdentity, request: Request, caller: Admitted) -> Response:
    """Get the secret for another authenticator app. Confirm it within 15 minutes by a code of that app; until then the
    present one is good."""
    shown = await own_credentials.request_factor(context_of(request).staff, _proof(command, request, caller))
    about = to_json({"secret": shown.secret, "uri": shown.uri, "expires_at": shown.expires_at})
    return command_answer(200, about, shown.position, _SECRET)


@router.command("PUT", "/me/second-factor/confirmation", _CHANGED, problems=(400, 404, 409))
async def confirm_own_second_factor(command: ConfirmFactor, request: Request, caller: Admitted) -> Response:
    """Log in by codes of the new app from now on. All your other sessions end, and a mail tells you."""
    member_id, staff = _own_id(caller), context_of(request).staff
    position = await own_credentials.confirm_factor(staff, member_id, command.code, caller.session_id, caller.metadata)
    return _changed(request, member_id, position)


def _proof(command: ProveIdentity | ChangeOwnPassword, request: Request, caller: Caller) -> IdentityProof:
    return IdentityProof(
        _own_id(caller),
        command.present_password.get_secret_value(),
        command.otp,
        network_address_of(request),
        caller.session_id,
        caller.metadata,
    )


def _changed(request: Request, member_id: UUID, position: int) -> Response:
    context_of(request).staff_sessions.forget()
    return command_answer(200, to_json({"member_id": member_id, "status": StaffStatus.ACTIVE}), position)


def _own_id(caller: Caller) -> UUID:
    """The member of staff who asks. Raises `NotFound` for who has no account, such as by a token of the command
    line."""
    member_id = read_id(caller.identity.subject)
    if member_id is None:
        raise NotFound("there is no account of yours; tokens of the command line have none")
    return member_id
