"""The smallest worker with a broker, a lifespan and a health check, to be started by tests."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from faststream.nats import JStream, NatsBroker, PullSub
from pydantic import BaseModel

from commerce.values.errors import BadUsage
from workers.runtime.app import WorkerApp, worker_logger


class Shipment(BaseModel):
    name: int


broker = NatsBroker(
    os.environ.get("EXAMPLE_BROKER", "nats://127.0.0.1:1"),
    logger=worker_logger("example"),
    max_reconnect_attempts=-1,
    reconnect_time_wait=1,
)


@broker.subscriber("example.parcels", stream=JStream("EXAMPLE"), durable="example", pull_sub=PullSub(timeout=0.05))
async def on_shipment(body: dict[str, str]) -> None:
    Shipment.model_validate(body)


@asynccontextmanager
async def lifespan(app: WorkerApp) -> AsyncIterator[None]:
    match os.environ.get("EXAMPLE_FAULT"):
        case "usage":
            raise BadUsage("no database_url: set COMMERCE_DATABASE_URL")
        case "bug":
            raise ValueError("first line\nJane Zweistein")
    yield


app = WorkerApp("example", broker, lifespan=lifespan)
