"""The HTTP manners of a simulated party: idempotency keys, problems, lost answers, and a process around it all."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext, suppress
from datetime import UTC, datetime
from typing import Annotated, Concatenate, ParamSpec

from fastapi import APIRouter, Depends, FastAPI, Header, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import AwareDatetime, BaseModel
from starlette.types import Receive, Scope, Send

from commerce.runtime.settings import Settings, load_settings
from commerce.values.errors import InvalidInput
from workers.runtime.app import WorkerApp
from workers.simulation import idempotency
from workers.simulation.credentials import Guarded, credentials_of
from workers.simulation.http_methods import HttpMethods
from workers.simulation.idempotency import StoredAnswer, answer_stored, operation_under, problem
from workers.simulation.ledger import Ledger, Page, open_ledger

LOST_ANSWER_S = 2.0
"""A lost answer keeps its connection open this long, unless who asked gives up first; then it is cut."""

IdempotencyKey = Annotated[str, Header(min_length=1, max_length=255)]
Cursor = Annotated[int, Query(ge=0, le=2**63 - 1)]
Limit = Annotated[int, Query(ge=1, le=500)]
Since = Annotated[AwareDatetime, Query()]

P = ParamSpec("P")
Beside = Callable[[Settings, Ledger], AbstractAsyncContextManager[object]]
"""What a party does on its own, for as long as it runs."""
ReadMoved = Callable[[sqlite3.Connection, str, int, int], StoredAnswer]
ReadPage = Callable[[sqlite3.Connection, str | None, int, int], Page]


class LostAnswer(Response):
    """No answer, and a connection that is cut in the end."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Wait until who asked gives up; for the more patient, cut the connection within an answer."""
        with suppress(TimeoutError):
            async with asyncio.timeout(LOST_ANSWER_S):
                while (await receive())["type"] != "http.disconnect":
                    pass
                return
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1")]})


class Desk:
    """Takes requests to a ledger and answers them over HTTP."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger

    async def once(
        self,
        key: str,
        operation: str,
        body: BaseModel | None,
        act: Callable[Concatenate[sqlite3.Connection, str, P], StoredAnswer],
        *args: P.args,
        **named: P.kwargs,
    ) -> Response:
        """Act on a request unless it was acted on before; what `operation` names is part of what the key stands for."""
        request = idempotency.IdempotentRequest(key, operation, body.model_dump(mode="json") if body else {})

        def once(connection: sqlite3.Connection) -> StoredAnswer:
            return answer_stored(connection, request, lambda: act(connection, key, *args, **named))

        return respond(await self.ledger.do(once))

    async def read(self, read: Callable[[sqlite3.Connection, str], StoredAnswer], name: str) -> Response:
        """Answer a question about one thing."""
        return respond(await self.ledger.do(lambda connection: read(connection, name)))

    async def moved(self, read: ReadMoved, since: datetime, cursor: int, limit: int) -> Response:
        """Answer a page of what moved since a time."""
        at = since.astimezone(UTC).isoformat(timespec="microseconds")
        return respond(await self.ledger.do(lambda connection: read(connection, at, cursor, limit)))


def _desk(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk


TheDesk = Annotated[Desk, Depends(_desk)]


def respond(answer: StoredAnswer) -> Response:
    """An answer as an HTTP response, or none where it is lost."""
    if answer.lost:
        return LostAnswer()
    return JSONResponse(
        answer.body,
        answer.status_code,
        headers={"Idempotent-Replayed": "true"} if answer.repeated else None,
        media_type="application/problem+json" if answer.status_code >= 400 else None,
    )


def simulator(
    name: str,
    schema: str,
    router: APIRouter,
    read_page: ReadPage,
    beside: Beside = lambda _settings, _ledger: nullcontext(),
    *,
    public: str | None = None,
) -> WorkerApp:
    """The process of a simulated party, with its ledger in `COMMERCE_HOME/<name>.sqlite3`; paths that begin with
    `public` need no credential."""

    @asynccontextmanager
    async def lifespan(app: WorkerApp) -> AsyncIterator[None]:
        settings = load_settings()
        file = settings.home / f"{name}.sqlite3"
        async with open_ledger(file, idempotency.SCHEMA + schema) as ledger:
            app.health = ledger.health
            site = HttpMethods(_site(name, Desk(ledger), router, read_page))
            app.site = Guarded(site, credentials_of(name, settings), public)
            async with beside(settings, ledger):
                yield

    return WorkerApp(name, lifespan=lifespan)


def _site(name: str, desk: Desk, router: APIRouter, read_page: ReadPage) -> FastAPI:
    site = FastAPI(title=f"Simulated {name}")
    site.state.desk = desk
    site.include_router(router)
    site.add_exception_handler(RequestValidationError, _reject_malformed)
    site.add_exception_handler(InvalidInput, _reject_invalid)

    @site.get("/v1/operations/{key:path}")
    async def find_operation(key: str) -> Response:
        """What happened under an idempotency key; 404 where nothing did."""
        return await desk.read(operation_under, key)

    @site.get("/ledger")
    async def read_ledger(order_id: str | None = None, cursor: Cursor = 0, limit: Limit = 100) -> Page:
        """Everything that really happened, oldest first, with the totals of the orders on the page."""
        return await desk.ledger.do(lambda connection: read_page(connection, order_id, cursor, limit))

    return site


async def _reject_malformed(_request: Request, error: Exception) -> Response:
    """Say what is wrong, and repeat no value: it may be an address."""
    assert isinstance(error, RequestValidationError)
    found = [
        (str(each["loc"][0]), ".".join(str(part) for part in each["loc"][1:]), each["msg"]) for each in error.errors()
    ]
    if any(place == "header" for place, _, _ in found):
        return respond(problem(400, "idempotency_key_missing", "Send an Idempotency-Key of 1 to 255 characters."))
    rejection = problem(422, "invalid_request", "The request cannot be read.")
    errors = [{"field": field, "message": message} for _, field, message in found]
    return respond(StoredAnswer(rejection.status_code, {**rejection.body, "errors": errors}))


async def _reject_invalid(_request: Request, error: Exception) -> Response:
    return respond(problem(422, "invalid_request", str(error)))
