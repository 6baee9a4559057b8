"""One stream of server-sent events: what the log has beyond a position, and then what is appended, without gap or
repetition."""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi import Request, Response
from starlette.types import Receive, Scope, Send

from api.auth import Caller, Recheck
from api.context import AppContext, context_of
from api.http.accepted_languages import told_in, told_language
from api.http.errors import MalformedRequest
from api.http.methods import IS_HEAD
from api.http.turns import end_turn
from api.http.uvicorn_server import WRITE_ON
from api.live.blocks import KEEP_ALIVE, MEDIA_TYPE, Ending, Viewer, beginning, blocks_of, end
from api.live.listener import Listener
from api.queries.consistency import read_position
from commerce.audit.languages import ToldLanguage
from commerce.audit.search import EventFilter, search
from commerce.runtime.tasks import end_tasks
from commerce.runtime.tokens import InvalidToken, seconds_until
from commerce.values.errors import Unavailable

LAST_EVENT_ID = "Last-Event-ID"
KEEP_ALIVE_S = 15.0
"""After so many seconds without an event a comment is sent, so that nobody in between takes the connection for dead."""
RECHECK_S = 1.0
"""After so many seconds it is asked again whether the caller's API key is accepted."""
LONGEST_STREAM_S = 3600.0
"""How long a stream lasts at most, and no longer than its token."""
_PAGE_EVENTS = 100
_HEADERS = [
    (b"content-type", MEDIA_TYPE.encode()),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
    (b"connection", b"close"),
]


async def resume_position(request: Request) -> int | None:
    """The position that a client wants to go on from; None where it names none.

    A log that was restored from a backup may lack it: then it is waited for. Raises `MalformedRequest`, `Unavailable`.
    """
    text = request.headers.get(LAST_EVENT_ID)
    if not text:  # as browsers send it before the first event
        return None
    position = read_position(text)
    if position is None:
        raise MalformedRequest(f"{LAST_EVENT_ID} is not one of ours; send the id of an event, or leave it out")
    await context_of(request).read_models.reach_log(position, request)
    return position


class LiveStream(Response):
    """An answer that goes on until the client leaves, or what the caller identifies themselves by ends.

    What it sends is up to `_write`; `wanted` are the events of which its listener is told.
    """

    def __init__(
        self, request: Request, caller: Caller, wanted: EventFilter, place: int = 0, *, outlines: bool = False
    ) -> None:
        super().__init__()
        self._context: AppContext = context_of(request)
        self._customer = None if caller.customer_id is None else caller.identity.actor
        self._language = told_language(request)
        self._listener = Listener(wanted, Viewer(self._customer, outlines, self._language))
        self._good_until, self._recheck = caller.good_until, caller.recheck
        self._ended = request.app.state.metrics.streams_ended
        self._place = place

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send events until the client leaves, or the stream has to end."""
        end_turn(scope)
        with self._context.feed.admitted(self._customer):
            headers = [*_HEADERS, *_told_in(self._language)]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            if IS_HEAD in scope:
                await send({"type": "http.response.body"})
                return
            ending, error = await self._run(receive, send)
            self._ended.labels(ending or "left").inc()
            if ending is not None:
                if WRITE_ON in scope:
                    scope[WRITE_ON]()
                await send({"type": "http.response.body", "body": end(ending, self._place)})
        if error is not None:
            raise error

    async def _run(self, receive: Receive, send: Send) -> tuple[Ending | None, BaseException | None]:
        """Why the stream has to end, None if the client has left; and the error that made it fail."""
        listener = self._listener
        seconds = min(LONGEST_STREAM_S, seconds_until(self._good_until))
        expiry = asyncio.get_running_loop().call_later(max(0.0, seconds), listener.end, Ending.EXPIRED)
        leaving, writing = asyncio.create_task(_left(receive)), asyncio.create_task(self._write(send))
        watching = [] if self._recheck is None else [asyncio.create_task(self._watch(self._recheck))]
        ends: set[asyncio.Future[Any]] = {leaving, writing, listener.ended}
        try:
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            if leaving.done():
                return None, None
            if listener.ended.done():
                return listener.ended.result(), None
            return Ending.FAILED, writing.exception()
        finally:
            expiry.cancel()
            self._context.feed.leave(listener)
            await end_tasks([leaving, writing, *watching])
            await asyncio.gather(leaving, writing, *watching, return_exceptions=True)

    async def _write(self, send: Send) -> None:
        """Send what there is, and then what comes."""
        raise NotImplementedError

    async def _watch(self, recheck: Recheck) -> None:
        """End the stream once the caller's key is not accepted any more."""
        while True:
            await asyncio.sleep(RECHECK_S)
            try:
                await recheck()
            except InvalidToken:
                self._listener.end(Ending.EXPIRED)
                return
            except Unavailable:  # then nothing new is read, and so nothing new is sent
                continue


class EventStream(LiveStream):
    """The answer that tells a caller of events which fulfil a filter, beyond a position."""

    async def _write(self, send: Send) -> None:
        """Send what the log has, and then what comes."""
        await self._send(send, beginning(self._place), self._place)
        await self._catch_up(send)
        while True:
            events = await self._listener.take(KEEP_ALIVE_S)
            new = [(position, block) for position, block in events if position > self._place]
            if new:
                await self._send(send, b"".join(block for _, block in new), new[-1][0])
            elif not events:
                await self._send(send, KEEP_ALIVE, self._place)

    async def _catch_up(self, send: Send) -> None:
        """Send page by page what the log has, joining those who are told before the last page is read."""
        feed, listener, joined = self._context.feed, self._listener, False
        while True:
            found = await search(self._context.store, listener.wanted, self._place, _PAGE_EVENTS)
            shown = [(event, listener.viewer) for event in found.events]
            blocks = await blocks_of(self._context.store, shown)
            await self._send(send, b"".join(blocks.values()), max(self._place, found.until))
            if found.more:
                continue
            if joined or self._place >= feed.join(listener):
                return
            joined = True

    async def _send(self, send: Send, text: bytes, place: int) -> None:
        if text:
            await send({"type": "http.response.body", "body": text, "more_body": True})
        self._place = place  # cancelled above, nothing was sent


def _told_in(language: ToldLanguage) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode(), value.encode()) for name, value in told_in(language).items()]


async def _left(receive: Receive) -> None:
    """Wait until the client has left."""
    while (await receive())["type"] != "http.disconnect":
        pass
