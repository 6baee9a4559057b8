"""One's own account: the sessions in which one is logged in, and what one logs in with."""

from __future__ import annotations

import asyncio

from fastapi import Response

from api.pages.actions import Field, PageAction, Preview, declare_action
from api.pages.languages import N_
from api.pages.routes import Pages
from api.pages.view import View

pages = Pages()

_ME = "/api/v1/staff/me"
_SHOWN_SESSIONS = 50


@pages.page("/access/own")
async def show_own(view: View) -> Response:
    """Show one's account and sessions; who came by a token of the command line has neither."""
    member, sessions = await asyncio.gather(
        view.find(_ME), view.find(f"{_ME}/sessions", {"limit": _SHOWN_SESSIONS, "cursor": view.query.get("cursor")})
    )
    return view.page(
        "own_account.html",
        member=member,
        sessions=[] if sessions is None else sessions["items"],
        next_cursor=None if sessions is None else sessions["next_cursor"],
    )


async def _own(view: View, *sentences: str) -> Preview:
    """What is said where the viewer has an account."""
    if await view.find(_ME) is None:
        return Preview((), impossible=view.text(_NO_ACCOUNT))
    return Preview([view.text(one) for one in sentences])


async def _preview_session(view: View) -> Preview:
    return await _own(view, N_("Whoever uses this session has to log in again, within two seconds."))


async def _preview_password(view: View) -> Preview:
    return await _own(view, N_("You log in with the new password from now on."), _OTHERS_END)


async def _preview_codes(view: View) -> Preview:
    return await _own(
        view, N_("You get other recovery codes on the next page; the present ones are good no more."), _OTHERS_END
    )


async def _preview_factor(view: View) -> Preview:
    return await _own(
        view,
        N_("The next page shows the secret for another authenticator app."),
        N_("Until you confirm it by a code of that app, within 15 minutes, the present one is good."),
    )


async def _preview_confirmation(view: View) -> Preview:
    return await _own(view, N_("You log in by codes of the new app from now on."), _OTHERS_END)


_NO_ACCOUNT = N_("You came by a token of the command line, which has no account here.")
_OTHERS_END = N_("All your other sessions end, and a mail tells you.")
_PRESENT = Field("present_password", N_("Present password"), "secret")
_CODE = Field("otp", N_("Code of your authenticator app, or a recovery code"))
_BACK = "/access/own"
_CONFIRMATION = "/access/own/second-factor/confirmation"
_ACTIONS = (
    PageAction(
        path="/access/own/sessions/{session_id}/end",
        command=f"DELETE {_ME}/sessions/{{session_id}}",
        title=N_("End a session"),
        verb=N_("End it"),
        back=_BACK,
        done="session",
        preview=_preview_session,
    ),
    PageAction(
        path="/access/own/password",
        command=f"PUT {_ME}/password",
        title=N_("Change your password"),
        verb=N_("Change it"),
        back=_BACK,
        done="own_account",
        preview=_preview_password,
        fields=(_PRESENT, _CODE, Field("password", N_("New password"), "secret", N_("8 to 128 characters."))),
    ),
    PageAction(
        path="/access/own/recovery-codes",
        command=f"PUT {_ME}/recovery-codes",
        title=N_("Get other recovery codes"),
        verb=N_("Get them"),
        back=_BACK,
        done="own_account",
        preview=_preview_codes,
        fields=(_PRESENT, _CODE),
        result="secret.html",
    ),
    PageAction(
        path="/access/own/second-factor",
        command=f"PUT {_ME}/second-factor",
        title=N_("Use another authenticator app"),
        verb=N_("Show the secret"),
        back=_BACK,
        done="own_account",
        preview=_preview_factor,
        fields=(_PRESENT, _CODE),
        result="second_factor.html",
    ),
    PageAction(
        path=_CONFIRMATION,
        command=f"PUT {_ME}/second-factor/confirmation",
        title=N_("Confirm the new app"),
        verb=N_("Confirm it"),
        back=_BACK,
        done="own_account",
        preview=_preview_confirmation,
        fields=(Field("code", N_("Code that the new app shows")),),
    ),
)
for _action in _ACTIONS:
    declare_action(pages, _action)
