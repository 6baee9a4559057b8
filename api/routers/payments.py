"""Payments: what was authorized, captured and refunded for an order."""

from __future__ import annotations

from uuid import UUID

from fastapi import Request, Response
from pydantic.config import JsonDict

from api.auth import Anybody
from api.http.resource import Answer, Resource
from api.queries.access_records import record_access
from api.queries.own_streams import folded
from api.routers.orders import order_of_caller
from api.schemas.answers import json_answer
from commerce.values import ids
from projections.payments import PAYMENTS, PaymentView

router = Resource("/api/v1/orders", "orders")

_PAYMENT: JsonDict = {
    "order_id": "3f0e4c6e-8f4b-5a0e-9d57-0a4c2f1b7d11",
    "status": "captured",
    "authorized": {"amount": "17.80", "currency": "EUR"},
    "captured": {"amount": "17.80", "currency": "EUR"},
    "refunded": {"amount": "8.90", "currency": "EUR"},
    "refundable": {"amount": "8.90", "currency": "EUR"},
    "refunds": [
        {
            "refund_id": "9f0b6a52-33a5-5d3c-8a52-2f0d1c7e4b21",
            "amount": {"amount": "8.90", "currency": "EUR"},
            "status": "refunded",
            "failure": None,
            "lines": [],
        }
    ],
}


@router.query("/{order_id}/payment", Answer(PaymentView, example=_PAYMENT), problems=(404,))
async def get_payment(order_id: UUID, request: Request, caller: Anybody) -> Response:
    """See what was authorized, captured and refunded for an order; status `none` if nothing was requested."""
    await order_of_caller(request, caller, order_id)
    await record_access(request, caller, [order_id])
    payments = await folded(PAYMENTS, request, order_id, ids.payment_id(order_id))
    return json_answer(payments[order_id])
