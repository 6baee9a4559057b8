"""Decisions about one or several things at once: a page that says what will happen to each, and one command for each.

What is decided about one does not depend on the others: the page says of each what became of it, and those that were
refused can be chosen again. The command of each has an idempotency key of its own, so that a form that is sent again
does nothing twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from fastapi import Response

from api.pages.actions import Field, login_again
from api.pages.api_calls import ApiProblem, CallAnswer
from api.pages.languages import N_
from api.pages.problem_words import field_problems
from api.pages.routes import Pages
from api.pages.view import View

MOST_CHOSEN_ITEMS = 100
"""What one form decides about at most: a page of a list."""
_CONCURRENT_COMMANDS = 4
_NOTHING_CHOSEN = N_("Nothing is chosen; go back, and choose at least one.")
_TOO_MANY = N_("Choose no more than 100 at once.")


@dataclass(frozen=True, slots=True)
class ChosenOne:
    """What becomes of one of those that were chosen."""

    name: str
    """What it is called on the page."""
    address: str
    """Its page."""
    sentences: Sequence[str]
    """What will happen, or has happened."""
    problem: str | None = None
    """Why nothing does."""


@dataclass(frozen=True, slots=True)
class GroupDecision:
    """Something that a person decides about several things at once."""

    path: str
    """Its page, below the console's."""
    title: str
    verb: str
    """What its button says."""
    back: str
    """The page where they are chosen."""
    chosen: str
    """The parameter of the address that names one of those that are chosen, and comes several times."""
    preview: Callable[[View, str], Awaitable[ChosenOne]]
    """What will happen to one. Raises `ApiProblem`."""
    give: Callable[[View, str, str], Awaitable[CallAnswer]]
    """Gives the command about one, under an idempotency key. Raises `ApiProblem`."""
    sentence: str
    """What will happen to all of them."""
    done: str
    """What the page says of one that it was done to."""
    fields: Sequence[Field] = ()
    is_grave: bool = False
    """Whether it moves money: then the viewer logs in again, if they have not lately."""
    values: Callable[[View], Mapping[str, str]] = lambda _: {}
    """What the fields have in them at first."""


def declare_group_decision(pages: Pages, decision: GroupDecision) -> None:
    """Add the page of a decision, and what its form is sent to."""

    def chosen(view: View) -> list[str]:
        return list(dict.fromkeys(view.request.query_params.getlist(decision.chosen)))

    def shown(view: View, outcomes: Sequence[ChosenOne], **values: Any) -> Response:
        back = f"{pages.site}{decision.back}"
        return view.page("group_decision.html", decision=decision, outcomes=outcomes, back=back, **values)

    def wrong(view: View) -> str | None:
        count = len(chosen(view))
        return view.text(_NOTHING_CHOSEN) if not count else view.text(_TOO_MANY) if count > MOST_CHOSEN_ITEMS else None

    @pages.page(decision.path)
    async def ask(view: View) -> Response:
        if decision.is_grave and not view.has_recent_login:
            return view.redirect(login_again(pages.site, f"{pages.site}{decision.back}"))
        if said := wrong(view):
            return shown(view, [], wrong=said, values={}, key=None)
        outcomes = await _each(chosen(view), lambda one: decision.preview(view, one), decision, view)
        values = dict(decision.values(view))
        return shown(view, outcomes, wrong=None, values=values, key=str(uuid4()))

    @pages.action(decision.path)
    async def act(view: View) -> Response:
        if decision.is_grave and not view.has_recent_login:
            return view.redirect(login_again(pages.site, f"{pages.site}{decision.back}"))
        if said := wrong(view):
            return shown(view, [], wrong=said, values={}, key=None)
        key = view.form.get("key") or str(uuid4())

        async def done(one: str) -> ChosenOne:
            about = await decision.preview(view, one)
            await decision.give(view, one, f"{key} {one}"[:255])
            return ChosenOne(about.name, about.address, [view.text(decision.done)])

        outcomes = await _each(chosen(view), done, decision, view)
        return shown(view, outcomes, wrong=None, values=view.form, key=None)


async def _each(
    chosen: Sequence[str], code: Callable[[str], Awaitable[ChosenOne]], decision: GroupDecision, view: View
) -> list[ChosenOne]:
    """What becomes of each; a few at a time, so that others get their turn. Raises `ApiProblem` for who is not in."""
    slots = asyncio.Semaphore(_CONCURRENT_COMMANDS)

    async def one(name: str) -> ChosenOne:
        async with slots:
            try:
                return await code(name)
            except ApiProblem as problem:
                if problem.status == 401:
                    raise
                wrong = field_problems(problem.document, {}, view.language)
                said = [view.said(problem), *(f"{one.title}: {one.message}" for one in wrong)]
                return ChosenOne(name, f"{view.site}{decision.back}", [], "; ".join(said))

    return list(await asyncio.gather(*[one(name) for name in chosen]))
