"""`commerce staff`: the members of staff: list, invite, give other duties, and send away."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

import typer

from commerce.cli.client.answers import MemberAccepted, MemberAnswer
from commerce.cli.client.api import Api, open_api
from commerce.cli.client.typed import typed_name
from commerce.runtime.scopes import typed_scopes
from commerce.runtime.settings import load_settings
from commerce.staff.events import StaffRole
from commerce.values.errors import BadUsage

Result = TypeVar("Result")

Who = Annotated[str, typer.Argument(metavar="EMAIL", help="Whose account it is, by e-mail address or id.")]
Role = Annotated[StaffRole, typer.Option(help="What they may do.")]
Scopes = Annotated[
    list[str] | None,
    typer.Option("--scope", help="What of that they may do, such as cases:decide; all of it where it is left out."),
]
By = Annotated[str | None, typer.Option(help="Who does it; your login where it is left out.")]
AsJson = Annotated[bool, typer.Option("--json", help="A JSON document on each line.")]


def list_staff(*, by: By = None, as_json: AsJson = False) -> None:
    """List members of staff, those invited last first: who they are, what they may do, and whether they still do."""
    found = _as(typed_name(by), lambda api: api.staff())
    if as_json:
        print(*(one.model_dump_json() for one in found), sep="\n", end="\n" if found else "")
    else:
        print(*(line_of_member(one) for one in found) if found else ("nobody was invited",), sep="\n")


def add_staff(
    email: Annotated[str, typer.Argument(help="Where the invitation goes, and what they log in with.")],
    role: Role,
    *,
    scope: Scopes = None,
    by: By = None,
) -> None:
    """Invite somebody by a mail; they choose a password and set up a second factor."""
    body = {"email": email, "role": role, "scopes": typed_scopes(scope or ())}
    done = _as(typed_name(by), lambda api: api.change_staff("POST", "", body))
    print(f"{done.member_id} {done.status}; a mail goes to them")


def invite_staff(email: Who, *, by: By = None) -> None:
    """Invite a member of staff again, who forgot the password or lost the second factor; a mail goes to them."""
    _change(email, by, "POST", "/invitation")


def change_staff_role(email: Who, role: Role, *, scope: Scopes = None, by: By = None) -> None:
    """Have a member of staff do something else, at once."""
    _change(email, by, "PUT", "/role", {"role": role, "scopes": typed_scopes(scope or ())})


def deactivate_staff(email: Who, *, by: By = None) -> None:
    """Close the account of a member of staff; their sessions end."""
    _change(email, by, "DELETE", "")


def _change(who: str, by: str | None, method: str, path: str, body: dict[str, object] | None = None) -> None:
    async def act(api: Api) -> MemberAccepted:
        return await api.change_staff(method, f"/{_member(who, await api.staff()).member_id}{path}", body)

    print(_as(typed_name(by), act).status)


def _member(who: str, staff: list[MemberAnswer]) -> MemberAnswer:
    """The member of staff who is meant. Raises `BadUsage`."""
    wanted = who.strip().lower()
    found = [one for one in staff if wanted in (str(one.member_id), (one.email or "").lower())]
    if not found:
        raise BadUsage(f"{who!r} is no member of staff; `commerce staff list` names them")
    return found[0]


def _as(who: str, act: Callable[[Api], Awaitable[Result]]) -> Result:
    async def acted() -> Result:
        async with open_api(load_settings(), who) as api:
            return await act(api)

    return asyncio.run(acted())


def line_of_member(member: MemberAnswer) -> str:
    """A member of staff on a line."""
    since = (
        f"invited until {member.invited_until}" if member.invited_until else f"since {member.accepted_at or 'never'}"
    )
    role = member.role if member.scopes is None else f"{member.role} ({', '.join(member.scopes)})"
    return f"{member.member_id}  {member.email or '(key missing)'}  {role}  {member.status}  {since}"
