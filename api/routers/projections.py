"""Maintenance of read models: ask the projections worker to rebuild or to verify one, watch it, and cancel it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response, Security

from api.auth import OPERATOR, OVERSEERS, Caller
from api.context import context_of
from api.http.strict_route import StrictRoute
from api.openapi.documentation import Extra, example, problem_answers
from api.schemas.answers import json_answer
from projections import projection_of
from projections.engine import maintenance
from projections.engine.maintenance import Kind, MaintenanceJob

router = APIRouter(prefix="/api/v1/ops/projections", tags=["operation"], route_class=StrictRoute)

Name = Annotated[str, Path(description="The read model, as `GET /ops/subscriptions` names it.", examples=["orders"])]

_MAINTENANCE = {
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


_VERBS = {"ask": "start", "get": "get", "cancel": "cancel"}
_ACCEPTED: dict[int | str, Extra] = {202: example(_MAINTENANCE)[200]}


def _routes(kind: Kind, purpose: str) -> None:
    """Declare how one kind of work is asked for, watched and cancelled."""

    async def ask(name: Name, request: Request, caller: Annotated[Caller, Security(OPERATOR)]) -> Response:
        projection, pool = projection_of(name), context_of(request).store.pool
        asked = await maintenance.request(pool, kind, projection.name, projection.version, caller.identity.actor)
        return json_answer(asked, status=202)

    async def get(name: Name, request: Request, _caller: Annotated[Caller, Security(OVERSEERS)]) -> Response:
        return json_answer(await maintenance.newest(context_of(request).store.pool, kind, projection_of(name).name))

    async def cancel(name: Name, request: Request, _caller: Annotated[Caller, Security(OPERATOR)]) -> Response:
        return json_answer(
            await maintenance.cancel(context_of(request).store.pool, kind, projection_of(name).name), status=202
        )

    for method, endpoint, description, answers in (
        (router.post, ask, f"{purpose} The projections worker does it; 409 while the same is under way.", (404, 409)),
        (router.get, get, f"See how far the {kind} asked for last is, and what came of it.", (404,)),
        (router.delete, cancel, f"Give up the {kind} that is under way; the read model stays as it is.", (404,)),
    ):
        method(
            f"/{{name}}/{kind}",
            name=f"{endpoint.__name__} {kind}",
            operation_id=f"{_VERBS[endpoint.__name__]}_{kind}",
            description=description,
            status_code=200 if endpoint is get else 202,
            response_model=MaintenanceJob,
            responses=problem_answers(*answers) | (example(_MAINTENANCE) if endpoint is get else _ACCEPTED),
        )(endpoint)


_routes("rebuild", "Rebuild a read model beside the one that is read, then put it in its place.")
_routes(
    "verification",
    "Have every row of a read model compared with the log; `differences` name the rows that are wrong, and their fields.",
)
