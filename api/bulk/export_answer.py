"""An export: all items of a list, one on each line, each with the cursor to go on after it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable

from fastapi import Request
from pydantic_core import to_json
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from api.auth import Caller
from api.context import context_of
from api.http.methods import IS_HEAD
from api.http.resource import NDJSON
from api.http.turns import end_turn
from commerce.values.errors import InvalidInput

PAGE_ITEMS = 200
"""Items that one query reads and one access record names; no session is held between two pages."""
_JSON = "application/json"


def wants_lines(request: Request) -> bool:
    """Whether a list is asked for as lines. Raises `InvalidInput` where it is to have pages, too."""
    accepted = [one.partition(";")[0].strip().lower() for one in request.headers.get("accept", "").split(",")]
    if NDJSON not in accepted or _JSON in accepted:
        return False
    if "limit" in request.query_params:
        raise InvalidInput("lines come without pages; leave limit out", "limit")
    return True


def lines_of_page(items: Iterable[tuple[object, str]]) -> bytes:
    """Items as lines, each with its cursor."""
    return b"".join(b'%b,"cursor":"%b"}\n' % (to_json(item)[:-1], cursor.encode()) for item, cursor in items)


class ExportAnswer(StreamingResponse):
    """Pages as they are read. Where one cannot be read, the answer ends without its end, and its client knows."""

    def __init__(self, request: Request, caller: Caller, pages: AsyncIterator[bytes]) -> None:
        super().__init__(pages, media_type=NDJSON, headers={"X-Accel-Buffering": "no"})
        self._slots, self._actor = context_of(request).bulk, caller.identity.actor

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send all pages while the client reads. Raises `Unavailable` and `TooManyRequests` where too many are sent."""
        end_turn(scope)
        with self._slots.admitted(self._actor):
            if IS_HEAD in scope:
                self.body_iterator = no_pages()
            await super().__call__(scope, receive, send)


async def no_pages() -> AsyncIterator[bytes]:
    """The pages of a list without items."""
    nothing: tuple[bytes, ...] = ()
    for page in nothing:
        yield page
