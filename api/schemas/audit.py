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
    "who": "saga",
}
LOGGED: JsonDict = {**ITEM, "number": "7KXM-2PD4"}
ACCESS_ENTRY: JsonDict = {
    "position": 58,
    "recorded_at": "2026-11-23T10:20:03.004000Z",
    "actor": "operator:anna",
    "route": "GET /api/v1/orders/{order_id}",
    "request_id": "8f0a1c52-5d0f-4a3e-9a42-0f2f7f6b9d10",
    "who": "anna",
}
READING: JsonDict = {**ACCESS_ENTRY, "orders": [ORDER_ID], "customers": [], "numbers": ["7KXM-2PD4"]}
PLACE: JsonDict = {name: value for name, value in ITEM.items() if name not in ("text", "data", "who")}
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
            "who": "anna",
            "request_id": "8f0a1c52-5d0f-4a3e-9a42-0f2f7f6b9d10",
            "recorded_at": "2026-11-23T10:14:58.120000Z",
            "caused": [{"event": ITEM, "seconds_after_cause": 0.0, "caused": []}],
        }
    ],
}
HEAD: JsonDict = {
    "tree_size": 4711,
    "timestamp": 1795428898120,
    "sha256_root_hash": "NHHtd3FBLlAyQ9dq9mEMMkD/g0cZWwqMyWUOBz6mBqM=",
    "tree_head_signature": "8qV1T1ZyHkVt3fVvFmTqkR0pZz9bBt2mJq0mXn1pX0m3mCq6Qd8mS1pGkYvJw0tq0lKb4U0e2Wm6f1x9c3r6Bg==",
    "public_key": "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
}
PROOF: JsonDict = {
    "format": "commerce proof 1",
    "order_id": ORDER_ID,
    "tree_size": 4711,
    "events": [
        {
            "leaf_index": 44,
            "row": {
                "originator_id": ORDER_ID,
                "originator_version": 2,
                "topic": "ordering.OrderRejected",
                "state": '{"reason":"out_of_stock"}',
                "notification_id": 45,
                "recorded_at": "2026-11-23T10:14:58.120000+00:00",
                "correlation_id": ORDER_ID,
                "causation_id": 44,
                "metadata": '{"actor": "service:saga"}',
            },
            "audit_path": ["5f0c1c9a7b3d2e4f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7"],
        }
    ],
}


@dataclass(frozen=True, slots=True)
class ProvedEventView:
    """An event as it is stored, and what leads from it to the root of the tree."""

    leaf_index: int
    """Which event of the log it is, counted from 0."""
    row: dict[str, str | int | None]
    """Every column of it; what is personal is encrypted."""
    audit_path: list[str]
    """The hashes from it to the root (RFC 6962, section 2.1.1), in hexadecimal, the lowest first."""


@dataclass(frozen=True, slots=True)
class OrderProof:
    """What `scripts/check_proof.py` checks against a tree head."""

    format: str
    """The form of this document."""
    order_id: UUID
    """The order whose events are proved."""
    tree_size: int
    """The size of the tree whose head it is checked against."""
    events: list[ProvedEventView]
    """All events about the order, in the order of the log."""


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
