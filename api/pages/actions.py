"""Actions: a page that says what will happen and asks for what is needed, and the command that its form gives."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import quote, urlencode
from uuid import uuid4

from fastapi import Response

from api.pages.api_calls import ApiProblem, CallAnswer
from api.pages.languages import N_
from api.pages.routes import Pages
from api.pages.typed_numbers import number_or_text, typed_number
from api.pages.view import View

FieldKind = Literal["text", "long", "number", "amount", "email", "date", "choice", "check", "secret", "hidden"]


@dataclass(frozen=True, slots=True)
class Field:
    """A field of an action's form; its name is that in the command's body, with dots between the levels."""

    name: str
    title: str
    kind: FieldKind = "text"
    help: str = ""
    is_required: bool = True
    choices: Mapping[str, str] = field(default_factory=dict)
    """What can be chosen, and the text of each."""

    def read(self, text: str) -> object:
        """What the command's body has for a text that was typed; None for nothing. The API checks what it may be."""
        match self.kind:
            case "check":
                return bool(text)
            case "number":
                return number_or_text(text) if text else None
            case _:
                return text or None


@dataclass(frozen=True, slots=True)
class Preview:
    """What an action will do, in sentences, and the version of what it is meant for."""

    sentences: Sequence[str]
    version: int | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    """What the fields have in them at first."""
    warning: str | None = None
    """What makes the viewer think twice."""
    impossible: str | None = None
    """Why it cannot be done now; None where it can."""


Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PageAction:
    """Something that a person can do."""

    path: str
    """Its page, below the console's."""
    command: str
    """The API's route that it is, by method and path; parameters of its path are those of the page's."""
    title: str
    verb: str
    """What its button says."""
    back: str
    """The page that it came from, and leads to."""
    done: str
    """What that page says when it is done."""
    preview: Callable[[View], Awaitable[Preview]]
    """Finds out what it will do. Raises `ApiProblem`."""
    choice: Callable[[View], Awaitable[Response]] | None = None
    """The page that first asks for what the preview depends on, and sends it in the address; none where nothing is."""
    fields: Sequence[Field] = ()
    is_grave: bool = False
    """Whether it moves money, erases data or changes who may do what: then the viewer logs in again, if they have not
    lately."""
    body: Callable[[Body], Body | None] | None = None
    """Makes the command's body from what was typed; None where it is as typed."""
    template: str = "action.html"
    """That of its page."""
    result: str | None = None
    """The template of a page that shows the answer, for what is shown once; None where the page it came from does."""


def declare_action(pages: Pages, action: PageAction) -> None:
    """Add the page of an action, and what its form is sent to."""

    def back(view: View) -> str:
        quoted = {name: quote(value, safe="") for name, value in view.path.items()}
        return f"{pages.site}{_filled(action.back, quoted)}"

    @pages.page(action.path)
    async def ask(view: View) -> Response:
        if action.is_grave and not view.has_recent_login:
            return view.redirect(login_again(pages.site, view.address))
        if action.choice is not None and not view.query:
            return await action.choice(view)
        try:
            preview = await action.preview(view)
        except ApiProblem as problem:
            if action.choice is not None and problem.status in (409, 422):
                view.problem = problem
                return await action.choice(view)
            if problem.status != 409:
                raise
            preview = Preview((), impossible=view.said(problem))
        return _asked(view, action, preview, preview.values, key=str(uuid4()), back=back(view))

    @pages.action(action.path)
    async def act(view: View) -> Response:
        if action.is_grave and not view.has_recent_login:
            return view.redirect(login_again(pages.site, view.address))
        try:
            answer = await _given(view, action)
        except ApiProblem as problem:
            if problem.status == 401:
                raise
            view.problem = problem
            key = str(uuid4()) if problem.status < 500 else view.form.get("key", "")
            return _asked(view, action, await action.preview(view), view.form, key=key, back=back(view))
        if action.result is not None:
            return view.page(action.result, action=action, answer=answer.document, back=back(view))
        return view.done(back(view), action.done, answer.position)


def login_again(site: str, address: str) -> str:
    """Where the viewer of a site logs in once more, and comes back from to an address."""
    return f"{site}/login?{urlencode({'next': address, 'again': 1})}"


async def _given(view: View, action: PageAction) -> CallAnswer:
    """Give the command of a form that was sent. Raises `ApiProblem`."""
    method, _, path = action.command.partition(" ")
    typed = _nested({one.name: one.read(view.form.get(one.name, "")) for one in action.fields})
    content = typed if action.body is None else action.body(typed)
    return await view.calls.send(
        method,
        _filled(path, view.path),
        content or None,
        key=view.form.get("key") or None,
        version=typed_number(view.form.get("version", "")),
    )


def _asked(
    view: View, action: PageAction, preview: Preview, values: Mapping[str, str], *, key: str, back: str
) -> Response:
    """The page that asks; after a problem it says what was wrong, and has in it what was typed."""
    return view.page(action.template, action=action, preview=preview, values=values, key=key, back=back)


def _filled(path: str, values: Mapping[str, str]) -> str:
    for name, value in values.items():
        path = path.replace(f"{{{name}}}", value)
    return path


def _nested(values: Mapping[str, object]) -> dict[str, Any]:
    """Names with dots between them as objects in objects; what is left blank is left out."""
    nested: dict[str, Any] = {}
    for name, value in values.items():
        if value is None:
            continue
        *outer, last = name.split(".")
        place = nested
        for one in outer:
            place = place.setdefault(one, {})
        place[last] = value
    return nested


REASON = Field("reason", N_("Reason"), "long", N_("It stands in the audit trail for ever; name no person."))
"""Why somebody does what they do."""
