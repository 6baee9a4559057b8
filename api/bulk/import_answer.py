"""An import: lines are read while others are handled and answered, each by a line of its own."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Generic, TypeVar

from eventsourcing.persistence import MapperDeserialisationError
from eventsourcing.utils import TopicError
from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from pydantic_core import to_json
from starlette.types import Receive, Scope, Send

from api.auth import Caller
from api.bulk.answer_spool import AnswerSpool
from api.bulk.import_kinds import ImportKind, LineCommand, commands_of
from api.bulk.line_reader import LONGEST_LINE_BYTES, Line, LineReader
from api.context import context_of
from api.http.error_handlers import UNREADABLE, problem_of
from api.http.errors import BodyTooLarge, IdempotencyKeyReused
from api.http.idempotency import idempotency_key_of
from api.http.json_body import reject_repeated_keys
from api.http.resource import NDJSON
from api.http.turns import end_turn
from api.http.uvicorn_server import UNHURRIED
from api.metrics import Metrics
from api.schemas.fields import Body
from commerce.eventstore import (
    MOST_TRIES,
    KeyedCommand,
    KeyExists,
    Outcome,
    Remembered,
    UnreadableEvent,
    handle_commands,
)
from commerce.runtime.tasks import end_tasks
from commerce.runtime.tokens import InvalidToken, seconds_until
from commerce.values.errors import CommerceError, Unavailable

B = TypeVar("B", bound=Body)
LONGEST_IMPORT_S = 3600.0
"""An import that is not over then ends where it is."""
RECHECK_S = 1.0
"""After so many seconds it is asked again whether the caller's API key or session is accepted."""
_HEADERS = [(b"content-type", NDJSON.encode()), (b"x-accel-buffering", b"no")]

Answered = Outcome | Exception


