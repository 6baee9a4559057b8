"""The answers of the audit, with examples."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pydantic.config import JsonDict

from commerce.audit.data import Data, data_of
from commerce.audit.personal_data import opened
from commerce.audit.state import Rebuilt
from commerce.eventstore import KeyRing

ORDER_ID = "3f0e4c6e-8f4b-5a0e-9d57-0a4c2f1b7d11"
ITEM: JsonDict = {
    "position": 45,
    "recorded_at": "2026-11-23T10:14:58.120000Z",
    "topic": "ordering.OrderRejected",
    "stream_id": ORDER_ID,
    "version": 2,
    "actor": "service:saga",
    "correlation_id": ORDER_ID,
    "causation_id": 44,
    "text": "The order is rejected: out_of_stock",
    "data": {"reason": "out_of_stock"},
}
ACCESS_ENTRY: JsonDict = {
    "position": 58,
    "recorded_at": "2026-11-23T10:20:03.004000Z",
    "actor": "operator:anna",
    "route": "GET /api/v1/orders/{order_id}",
    "request_id": "8f0a1c52-5d0f-4a3e-9a42-0f2f7f6b9d10",
}
STATE: JsonDict = {
    "stream_id": "0b1f5f0e-6a53-5b4e-8e58-7f3f3a2b9c01",
    "kind": "payment",
    "version": 2,
    "position": 61,
    "recorded_at": "2026-11-23T10:14:58.120000Z",
    "state": {"order_id": ORDER_ID, "status": "authorized", "authorized": {"amount": "17.80", "currency": "EUR"}},
}
TRACE: JsonDict = {
    "order_id": ORDER_ID,
    "events": 1,
    "seconds": 0.0,
    "requests": [
        {
            "actor": "operator:anna",
            "request_id": "8f0a1c52-5d0f-4a3e-9a42-0f2f7f6b9d10",
            "recorded_at": "2026-11-23T10:14:58.120000Z",
            "caused": [{"event": ITEM, "seconds_after_cause": 0.0, "caused": []}],
        }
    ],
}


@dataclass(frozen=True, slots=True)
class StreamState:
    """A stream as its events up to `position` leave it; `kind` says what it is, and with that what `state` holds."""

    stream_id: UUID
    """The stream the event stands in: one order, stock item, payment, shipment, product or process."""
    kind: str
    """What it is."""
    version: int
    """How many events of the stream are counted in."""
    position: int
    """The position of the last event that is counted in."""
    recorded_at: datetime
    """When that event was recorded."""
    state: Data | None
    """What the events add up to; its fields differ from kind to kind."""


async def stream_state(keys: KeyRing, rebuilt: Rebuilt) -> StreamState:
    """A rebuilt stream with its personal data in plain text."""
    states = await opened(keys, [rebuilt.state] if rebuilt.state else [])
    last = rebuilt.last
    return StreamState(
        stream_id=last.stream,
        kind=rebuilt.kind,
        version=last.originator_version,
        position=last.position,
        recorded_at=last.recorded_at,
        state=data_of(states[0]) if states else None,
    )
