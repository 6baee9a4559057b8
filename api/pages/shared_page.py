"""A page that all see alike who have the same rights, language and zone: its parts are made once for all of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from fastapi import Response
from markupsafe import Markup

from api.context import context_of
from api.live.shared import NOTHING, Parts, PartsStream, SharedPages, SharedParts
from api.pages.renderer import rendered
from api.pages.view import View
from api.queries.consistency import STANDS_STILL_KEY

Values = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class SharedPage:
    """A page whose parts are templates, and what these are filled with.

    Its values hold nothing of a person's: then whose request they were asked in makes no difference, and nobody owes an
    access record for having seen what somebody else asked for. Whoever adds a part keeps it so.
    """

    name: str
    """The folder of its templates."""
    parts: tuple[str, ...]
    values: Callable[[View], Awaitable[Values]]
    """Asks the API for what the parts show. Raises `ApiProblem`."""

    async def shown(self, view: View) -> Mapping[str, Markup]:
        """The parts as HTML."""
        made = await self._shared(view).now(lambda: self._make(view))
        return {name: Markup(html) for name, html in made.parts.items()}

    def follow(self, view: View) -> Response:
        """The stream of the parts that change."""
        assert view.caller is not None
        stream = PartsStream(view.request, view.caller, NOTHING)
        stream.shared, stream.make = self._shared(view), lambda: self._make(view)
        return stream

    def _shared(self, view: View) -> SharedParts:
        pages: SharedPages = view.request.app.state.shared_pages
        assert view.caller is not None
        scopes = view.caller.scopes
        rights = view.caller.identity.role, None if scopes is None else frozenset(scopes)
        return pages.of(context_of(view.request), (self.name, rights, view.language.code, view.language.zone_name))

    async def _make(self, view: View) -> Parts:
        view.request.scope.pop(STANDS_STILL_KEY, None)  # what stood still when they were made last
        values = {"view": view, **await self.values(view)}
        return {part: rendered(f"{self.name}/{part}.html", view.language, values) for part in self.parts}
