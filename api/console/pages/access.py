"""Access: the members of staff, what each may do, and what can be done about it; and what each role may do."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from fastapi import Response

from api.console.scope_words import SCOPE_WORDS, scope_boxes, ticked, with_scopes
from api.http.sites import CONSOLE
from api.pages.actions import Body, Field, PageAction, Preview, declare_action
from api.pages.api_calls import Document
from api.pages.cells import Cell, Link, Status, moment_of
from api.pages.languages import N_
from api.pages.routes import Pages
from api.pages.tables import Column
from api.pages.view import View
from api.permissions import RIGHTS, ROUTES, SCOPES, Rule
from commerce.runtime.tokens import Role

pages = Pages()

_STAFF = "/api/v1/staff"
_ROLES: Mapping[Role, str] = {
    "operator": N_("does everything that staff may do"),
    "auditor": N_("sees everything, who looked at what too, and changes nothing"),
    "service": N_("a program with an API key: as far as the key's scopes reach"),
    "customer": N_("a customer who is logged in: what is theirs alone"),
}
STAFF_ROLES = {
    "operator": N_("operator: does everything that staff may do"),
    "auditor": N_("auditor: sees everything and changes nothing"),
}


def scopes_text(one: Document) -> Cell:
    """What somebody may do, of what their role may."""
    return ", ".join(one["scopes"]) if one["scopes"] is not None else "*"


def _name(member: Document) -> str:
    return str(member["email"] or member["member_id"])


MEMBERS = (
    Column(N_("E-mail address"), lambda one: Link(_name(one), f"{CONSOLE}/access/staff/{one['member_id']}")),
    Column(N_("Role"), lambda one: Status(one["role"])),
    Column(N_("Scopes"), scopes_text),
    Column(N_("Status"), lambda one: Status(one["status"])),
    Column(N_("Invited"), lambda one: moment_of(one["invited_at"])),
    Column(N_("Set up"), lambda one: moment_of(one["accepted_at"])),
)


@pages.page("/access")
async def list_members(view: View) -> Response:
    """List the members of staff."""
    return await view.table_page("access.html", _STAFF, {}, MEMBERS)


@pages.page("/access/staff/{member_id}")
async def show_member(view: View) -> Response:
    """Show one, and lead to what they did."""
    assert view.caller is not None
    member = await view.get(_path(view))
    is_oneself = view.caller.identity.subject == member["member_id"]
    return view.page("member.html", member=member, is_oneself=is_oneself, words=SCOPE_WORDS)


@dataclass(frozen=True, slots=True)
class ScopeRow:
    """What a scope is good for, and how far it lets each role."""

    scope: str
    words: str
    reaches: Mapping[Role, str]
    """`any`, `own` or `none`; `some` where a role may do a part of it."""
    actions: Collection[tuple[str, Collection[Role]]]
    """The routes and rights that it opens, and whom they let in."""


def scope_rows() -> list[ScopeRow]:
    """What each role may do, as the API's own table has it."""
    found = []
    for scope, names in SCOPES.items():
        rules = {name: rule for name in sorted(names) if isinstance(rule := _rule(name), Rule)}
        reaches = {role: _reach(role, rules.values()) for role in _ROLES}
        actions = [(name.replace("/api/v1", ""), rule.roles) for name, rule in rules.items()]
        found.append(ScopeRow(scope, SCOPE_WORDS[scope], reaches, actions))
    return found


def _rule(action: str) -> object:
    return ROUTES.get(action) or next((rule for right, rule in RIGHTS.items() if right == action), None)


def _reach(role: Role, rules: Collection[Rule]) -> str:
    reaches = {rule.reach(role) for rule in rules}
    return str(reaches.pop()) if len(reaches) == 1 else "some"


@pages.page("/access/roles")
async def show_roles(view: View) -> Response:
    """Show what each role may do."""
    return view.page("roles.html", rows=scope_rows(), roles=_ROLES)


async def _preview_invitation(view: View) -> Preview:
    return Preview(
        [
            view.text(N_("A mail goes there. By its link they set up a password and a second factor.")),
            view.text(N_("The invitation is good for three days. Nobody logs in before it is accepted.")),
        ],
        values={"role": "operator"},
    )


async def _preview_role(view: View) -> Preview:
    assert view.caller is not None
    member = await view.find(_path(view))
    if member is None:
        return Preview((), impossible=view.text(_NOBODY))
    if view.caller.identity.subject == member["member_id"]:
        return Preview((), impossible=view.text(_ONESELF))
    text = N_("%(who)s may do this from now on, in sessions that are open, too. What they did stays on record.")
    values = {"role": member["role"], **ticked(member["scopes"])}
    return Preview([view.text(text) % {"who": _name(member)}], values=values)


async def _preview_again(view: View) -> Preview:
    member = await view.find(_path(view))
    if member is None:
        return Preview((), impossible=view.text(_NOBODY))
    sentences = [
        view.text(N_("A mail goes to %(who)s, with a link to set up a password and a second factor.")),
        view.text(N_("Until they do, what they log in with now is good.")),
    ]
    return Preview([one % {"who": _name(member)} for one in sentences])


async def _preview_removal(view: View) -> Preview:
    assert view.caller is not None
    member = await view.find(_path(view))
    if member is None:
        return Preview((), impossible=view.text(_NOBODY))
    if view.caller.identity.subject == member["member_id"]:
        return Preview((), impossible=view.text(_ONESELF))
    sentences = [
        view.text(N_("%(who)s logs in no more, and their sessions end within two seconds.")),
        view.text(N_("What they did and saw stays on record. An invitation opens the account again.")),
    ]
    return Preview([one % {"who": _name(member)} for one in sentences])


def _changed(typed: Body) -> Body:
    """The whole of what they may do: no scope is every one of the role."""
    return {"scopes": None, **with_scopes(typed)}


_NOBODY = N_("There is no such member of staff.")
_ONESELF = N_("This is your own account; ask another operator.")
_ROLE = Field("role", N_("Role"), "choice", choices=STAFF_ROLES)
_MEMBER = "/access/staff/{member_id}"
_ACTIONS = (
    PageAction(
        path="/access/add-member",
        command=f"POST {_STAFF}",
        title=N_("Invite somebody"),
        verb=N_("Send the invitation"),
        back="/access",
        done="invited",
        preview=_preview_invitation,
        fields=(Field("email", N_("E-mail address"), "email"), _ROLE, *scope_boxes()),
        body=with_scopes,
        template="scoped_action.html",
        is_grave=True,
    ),
    PageAction(
        path=f"{_MEMBER}/role",
        command=f"PUT {_STAFF}/{{member_id}}/role",
        title=N_("Change what they may do"),
        verb=N_("Change it"),
        back=_MEMBER,
        done="member",
        preview=_preview_role,
        fields=(_ROLE, *scope_boxes()),
        body=_changed,
        template="scoped_action.html",
        is_grave=True,
    ),
    PageAction(
        path=f"{_MEMBER}/invitation",
        command=f"POST {_STAFF}/{{member_id}}/invitation",
        title=N_("Invite them again"),
        verb=N_("Send the invitation"),
        back=_MEMBER,
        done="invited",
        preview=_preview_again,
    ),
    PageAction(
        path=f"{_MEMBER}/removal",
        command=f"DELETE {_STAFF}/{{member_id}}",
        title=N_("Close the account"),
        verb=N_("Close it"),
        back=_MEMBER,
        done="member",
        preview=_preview_removal,
        is_grave=True,
    ),
)
for _action in _ACTIONS:
    declare_action(pages, _action)


def _path(view: View) -> str:
    return f"{_STAFF}/{view.path['member_id']}"
