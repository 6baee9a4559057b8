"""Declares endpoints: a resource knows its routes, what each of them answers, and which problems may occur."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.routing import APIRoute
from pydantic import JsonValue
from starlette.routing import BaseRoute, Match, Route
from starlette.types import Scope

from api.auth import Caller, admit
from api.context import context_of
from api.http.accepted_types import require_acceptable
from api.http.answer_headers import located, tagged
from api.http.conditional_headers import has_already
from api.http.form_body import FORM
from api.http.json_body import read_json, reject_any_fields
from api.openapi.headers import IF_CHANGED, POSITION, Extra, answer_headers
from api.openapi.problem_answers import problem_answers
from api.permissions import Reach, RouteWithoutRule, Rule, TokenFree, rule_of
from api.schemas.fields import Body

EVENT_STREAM = "text/event-stream"
NDJSON = "application/x-ndjson"
Endpoint = Callable[..., Coroutine[Any, Any, Response]]
Declare = Callable[[Endpoint], Endpoint]


@dataclass(frozen=True, slots=True)
class Answer:
    """What an operation answers when all goes well."""

    shape: object
    """A model, a dataclass, a page of one, or a named choice between several."""
    status: int = 200
    example: JsonValue = None
    """For a shape that brings no example of its own."""
    headers: Sequence[str] = ()
    description: str = "Successful Response"
    media_type: str = "application/json"


class StrictRoute(APIRoute):
    """A route that lets in whom its rule lets in, reads everything they send, and rejects what it does not know.

    It checks in this order: the token and the query, for a query the position that it has to show, and the body.
    """

    answers: Sequence[Answer] = ()
    """What it answers, the usual one first."""
    takes_form: bool = False
    """Whether its body is a form, and not JSON."""
    takes_lines: bool = False
    """Whether its body is lines, which the answer reads while it is written."""
    answered_types: frozenset[str] = frozenset()
    """The types that it answers in."""
    elsewhere: Set[str] = frozenset()
    """Paths that a template of this one's matches, and that are routes of their own, whatever their methods."""
    beginning: str = ""
    """What its path begins with, up to the first parameter."""
    sees_to_its_rule = True
    row: str
    """Which row of the table of permissions is its own."""
    rule: Rule | TokenFree

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether it is meant; of a path that is written out and one with parameters, the former is (OpenAPI 3.1,
        section 4.8.8.2).

        A request is held against each route before its own, so most are told apart by how their paths begin.
        """
        path = scope.get("path", "")
        if not path.startswith(self.beginning) or path in self.elsewhere:
            return Match.NONE, {}
        return super().matches(scope)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's handler, behind the checks. Raises `RouteWithoutRule`."""
        handle = super().get_route_handler()
        (method,) = self.methods or {"GET"}
        self.row = f"{method} {self.path}"
        self.beginning = self.path.partition("{")[0]
        self.rule = rule_of(self.row)
        if isinstance(self.rule, TokenFree):
            return handle

        async def checked(request: Request) -> Response:
            await self.let_in(request)
            if self.takes_lines:
                return await handle(request)
            if self.body_field is None:
                await reject_any_fields(request)
            elif content := await request.body():
                read_json(content)
            answer = await handle(request)
            return tagged(request, answer) if request.method == "GET" else located(request, answer)

        return checked

    async def let_in(self, request: Request) -> Caller:
        """The caller of a request, whom the rule lets in; a query waits for the position that it has to show.

        Raises as `admit` does, `NotAcceptable` and `MalformedRequest` for headers, and `Unavailable`.
        """
        assert isinstance(self.rule, Rule)
        caller = await admit(request, self.row, self.rule)
        require_acceptable(request, self.answered_types)
        if request.method == "GET":
            has_already(request, "")  # a header that cannot be read is rejected before anything is shown
            await context_of(request).read_models.show_log(request)
        return caller


def tell_paths_apart(routes: Sequence[BaseRoute]) -> None:
    """Tell each route with parameters in its path which paths are written out."""
    strict = [route for route in routes if isinstance(route, StrictRoute)]
    for route in strict:
        if route.param_convertors:
            route.elsewhere = frozenset(
                each.path for each in strict if not each.param_convertors and route.path_regex.match(each.path)
            )


def require_rules(routes: Iterable[BaseRoute]) -> None:
    """Raises `RouteWithoutRule` for a route of any kind that has no rule, or does not see to it."""
    for route in routes:
        if getattr(route, "sees_to_its_rule", False):
            continue
        path, methods = getattr(route, "path", repr(route)), route.methods if isinstance(route, Route) else None
        for method in (methods or {type(route).__name__}) - {"HEAD"}:
            if not isinstance(rule_of(f"{method} {path}"), TokenFree):
                raise RouteWithoutRule(f"{method} {path} is for roles, and checks none; declare it by a `Resource`")


