"""Answers of the API that are handed on: its files as they are, and its streams of events without what these say, as
the page asks again."""

from __future__ import annotations

import re
from collections.abc import Mapping

from fastapi import Response
from starlette.types import Message, Receive, Scope, Send

from api.live.blocks import Ending
from api.pages.api_calls import QueryValue
from api.pages.view import View
from api.queries.consistency import write_position

_ENDING = re.compile(rb"^event: (%b)\n" % b"|".join(one.encode() for one in Ending), re.MULTILINE)


class StreamOfApi(Response):
    """The answer that tells a page that something happened in a stream of a route of the API."""

    def __init__(
        self, view: View, path: str, query: Mapping[str, QueryValue] | None = None, *, after: int | None = None
    ) -> None:
        """Hand on what comes after a position of the log, unless the browser resumes behind another one."""
        super().__init__()
        self._view, self._path, self._query = view, path, query or {}
        self._after = None if after is None else write_position(after)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand it on until either side ends it."""

        async def send_shortened(message: Message) -> None:
            if message["type"] == "http.response.body" and b"data: " in message.get("body", b""):
                message = {**message, "body": _shortened(message["body"])}
            await send(message)

        await self._view.calls.forward(self._path, self._query, receive, send_shortened, after=self._after)


class AnswerOfApi(Response):
    """The answer of a route of the API as it is, while it is written; `file` is what a browser keeps it as."""

    def __init__(self, view: View, path: str, *, file: str | None = None) -> None:
        super().__init__()
        self._view, self._path, self._file = view, path, file

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand it on."""

        async def send_named(message: Message) -> None:
            if self._file is not None and message["type"] == "http.response.start" and message["status"] == 200:
                named = (b"content-disposition", f'attachment; filename="{self._file}"'.encode())
                message = {**message, "headers": [*message["headers"], named]}
            await send(message)

        await self._view.calls.forward(self._path, {}, _without_body(receive), send_named)


def _without_body(receive: Receive) -> Receive:
    """What a route hears of a browser whose form was read before: that there is no body, and then whether it leaves."""
    is_first = True

    async def heard() -> Message:
        nonlocal is_first
        if is_first:
            is_first = False
            return {"type": "http.request", "body": b"", "more_body": False}
        return await receive()

    return heard


def _shortened(blocks: bytes) -> bytes:
    """Blocks of events as one that has the place of the last; how a stream ends stays as it is."""
    if _ENDING.search(blocks):
        return blocks
    ids = re.findall(rb"^id: .*\n", blocks, re.MULTILINE)
    return b"data: changed\n%b\n" % (ids[-1] if ids else b"")
