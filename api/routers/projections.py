"""Maintenance of read models: ask the projections worker to rebuild or verify one, watch the job, cancel it."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Request, Response
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
from projections import projection_of
from projections.engine import maintenance
from projections.engine.maintenance import Kind, MaintenanceJob

router = Resource("/api/v1/ops/projections", "operation")

Name = Annotated[str, Path(description="The read model, as `GET /ops/subscriptions` names it.", examples=["orders"])]

_JOB: JsonDict = {
    "id": 17,
    "kind": "rebuild",
    "projection": "orders",
    "version": 1,
    "status": "running",
    "requested_by": "operator:anna",
    "requested_at": "2026-11-23T14:00:00.500000Z",
    "done": 30000,
    "total": 90000,
    "rate": 15000.0,
    "seconds_left": 4.0,
    "problem": None,
    "ended_at": None,
    "differing": 0,
    "differences": [],
}


def _routes(kind: Kind, purpose: str) -> None:
    """Declare how one kind of work is asked for, watched and cancelled."""
    path = f"/{{name}}/{kind}"
    accepted = Answer(MaintenanceJob, 202, _JOB)
    answers = (
        Answer(MaintenanceJob, 202, _JOB, (APPLIED,)),
        Answer(MaintenanceJob, 200, _JOB, (APPLIED,), "It has ended: `status` says how."),
    )

    named, problems, reads = f"start_{kind}", (400, 404, 409), (KEY_IF_WANTED, PREFER)

    @router.command("POST", path, *answers, problems=problems, reads=reads, name=named, description=purpose)
    async def start(name: Name, request: Request, caller: Admitted) -> Response:
        projection, store = projection_of(name), context_of(request).store

        async def handle() -> Outcome:
            actor = caller.identity.actor
            asked = await maintenance.request(store.pool, kind, projection.name, projection.version, actor)
            return Outcome(to_json(asked), await store.head())

        outcome = await answer_repeatable(request, caller, NoFields(), handle)
        about: dict[str, str] = {}
        number = int(from_json(outcome.answer)["id"])

        async def ended() -> MaintenanceJob | None:
            job = await maintenance.newest(store.pool, kind, projection.name)
            return job if job.ended_at is not None or job.id != number else None

        watch = context_of(request).completions.watch
        if job := await preferred(request, about, lambda seconds: watch(ended, seconds)):
            return json_answer(job, about)
        return Response(outcome.answer, 202, about, "application/json")

    watching = f"See how far the {kind} asked for last is, and what came of it."

    @router.query(path, Answer(MaintenanceJob, example=_JOB), problems=(404,), name=f"get_{kind}", description=watching)
    async def get(name: Name, request: Request, _caller: Admitted) -> Response:
        return json_answer(await maintenance.newest(context_of(request).store.pool, kind, projection_of(name).name))

    ending = f"Give up the {kind} that is under way; the read model stays as it is."

    @router.command("DELETE", path, accepted, problems=(404,), name=f"cancel_{kind}", description=ending)
    async def cancel(name: Name, request: Request, _caller: Admitted) -> Response:
        job = await maintenance.cancel(context_of(request).store.pool, kind, projection_of(name).name)
        return json_answer(job, status=202)


_routes(
    "rebuild",
    "Rebuild a read model beside the one that is read, then put it in its place."
    " The projections worker does it; 409 while the same is under way.",
)
_routes(
    "verification",
    "Compare every row of a read model with the log; `differences` name the rows that are wrong, and their fields."
    " The projections worker does it; 409 while the same is under way.",
)
