"""The verification of the log: ask the projections worker to compare all of it with what was signed, watch it, cancel
it."""

from __future__ import annotations

from fastapi import Request, Response
from pydantic.config import JsonDict
from pydantic_core import from_json, to_json

from api.auth import Admitted
from api.context import context_of
from api.http.idempotency import Outcome, answer_repeatable
from api.http.preference import APPLIED, preferred
from api.http.resource import Answer, Resource
from api.openapi.headers import KEY_IF_WANTED, PREFER
from api.schemas.answers import json_answer
from api.schemas.fields import NoFields
from commerce.values.errors import NotFound
from projections.engine import maintenance
from projections.engine.maintenance import LogVerification

router = Resource("/api/v1/audit", "audit")

_PATH = "/verification"
_EXAMPLE: JsonDict = {
    "id": 18,
    "status": "done",
    "requested_by": "operator:anna",
    "requested_at": "2026-11-23T14:00:00.500000Z",
    "done": 90000,
    "total": 90000,
    "rate": 45000.0,
    "seconds_left": None,
    "problem": None,
    "ended_at": "2026-11-23T14:00:02.500000Z",
    "differing": 1,
    "findings": [
        {
            "kind": "changed",
            "detail": "its state is not what was sealed",
            "position": 4711,
            "stream": "3f0e4c6e-8f4b-5a0e-9d57-0a4c2f1b7d11",
            "version": 2,
            "topic": "ordering.OrderConfirmed",
        }
    ],
}


@router.command(
    "POST",
    _PATH,
    Answer(LogVerification, 202, _EXAMPLE, (APPLIED,)),
    Answer(LogVerification, 200, _EXAMPLE, (APPLIED,), "It has ended: `status` says how."),
    problems=(400, 409),
    reads=(KEY_IF_WANTED, PREFER),
)
async def start_log_verification(request: Request, caller: Admitted) -> Response:
    """Compare every event of the log with what was signed; `findings` name what was changed, removed or inserted.

    The projections worker does it, as `commerce audit verify` does; 409 while one is under way.
    """
    store, about = context_of(request).store, dict[str, str]()

    async def handle() -> Outcome:
        asked = await maintenance.request_log_verification(store.pool, caller.identity.actor)
        return Outcome(to_json(asked), await store.head())

    outcome = await answer_repeatable(request, caller, NoFields(), handle)
    number = int(from_json(outcome.answer)["id"])

    async def ended() -> LogVerification | None:
        found = await maintenance.newest_log_verification(store.pool)
        return found if found and (found.ended_at is not None or found.id != number) else None

    watch = context_of(request).completions.watch
    if found := await preferred(request, about, lambda seconds: watch(ended, seconds)):
        return json_answer(found, about)
    return Response(outcome.answer, 202, about, "application/json")


@router.query(_PATH, Answer(LogVerification, example=_EXAMPLE), problems=(404,))
async def get_log_verification(request: Request, _caller: Admitted) -> Response:
    """See how far the verification of the log asked for last is, and what came of it."""
    found = await maintenance.newest_log_verification(context_of(request).store.pool)
    if found is None:
        raise NotFound("no verification of the log was ever asked for")
    return json_answer(found)


@router.command("DELETE", _PATH, Answer(LogVerification, 202, _EXAMPLE), problems=(404,))
async def cancel_log_verification(request: Request, _caller: Admitted) -> Response:
    """Give up the verification of the log that is under way."""
    return json_answer(await maintenance.cancel_log_verification(context_of(request).store.pool), status=202)
