"""Logging in and out."""

from __future__ import annotations

from fastapi import Request, Response
from starlette.routing import Route

from api.console import sessions
from api.console.api_calls import ApiProblem
from api.console.languages import N_
from api.console.routes import LOGIN, take_form
from api.console.view import View
from api.http.session_cookie import PREFIX
from commerce.values.errors import CommerceError

_WRONG_TOKEN = N_("The token is not valid (any more), or not one of staff.")


async def show_login(request: Request) -> Response:
    """Ask who somebody is."""
    view = View.of(request)
    return _asked(view, 200)


async def take_login(request: Request) -> Response:
    """Let somebody in, and send them where they wanted to go."""
    view = View.of(request)
    try:
        await take_form(view)
        if token := view.form.get("token"):
            cookies = await sessions.token_cookies(request, token)
            if cookies is None:
                return _asked(view, 401, view.text(_WRONG_TOKEN))
        else:
            form = view.form
            cookies = await sessions.login_cookies(
                view.calls, form.get("email", ""), form.get("password", ""), form.get("code", "")
            )
    except ApiProblem as problem:
        return _asked(view, problem.status, str(problem.document.get("detail", "")))
    except CommerceError as error:
        return _asked(view, 403, str(error))
    view.cookies = cookies
    answer = view.redirect(_place(view.form.get("next", "")))
    sessions.begin_login(request, answer)
    return answer


async def take_logout(request: Request) -> Response:
    """End the session."""
    view = View.of(request)
    if sessions.comes_from_elsewhere(request):
        return _asked(view, 403)
    await sessions.end_session(request, view.calls)
    answer = view.redirect(LOGIN)
    sessions.clear(answer)
    return answer


def _asked(view: View, status: int, wrong: str = "") -> Response:
    given = view.form or view.query
    return view.page(
        "login.html",
        status=status,
        wrong=wrong,
        email=view.form.get("email", ""),
        next=_place(given.get("next", "")),
        again=bool(given.get("again")),
    )


def _place(address: str) -> str:
    """Where somebody goes after logging in: a page of the console, and nothing else."""
    is_ours = address == PREFIX or address.startswith((f"{PREFIX}/", f"{PREFIX}?"))
    return address if is_ours and not address.startswith(LOGIN) and "\\" not in address else PREFIX


open_routes = (
    Route(LOGIN, show_login, methods=["GET"]),
    Route(LOGIN, take_login, methods=["POST"]),
    Route(f"{PREFIX}/logout", take_logout, methods=["POST"]),
)
