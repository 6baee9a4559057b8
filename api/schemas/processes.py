"""Examples of what orders wait for."""

from __future__ import annotations

from pydantic.config import JsonDict

EXAMPLE_PROCESS: JsonDict = {
    "order_id": "3f0e4c6e-8f4b-5a0e-9d57-0a4c2f1b7d11",
    "stage": "running",
    "waiting_for": "the payment to be authorised",
    "since": "2026-11-23T14:00:00.500000Z",
    "until": "2026-11-23T14:01:00.500000Z",
    "next": "book the shipment",
    "case": None,
}

EXAMPLE_CASE: JsonDict = {
    "order_id": "3f0e4c6e-8f4b-5a0e-9d57-0a4c2f1b7d11",
    "detail": "the payment provider does not let the money go: authorization_not_found",
    "since": "2026-11-23T14:05:00.500000Z",
    "stage": "compensating",
    "waiting_for": "the payment to be let go",
}
