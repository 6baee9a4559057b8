"""The peer of `bench.http`: a FastAPI app whose routes validate the same bodies, or read the same path, and answer."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from uuid import UUID

from fastapi import FastAPI, Response

from api.schemas.order_requests import PlaceOrder
from commerce.cli.system.system_process import SystemProcess

app = FastAPI(openapi_url=None)
_ANSWER = b'{"order_id":"3f0e4c6e-8f4b-5a0e-9d57-0a4c2f1b7d11","version":1,"status":"placed","position":45}'


@app.post("/dict", status_code=202)
async def answer_with_dict(command: PlaceOrder) -> dict[str, object]:
    """Validate, and answer as FastAPI's tutorial does."""
    return {"order_id": command.payment_method, "version": 1, "status": "placed", "position": 45}


@app.post("/response", status_code=202)
async def answer_with_response(command: PlaceOrder) -> Response:
    """Validate, and answer with bytes that are ready."""
    return Response(_ANSWER, 202, media_type="application/json")


@app.get("/orders/{order_id}")
async def read(order_id: UUID) -> Response:
    """Read the id, and answer with bytes that are ready."""
    return Response(_ANSWER, media_type="application/json")


@app.get("/health/ready")
async def ready() -> Response:
    """Whether it serves."""
    return Response(b"{}", media_type="application/json")


def process(environment: Mapping[str, str], logs: Path) -> SystemProcess:
    """The peer under uvicorn, with what makes it fast."""
    serve = ["--port", "{port}", "--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "warning"]
    command = [sys.executable, "-m", "uvicorn", "bench.http_peer:app", *serve]
    return SystemProcess("peer", command, health="/health/ready", environment=environment, log=logs / "peer.log")
