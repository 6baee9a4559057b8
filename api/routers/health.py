"""Liveness, readiness and metrics of this process, for machines; no token is needed."""

from __future__ import annotations

from fastapi import Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic.config import JsonDict

from api.context import context_of
from api.http.resource import Answer, Resource
from api.metrics import Metrics
from api.readiness import Health, health_of
from api.schemas.answers import json_answer

router = Resource("", "operation")

_FAILING: JsonDict = {"status": "failing", "problems": {"database": "no answer within 2 s"}, "behind": {}}


@router.open_query("/health/live", Answer(Health))
async def check_liveness() -> Response:
    """Say that the process answers."""
    return json_answer(Health().model_dump(exclude_none=True))


@router.open_query(
    "/health/ready",
    Answer(Health),
    Answer(Health, 503, example=_FAILING, description="Service Unavailable"),
)
async def check_readiness(request: Request) -> Response:
    """Say whether commands and queries can be answered."""
    health = await health_of(context_of(request))
    return json_answer(health.model_dump(exclude_none=True), status=503 if health.problems else 200)


@router.open_query("/metrics", Answer(str, example="commerce_append_queue_length 0.0\n", media_type="text/plain"))
async def get_metrics(request: Request) -> Response:
    """Show what was measured, in Prometheus' text format."""
    measured: Metrics = request.app.state.metrics
    return Response(generate_latest(measured.registry), media_type=CONTENT_TYPE_LATEST)