class Resource(APIRouter):
    """The routes of one resource; what the OpenAPI document says of them is declared here, and nowhere else.

    An endpoint's name is its operation id, unless `name` is another one.
    """

    def __init__(self, prefix: str, tag: str) -> None:
        super().__init__(prefix=prefix, tags=[tag], route_class=StrictRoute)

    def query(
        self,
        path: str,
        *answers: Answer,
        problems: Sequence[int] = (),
        reads: Sequence[Extra] = (),
        name: str = "",
        description: str = "",
    ) -> Declare:
        """Declare an endpoint that shows something; it waits for the position that the client names.

        It is answered with an `ETag`, and with 304 where that still holds, unless it goes on and on.
        """
        unchanged = all(answer.media_type != EVENT_STREAM for answer in answers)
        if unchanged:
            reads = (*reads, IF_CHANGED)
        return self.command(
            "GET",
            path,
            *answers,
            problems=(400, *problems),
            reads=(POSITION, *reads),
            name=name,
            description=description,
            unchanged=unchanged,
        )

    def open_query(self, path: str, *answers: Answer) -> Declare:
        """Declare an endpoint for machines, which needs no token."""
        return self.command("GET", path, *answers, problems=None)

    def open_command(
        self,
        method: str,
        path: str,
        *answers: Answer,
        problems: Sequence[int],
        reads: Sequence[Extra] = (),
        form: type[Body] | None = None,
    ) -> Declare:
        """Declare an endpoint that does something and needs no token; `form` is the shape of a form in place of JSON.

        FastAPI reads JSON by itself; a form is read by what the endpoint depends on.
        """
        return self.command(method, path, *answers, problems=problems, reads=reads, form=form, needs_token=False)

    def command(
        self,
        method: str,
        path: str,
        *answers: Answer,
        problems: Sequence[int] | None = (),
        reads: Sequence[Extra] = (),
        name: str = "",
        description: str = "",
        form: type[Body] | None = None,
        lines: type[Body] | None = None,
        needs_token: bool = True,
        unchanged: bool = False,
    ) -> Declare:
        """Declare an endpoint that does something; `reads` are the headers that it reads by itself.

        `form` is the shape of a form in place of JSON, `lines` that of each line.
        """
        responses = {} if problems is None else problem_answers(*problems, needs_token=needs_token)
        if unchanged:
            responses[304] = {"description": "It still holds.", "headers": answer_headers(("ETag",))}
        for answer in answers:
            names = {*answer.headers, *(("ETag",) if unchanged else ())}
            if answer.status in (201, 202):
                names.add("Location")
            headers = answer_headers(sorted(names), counted=problems is not None)
            responses[answer.status] = {"description": answer.description, "headers": headers}

        def declared(endpoint: Endpoint) -> Endpoint:
            operation_id = name or endpoint.__name__
            self.add_api_route(
                path,
                endpoint,
                methods=[method],
                operation_id=operation_id,
                name=operation_id,
                summary=operation_id.replace("_", " ").capitalize(),
                description=description or None,
                status_code=answers[0].status,
                response_model=None,
                responses=responses,
                openapi_extra=_extra(reads, form, lines),
            )
            route = self.routes[-1]
            assert isinstance(route, StrictRoute)
            route.answers = answers
            route.answered_types = frozenset(answer.media_type for answer in answers)
            route.takes_form = form is not None
            route.takes_lines = lines is not None
            route.description += _who_may(route.rule)
            return endpoint

        return declared


def _extra(reads: Sequence[Extra], form: type[Body] | None, lines: type[Body] | None) -> Extra | None:
    """What the document says of an operation beside what FastAPI finds out."""
    extra: Extra = {"parameters": list(reads)} if reads else {}
    content: Extra = {}
    if form is not None:
        content[FORM] = {"schema": _reference(form)}
    if lines is not None:
        content[NDJSON] = {"schema": {"type": "string"}, "itemSchema": _reference(lines)}
    if content:
        extra["requestBody"] = {"required": True, "content": content}
    return extra or None


def _reference(shape: type[Body]) -> Extra:
    return {"$ref": f"#/components/schemas/{shape.__name__}"}


def line_paths(routes: Iterable[BaseRoute]) -> frozenset[str]:
    """The paths that take lines in the place of JSON."""
    return frozenset(route.path for route in routes if isinstance(route, StrictRoute) and route.takes_lines)


def page_answer(page: object, item: Mapping[str, JsonValue], headers: Sequence[str] = ()) -> Answer:
    """A page of a list, with an example of its items."""
    return Answer(page, example={"items": [dict(item)], "next_cursor": None}, headers=headers)


def _who_may(rule: Rule | TokenFree) -> str:
    if isinstance(rule, TokenFree):
        return ""
    limited = ", ".join(role for role in rule.roles if rule.reach(role) is Reach.OWN)
    return (f"\n\nOnly what is their own: {limited}." if limited else "") + f"\n\nRoles: {', '.join(rule.roles)}."