class ImportAnswer(Response, Generic[B]):
    """The answer to an import of one kind, whose first line has a number.

    What is wrong with a line is said in its answer. What stops the import is the answer to the first line that was not
    handled, and the last one; before any line was handled it is the answer as a whole.
    """

    def __init__(self, request: Request, caller: Caller, kind: ImportKind[B], first_number: int) -> None:
        super().__init__()
        self._context, self._caller, self._kind = context_of(request), caller, kind
        self._path = request.scope["raw_path"].decode("latin-1")
        self._scope = f"{caller.identity.actor}\n{request.method} {request.scope['path']}"
        self._key = idempotency_key_of(request)
        self._first_number = first_number
        self._until = self._checked = 0.0
        self._lines = {"accepted": 0, "refused": 0}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle the lines. Raises what stops the import before any line was handled."""
        end_turn(scope)
        with self._context.bulk.admitted(self._caller.identity.actor):
            if UNHURRIED in scope:
                scope[UNHURRIED]()
            began, spool = asyncio.get_running_loop().time(), AnswerSpool()
            handling = asyncio.create_task(self._handle(receive, spool), name="import")
            handling.add_done_callback(lambda _: spool.end())
            try:
                await self._answer(spool, handling, send)
            finally:
                await end_tasks([handling])
                await asyncio.gather(handling, return_exceptions=True)
                spool.close()
                self._measure(scope["app"].state.metrics, asyncio.get_running_loop().time() - began)

    def _measure(self, metrics: Metrics, seconds: float) -> None:
        for result, count in self._lines.items():
            metrics.import_lines.labels(self._kind.name, result).inc(count)
        metrics.import_seconds.labels(self._kind.name).observe(seconds)

    async def _answer(self, spool: AnswerSpool, handling: asyncio.Task[None], send: Send) -> None:
        has_begun = False
        async for piece in spool.pieces():
            if not has_begun:
                await send({"type": "http.response.start", "status": 200, "headers": list(_HEADERS)})
                has_begun = True
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await handling
        if not has_begun:
            await send({"type": "http.response.start", "status": 200, "headers": list(_HEADERS)})
        await send({"type": "http.response.body"})

    async def _handle(self, receive: Receive, spool: AnswerSpool) -> None:
        reader = LineReader(receive, self._first_number, self._context.largest_import_bytes)
        self._until = asyncio.get_running_loop().time() + LONGEST_IMPORT_S
        number, has_answered = self._first_number, False
        try:
            async for batch in reader.batches():
                number = batch[0].number
                await self._require_leave()
                for line, outcome in zip(batch, await self._outcomes(batch), strict=True):
                    number = line.number
                    if isinstance(outcome, Unavailable) and not isinstance(outcome, UnreadableEvent):
                        raise outcome
                    await spool.write(self._line(number, outcome))
                    self._lines["refused" if isinstance(outcome, Exception) else "accepted"] += 1
                    has_answered = True
                number = reader.next_number
        except (Unavailable, BodyTooLarge, InvalidToken) as error:
            if not has_answered:
                raise
            await spool.write(self._line(number, error))

    async def _require_leave(self) -> None:
        """Raises `Unavailable` where the import has to end, `InvalidToken` where its sender is not accepted any
        more."""
        now = asyncio.get_running_loop().time()
        if self._context.bulk.closing.is_set():
            raise Unavailable("this process is stopping; go on with this line")
        if now > self._until:
            raise Unavailable(f"an import ends after {LONGEST_IMPORT_S:g} s; go on with this line")
        if seconds_until(self._caller.good_until) < 0:
            raise InvalidToken("the token is not valid any more; go on with this line, with another one")
        if self._caller.recheck is not None and now - self._checked > RECHECK_S:
            await self._caller.recheck()
            self._checked = now

    async def _outcomes(self, lines: Sequence[Line]) -> list[Answered]:
        """What became of each line; one that cannot be read harms no other."""
        found: dict[int, Answered] = {}
        read: dict[int, B] = {}
        for line in lines:
            try:
                read[line.number] = _read(self._kind.shape, line)
            except (CommerceError, RequestValidationError) as error:
                found[line.number] = error
        for _ in range(MOST_TRIES):
            todo = {number: body for number, body in read.items() if isinstance(found.get(number), KeyExists | None)}
            if not todo:
                break
            found |= await self._handled(todo)  # once more where the key of a stock item was made meanwhile
        return [found[line.number] for line in lines]

    async def _handled(self, lines: Mapping[int, B]) -> dict[int, Answered]:
        found: dict[int, Answered] = {}
        commands: dict[int, KeyedCommand] = {}
        asked = await commands_of(self._context, self._kind, list(lines.values()))
        for (number, body), command in zip(lines.items(), asked, strict=True):
            if isinstance(command, LineCommand):
                commands[number] = self._keyed(number, body, command)
            elif isinstance(command, CommerceError):
                found[number] = command
            else:
                raise command
        recorded = await self._recorded(list(commands.values()))
        for (number, keyed), outcome in zip(commands.items(), recorded, strict=True):
            found[number] = outcome
            if isinstance(outcome, Remembered) and not hmac.compare_digest(outcome.fingerprint, keyed.fingerprint):
                found[number] = IdempotencyKeyReused(
                    f"another line {number} was sent under this Idempotency-Key; use a new key"
                )
        return found

    async def _recorded(self, commands: list[KeyedCommand]) -> list[Outcome]:
        try:
            return await handle_commands(self._context.store, commands, self._caller.metadata)
        except (MapperDeserialisationError, TopicError):
            if len(commands) == 1:
                return [UNREADABLE()]
            return [outcome for one in commands for outcome in await self._recorded([one])]

    def _keyed(self, number: int, body: B, command: LineCommand) -> KeyedCommand:
        fingerprint = self._context.fingerprints.of(body)
        answer = partial(_accepted, command.sku)
        return KeyedCommand(self._scope, f"{self._key}\n{number}", fingerprint, command.decisions, answer, command.keys)

    def _line(self, number: int, outcome: Answered) -> bytes:
        if isinstance(outcome, Exception):
            problem = problem_of(outcome, self._path)
            content = problem.model_dump_json(exclude_none=True).encode()
            return b'{"line":%d,"status":%d,"problem":%b}\n' % (number, problem.status, content)
        return b'{"line":%d,"status":200,%b,"position":%d}\n' % (number, outcome.answer[1:-1], outcome.position)


def _accepted(sku: str, version: int) -> bytes:
    return to_json({"sku": sku, "version": version})


def _read(shape: type[B], line: Line) -> B:
    """Raises `BodyTooLarge`, `MalformedRequest` and `RequestValidationError`."""
    if line.content is None:
        raise BodyTooLarge(f"the line has more than {LONGEST_LINE_BYTES} bytes")
    reject_repeated_keys(line.content)
    try:
        return shape.model_validate_json(line.content)
    except ValidationError as error:
        raise RequestValidationError([{**one, "loc": ("body", *one["loc"])} for one in error.errors()]) from None
