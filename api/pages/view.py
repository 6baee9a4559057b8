"""One look at a page: who looks, in which language, and what they may ask for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from fastapi import Request, Response
from starlette.responses import HTMLResponse, RedirectResponse

from api.auth import Caller
from api.http.sites import CONSOLE, site_of
from api.pages.api_calls import ApiCalls, ApiProblem, Document, QueryValue
from api.pages.languages import Language, language_of
from api.pages.navigation import MENU, MenuEntry
from api.pages.notices import NOTICES
from api.pages.problem_words import problem_line
from api.pages.renderer import rendered
from api.pages.sessions import NewCookies, form_token, is_recent
from api.pages.tables import Column, TableSource
from api.permissions import PAGES, Reach, Rule, is_within, rule_of
from api.queries.consistency import STANDS_STILL_KEY

POSITION_COOKIE = "commerce_position"
LANGUAGE_COOKIE = "commerce_language"
ZONE_COOKIE = "commerce_zone"
_POSITION_S = 300
"""How long a browser remembers what it did last: by then every read model has it, or says that it stands still."""
_LANGUAGE_S = 365 * 24 * 3600


@dataclass(slots=True)
class View:
    """What the code of a page has of its request."""

    request: Request
    language: Language
    calls: ApiCalls
    caller: Caller | None = None
    cookies: NewCookies | None = None
    """What the answer sets, as the session went on."""
    form: Mapping[str, str] = field(default_factory=dict)
    """The fields of a form that was sent, without blanks around them."""
    problem: ApiProblem | None = None
    """Why what was asked for was not done; the page says so, and has its status."""

    @classmethod
    def of(cls, request: Request) -> View:
        """The view of a request, of somebody who is not known yet."""
        cookies = request.cookies
        chosen = request.query_params.get("language") or cookies.get(LANGUAGE_COOKIE)
        accepted = request.headers.get("accept-language", "")
        language = language_of(accepted, chosen, cookies.get(ZONE_COOKIE))
        return cls(request, language, ApiCalls(request, cookies.get(POSITION_COOKIE), language.code))

    @property
    def site(self) -> str:
        """The site that is looked at."""
        return site_of(self.request.url.path) or "/"

    @property
    def query(self) -> Mapping[str, str]:
        """The parameters of the page's address, but for the language."""
        given = self.request.query_params
        return {name: value.strip() for name, value in given.items() if name != "language"}

    @property
    def path(self) -> Mapping[str, str]:
        """The parameters in the page's path."""
        parameters: Mapping[str, str] = self.request.path_params
        return parameters

    def text(self, text: str) -> str:
        """A text in the viewer's language."""
        return self.language.text(text)

    async def get(self, path: str, query: Mapping[str, QueryValue] | None = None) -> Document:
        """What a route of the API shows the viewer. Raises `ApiProblem`."""
        return await self.calls.get(path, query)

    async def find(self, path: str, query: Mapping[str, QueryValue] | None = None) -> Document | None:
        """The same; None where it does not exist. Raises `ApiProblem`."""
        try:
            return await self.calls.get(path, query)
        except ApiProblem as problem:
            if problem.status == 404:
                return None
            raise

    def said(self, problem: ApiProblem) -> str:
        """What a problem is, in one line."""
        return problem_line(problem.document, self.language)

    def may(self, action: str) -> bool:
        """Whether the rule of a route of the API, or of a page, lets the viewer in, by role and scope."""
        if self.caller is None:
            return False
        row = PAGES.get(action, action)
        rule = rule_of(row)
        if not isinstance(rule, Rule):
            return True
        return rule.reach(self.caller.identity.role) is not Reach.NONE and is_within(row, self.caller.scopes)

    def has_page(self, page: str) -> bool:
        """Whether there is such a page, by its path as it is declared, and the viewer may see it."""
        row = f"GET {self.site}{page}"
        return row in PAGES and self.may(row)

    @property
    def menu(self) -> Mapping[str, list[MenuEntry]]:
        """The pages that the viewer may see, under their headings."""
        shown: dict[str, list[MenuEntry]] = {}
        for entry in MENU:
            if self.may(f"GET {entry.address}"):
                shown.setdefault(entry.group, []).append(entry)
        return shown

    def is_at(self, entry: MenuEntry) -> bool:
        """Whether a page belongs to an entry of the menu."""
        here = self.request.url.path
        return here == entry.address or (entry.address != CONSOLE and here.startswith(f"{entry.address}/"))

    @property
    def address(self) -> str:
        """The address of this page, with its parameters."""
        url = self.request.url
        return f"{url.path}?{url.query}" if url.query else url.path

    def address_in(self, language: str) -> str:
        """The address of this page in a language, with all that is chosen there."""
        kept = [(name, value) for name, value in self.request.query_params.multi_items() if name != "language"]
        return f"?{urlencode([*kept, ('language', language)])}"

    @property
    def notice(self) -> str | None:
        """What the page says of what was done on the page before."""
        return NOTICES.get(self.request.query_params.get("done", ""))

    @property
    def stands_still(self) -> bool:
        """Whether something that the page shows may be out of date."""
        return bool(self.request.scope.get(STANDS_STILL_KEY))

    @property
    def has_recent_login(self) -> bool:
        """Whether the viewer logged in recently enough to move money, erase data or change who may do what."""
        return is_recent(self.request)

    @property
    def form_token(self) -> str:
        """What every form of the viewer has to bring."""
        return "" if self.caller is None else form_token(self.request, self.caller.identity.actor)

    def page(self, template: str, *, status: int = 200, **values: Any) -> Response:
        """A page."""
        if self.problem is not None:
            status = self.problem.status
        shown = {"view": self, "problem": self.problem and self.problem.document} | values
        return self.finish(HTMLResponse(rendered(template, self.language, shown), status))

    async def table_page(
        self, template: str, path: str, query: Mapping[str, QueryValue], columns: Sequence[Column], **values: Any
    ) -> Response:
        """A page with a table of a list of the API's, or the whole list as CSV. Raises `ApiProblem`."""
        source = TableSource(path, query, columns)
        if self.query.get("format") == "csv":
            return self.finish(await source.csv(self.calls.in_english, self.language, template.removesuffix(".html")))
        table = await source.page(self.calls, self.request.url.path, self.query)
        return self.page(template, table=table, **values)

    def done(self, address: str, said: str, position: str | None) -> Response:
        """Send the browser to a page that shows what was done, and says so in one of `notices.NOTICES`."""
        return self.redirect(f"{address}{'&' if '?' in address else '?'}{urlencode({'done': said})}", position)

    def redirect(self, address: str, position: str | None = None) -> Response:
        """Send the browser to another page, which shows at least what the log has at a position."""
        answer = RedirectResponse(address, 303)
        if position is not None:
            answer.set_cookie(
                POSITION_COOKIE, position, max_age=_POSITION_S, path=self.site, httponly=True, samesite="strict"
            )
        return self.finish(answer)

    def finish(self, answer: Response) -> Response:
        """Set the cookies that an answer owes to its request."""
        if self.cookies is not None:
            self.cookies.put(self.request, answer)
        if (chosen := self.request.query_params.get("language")) == self.language.code:
            answer.set_cookie(LANGUAGE_COOKIE, chosen, max_age=_LANGUAGE_S, path=self.site, samesite="strict")
        return answer
