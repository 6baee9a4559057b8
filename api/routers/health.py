"""Whether this process lives, can work, and what it has measured; for machines, and without a token."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel, ConfigDict
from pydantic_core import to_json

from api.metrics import Metrics
from api.parts import parts_of
from api.readiness import problems

router = APIRouter(tags=["operation"])


class Health(BaseModel):
    """`ok`, or `failing` with what is wrong, by the name of the part."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"status": "ok", "problems": {}}]})

    status: str
    problems: dict[str, str] = {}


_FAILING = {"status": "failing", "problems": {"database": "no answer within 2 s"}}


@router.get("/health/live", response_model=Health)
async def live() -> Response:
    """Say that the process answers."""
    return Response(to_json(Health(status="ok")), media_type="application/json")


@router.get(
    "/health/ready",
    response_model=Health,
    responses={503: {"model": Health, "content": {"application/json": {"example": _FAILING}}}},
)
async def ready(request: Request) -> Response:
    """Say whether commands and queries can be answered."""
    found = await problems(parts_of(request))
    health = Health(status="failing" if found else "ok", problems=found)
    return Response(to_json(health), 503 if found else 200, media_type="application/json")


@router.get(
    "/metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"example": "commerce_append_queue_length 0.0\n"}}}},
)
async def metrics(request: Request) -> Response:
    """Show what was measured, in Prometheus' text format."""
    measured: Metrics = request.app.state.metrics
    return Response(generate_latest(measured.registry), media_type=CONTENT_TYPE_LATEST)
