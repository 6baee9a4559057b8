"""Payments: what was set aside, taken and given back for an order."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response, Security

from api.access_records import record_access
from api.auth import ANYBODY, Caller
from api.http.strict_route import StrictRoute
from api.openapi.documentation import POSITION, example, headers, problem_answers
from api.own_streams import folded
from api.routers.orders import order_of_caller
from api.schemas.answers import json_answer
from commerce.values import ids
from projections.payments import PAYMENTS, PaymentView

router = APIRouter(prefix="/api/v1/orders", tags=["orders"], route_class=StrictRoute)

_PAYMENT = {
    "order_id": "3f0e4c6e-8f4b-5a0e-9d57-0a4c2f1b7d11",
    "status": "captured",
    "authorized": {"amount": "17.80", "currency": "EUR"},
    "captured": {"amount": "17.80", "currency": "EUR"},
    "refunded": {"amount": "0.00", "currency": "EUR"},
}


@router.get(
    "/{order_id}/payment",
    operation_id="get_payment",
    response_model=PaymentView,
    responses=problem_answers(400, 404) | example(_PAYMENT),
    openapi_extra=headers(POSITION),
)
async def get(order_id: UUID, request: Request, caller: Annotated[Caller, Security(ANYBODY)]) -> Response:
    """See what was set aside, taken and given back for an order; `none` where nothing was asked for."""
    await order_of_caller(request, caller, order_id)
    await record_access(request, caller, [order_id])
    payments = await folded(PAYMENTS, request, order_id, ids.payment_id(order_id))
    return json_answer(payments[order_id])
