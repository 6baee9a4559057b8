"""The login and the logout of a site."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import Request, Response
from starlette.routing import Route

from api.pages import sessions
from api.pages.api_calls import ApiProblem
from api.pages.languages import N_
from api.pages.routes import take_form
from api.pages.sessions import Account, NewCookies
from api.pages.view import View
from commerce.values.errors import CommerceError

_WRONG_TOKEN = N_("The token is not valid (any more), or not one of staff.")
_CONFUSED = N_(
    "Another program has set cookies of the same names for this address, so nobody can tell who you are. Delete this "
    "address's cookies in your browser, and log in again."
)


class _TokenNotAccepted(CommerceError):
    """A token of the command line that is not valid."""


@dataclass(frozen=True, slots=True)
class SiteDoor:
    """How people get into a site, and out again."""

    site: str
    account: Account
    template: str
    home: str
    """The page that somebody comes to who wanted to go nowhere else."""
    takes_tokens: bool = False
    """Whether a token of the command line opens it, too."""

    @property
    def login(self) -> str:
        """The address of the login."""
        return f"{self.site}/login"

    @property
    def routes(self) -> Sequence[Route]:
        """Its routes, which are open to everybody."""
        return (
            Route(self.login, self._show, methods=["GET"]),
            Route(self.login, self._log_in, methods=["POST"]),
            Route(f"{self.site}/logout", self._log_out, methods=["POST"]),
        )

    async def _show(self, request: Request) -> Response:
        view = View.of(request)
        return self._asked(view, 200, view.text(_CONFUSED) if sessions.is_confused(request) else "")

    async def _log_in(self, request: Request) -> Response:
        """Let somebody in, and send them where they wanted to go."""
        view = View.of(request)
        try:
            await take_form(view)
            view.cookies = await self._cookies(view)
        except ApiProblem as problem:
            return self._asked(view, problem.status, view.said(problem))
        except _TokenNotAccepted:
            return self._asked(view, 401, view.text(_WRONG_TOKEN))
        except CommerceError as error:
            return self._asked(view, 403, str(error))
        answer = view.redirect(self._place(view.form.get("next", "")))
        sessions.begin_login(request, answer)
        return answer

    async def _cookies(self, view: View) -> NewCookies:
        form = view.form
        if self.takes_tokens and (token := form.get("token")):
            cookies = await sessions.token_cookies(view.request, token)
            if cookies is None:
                raise _TokenNotAccepted
            return cookies
        return await sessions.login_cookies(
            view.calls, self.account, form.get("email", ""), form.get("password", ""), form.get("code", "")
        )

    async def _log_out(self, request: Request) -> Response:
        view = View.of(request)
        if sessions.comes_from_elsewhere(request):
            return self._asked(view, 403)
        await sessions.end_session(request, view.calls)
        answer = view.redirect(self.login)
        sessions.clear(request, answer)
        return answer

    def _asked(self, view: View, status: int, wrong: str = "") -> Response:
        given = view.form or view.query
        return view.page(
            self.template,
            status=status,
            wrong=wrong,
            email=view.form.get("email", ""),
            next=self._place(given.get("next", "")),
            again=bool(given.get("again")),
        )

    def _place(self, address: str) -> str:
        """Where somebody goes after logging in: a page of this site, and nothing else."""
        is_ours = address == self.site or address.startswith((f"{self.site}/", f"{self.site}?"))
        return address if is_ours and not address.startswith(self.login) and "\\" not in address else self.home
