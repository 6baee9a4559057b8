"""Setting up an account at the console, by the token of a mail that invites to the staff."""

from __future__ import annotations

from fastapi import Request, Response
from starlette.routing import Route

from api.http.sites import CONSOLE
from api.pages.api_calls import ApiProblem, Document
from api.pages.languages import N_
from api.pages.problem_words import field_problems
from api.pages.routes import take_form
from api.pages.view import View
from commerce.values.errors import CommerceError

_INVITATION = "/api/v1/staff/invitation"
_ADDRESS = f"{CONSOLE}/invitation"
_DIFFERENT = N_("The two passwords differ; type the same one twice.")


async def _show(request: Request) -> Response:
    return _page(View.of(request))


async def _take(request: Request) -> Response:
    """Show what a token is for; with a password and a code, set the account up."""
    view = View.of(request)
    try:
        await take_form(view)
    except CommerceError as error:
        return _page(view, status=403, wrong=str(error))
    token = {"token": view.form.get("token", "")}
    try:
        enrolment = (await view.calls.send("POST", _INVITATION, token)).document
    except ApiProblem as problem:
        return _page(view, status=problem.status, wrong=_said(view, problem))
    if "password" not in view.form:
        return _page(view, enrolment)
    if view.form["password"] != view.form.get("again"):
        return _page(view, enrolment, status=422, wrong=view.text(_DIFFERENT))
    wanted = {**token, "password": view.form["password"], "code": view.form.get("code", "")}
    try:
        done = await view.calls.send("POST", f"{_INVITATION}/acceptance", wanted)
    except ApiProblem as problem:
        return _page(view, enrolment, status=problem.status, wrong=_said(view, problem))
    return view.page("account_set_up.html", codes=done.document["recovery_codes"])


def _page(view: View, enrolment: Document | None = None, *, status: int = 200, wrong: str = "") -> Response:
    token = view.form.get("token", "")
    return view.page("invitation.html", status=status, enrolment=enrolment, token=token, wrong=wrong)


def _said(view: View, problem: ApiProblem) -> str:
    wrong = field_problems(problem.document, {}, view.language)
    return "; ".join(one.message for one in wrong) or view.said(problem)


open_routes = (Route(_ADDRESS, _show, methods=["GET"]), Route(_ADDRESS, _take, methods=["POST"]))
