"""Whether this process lives, can work, and what it has measured; for machines, and without a token."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from api.context import context_of
from api.metrics import Metrics
from api.readiness import Health, health_of
from api.schemas.answers import json_answer

router = APIRouter(tags=["operation"])


_FAILING = {"status": "failing", "problems": {"database": "no answer within 2 s"}, "behind": {}}


@router.get("/health/live", operation_id="check_liveness", response_model=Health)
async def live() -> Response:
    """Say that the process answers."""
    return json_answer(Health().model_dump(exclude_none=True))


@router.get(
    "/health/ready",
    operation_id="check_readiness",
    response_model=Health,
    responses={503: {"model": Health, "content": {"application/json": {"example": _FAILING}}}},
)
async def ready(request: Request) -> Response:
    """Say whether commands and queries can be answered."""
    health = await health_of(context_of(request))
    return json_answer(health.model_dump(exclude_none=True), status=503 if health.problems else 200)


@router.get(
    "/metrics",
    operation_id="get_metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"example": "commerce_append_queue_length 0.0\n"}}}},
)
async def metrics(request: Request) -> Response:
    """Show what was measured, in Prometheus' text format."""
    measured: Metrics = request.app.state.metrics
    return Response(generate_latest(measured.registry), media_type=CONTENT_TYPE_LATEST)
