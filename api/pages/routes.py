"""Declares pages: each is served to whom the table of permissions lets in, and to nobody else."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import parse_qsl, urlencode

from fastapi import Request, Response
from pydantic_core import from_json
from starlette.responses import RedirectResponse
from starlette.routing import Route
from starlette.types import Scope

from api.auth import let_in, let_visitor_in
from api.context import context_of
from api.http import request_log
from api.http.error_handlers import problem_of
from api.http.error_statuses import problem_kind
from api.http.errors import MalformedRequest, NotAllowed, NotAuthenticated
from api.http.sites import CONSOLE, site_of
from api.pages import sessions
from api.pages.api_calls import ApiProblem
from api.pages.view import View
from api.permissions import PAGES, SITE_ROLES, RouteWithoutRule, Rule, rule_of
from commerce.runtime.tokens import InvalidToken

PageCode = Callable[[View], Awaitable[Response]]
_MOST_FIELDS = 64
_HTMX = "hx-request"


class PageRoute(Route):
    """A route that lets in whom its row lets in, and shows a problem as a page."""

    sees_to_its_rule = True

    def __init__(self, method: str, path: str, code: PageCode, *, is_public: bool = False) -> None:
        """Declare a page. Raises `RouteWithoutRule`."""
        row = f"{method} {path}"
        if row not in PAGES:
            raise RouteWithoutRule(f"{row} has no row among the pages of api/permissions.py, and so is for nobody")
        rule = rule_of(row)
        assert isinstance(rule, Rule)
        self._code, self._row, self._rule, self._is_public = code, PAGES[row], rule, is_public
        self._roles = SITE_ROLES[site_of(path) or ""]
        super().__init__(path, self._serve, methods=[method])

    async def _serve(self, request: Request) -> Response:
        request.scope["route"] = self
        view = View.of(request)
        try:
            await self._admit(view)
            if request.method == "POST":
                await take_form(view)
            return await self._code(view)
        except (NotAuthenticated, InvalidToken):
            return _to_login(request)
        except ApiProblem as problem:
            if problem.status == 401:
                return _to_login(request)
            return problem_page(view, problem)
        except Exception as error:  # noqa: BLE001 - people get a page, whatever it is; the log has its line
            request_log.note(request.scope, error)
            return problem_page(view, _problem_of(error, request))

    async def _admit(self, view: View) -> None:
        """Find out who looks; a session whose access token is over goes on by its refresh token.

        Raises `NotAuthenticated`, `InvalidToken`, `NotAllowed` and `ApiProblem`.
        """
        try:
            view.caller = let_in(view.request, self._row, self._rule)
        except (NotAuthenticated, InvalidToken):
            view.cookies = await sessions.renewed_cookies(view.request, view.calls)
            if view.cookies is None and self._is_public and context_of(view.request).has_public_catalogue:
                let_visitor_in(view.request)
                return
            view.caller = let_in(view.request, self._row, self._rule)
        if view.caller.identity.role not in self._roles:
            raise NotAllowed(f"this is for {' and '.join(sorted(self._roles))}; you are {view.caller.identity.role}")


async def take_form(view: View) -> None:
    """Read the form that was sent. Raises `NotAllowed` for one that is not ours, and `MalformedRequest`."""
    request = view.request
    if sessions.comes_from_elsewhere(request):
        raise NotAllowed("this form came from another site; open the page here and send it again")
    try:
        given = parse_qsl(
            (await request.body()).decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS
        )
    except ValueError:
        raise MalformedRequest("the form cannot be read; open the page again") from None
    view.form = {name: value.strip() for name, value in given}
    if view.caller is not None and not sessions.is_own_form(
        request, view.caller.identity.actor, view.form.get("form_token", "")
    ):
        raise NotAllowed("this form was not made for you, or you have logged in since; open the page again")


def problem_page(view: View, problem: ApiProblem) -> Response:
    """The page of a problem."""
    view.problem = problem
    return view.page("problem.html" if view.site == CONSOLE else "web/problem.html")


def page_of_problem(scope: Scope, answer: Response) -> Response:
    """The page of a problem that no page had its turn to show: nobody knows who looks."""
    request = Request(scope)
    request.scope.setdefault("path_params", {})
    page = problem_page(View.of(request), ApiProblem(answer.status_code, from_json(bytes(answer.body))))
    for name in ("allow", "retry-after", "www-authenticate"):
        if name in answer.headers:
            page.headers[name] = answer.headers[name]
    return page


def _problem_of(error: Exception, request: Request) -> ApiProblem:
    document: Mapping[str, object] = problem_of(error, request.url.path).model_dump(mode="json", exclude_none=True)
    return ApiProblem(problem_kind(type(error)).status, document)


def _to_login(request: Request) -> Response:
    """Send the browser to the login, and from there back; a part of a page that is loaded sends the whole page."""
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    login = f"{site_of(request.url.path)}/login"
    address = f"{login}?{urlencode({'next': here})}" if request.method == "GET" else login
    if _HTMX in request.headers:
        return Response(status_code=401, headers={"HX-Redirect": login})
    return RedirectResponse(address, 303)


class Pages:
    """The pages of a site that one file declares."""

    def __init__(self, site: str = CONSOLE) -> None:
        self.site = site
        self.routes: list[PageRoute] = []

    def page(self, path: str, *, is_public: bool = False) -> Callable[[PageCode], PageCode]:
        """Declare a page at a path of the site; a public one shows the catalogue to who is not logged in, where the
        shop wants that."""
        return self._declare("GET", path, is_public=is_public)

    def action(self, path: str) -> Callable[[PageCode], PageCode]:
        """Declare what the form of a page is sent to."""
        return self._declare("POST", path)

    def _declare(self, method: str, path: str, *, is_public: bool = False) -> Callable[[PageCode], PageCode]:
        def declared(code: PageCode) -> PageCode:
            self.routes.append(PageRoute(method, f"{self.site}{path}", code, is_public=is_public))
            return code

        return declared
