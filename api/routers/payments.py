"""Payments: what was authorized, captured and refunded for an order, and attempts where its customer is needed."""

from __future__ import annotations

from uuid import UUID

from fastapi import Request, Response
from pydantic.config import JsonDict
from pydantic_core import to_json

from api.auth import Admitted
from api.context import context_of
from api.http.idempotency import answer_once, keyed_request
from api.http.preference import APPLIED
from api.http.resource import Answer, Resource
from api.openapi.headers import IDEMPOTENCY_KEY, PREFER
from api.queries.access_records import record_access
from api.queries.consistency import HEADER
from api.queries.own_streams import folded
from api.routers.orders import awaited_order, order_of_caller, shown_order
from api.schemas.answers import command_answer, json_answer
from api.schemas.orders import OrderView
from api.schemas.payment_attempts import EXAMPLE_ATTEMPT_ACCEPTED, PaymentAttemptAccepted, PaymentAttemptRequest
from commerce.eventstore import Accepted, Idempotency
from commerce.payments.attempt_commands import request_attempt
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
    "action": None,
}


@router.query("/{order_id}/payment", Answer(PaymentView, example=_PAYMENT), problems=(404,))
async def get_payment(order_id: UUID, request: Request, caller: Admitted) -> Response:
    """See what was authorized, captured and refunded for an order; status `none` if nothing was requested."""
    await order_of_caller(request, caller, order_id)
    await record_access(request, caller, [order_id])
    payments = await folded(PAYMENTS, request, order_id, ids.payment_id(order_id))
    return json_answer(payments[order_id])


@router.command(
    "POST",
    "/{order_id}/payment/attempts",
    Answer(PaymentAttemptAccepted, 202, EXAMPLE_ATTEMPT_ACCEPTED, (HEADER, APPLIED)),
    Answer(
        OrderView,
        headers=("ETag", HEADER, APPLIED),
        description="The order has ended, or waits for its customer again (`payment_action`).",
    ),
    problems=(400, 404, 409),
    reads=(IDEMPOTENCY_KEY, PREFER),
)
async def request_payment_attempt(
    order_id: UUID, command: PaymentAttemptRequest, request: Request, caller: Admitted
) -> Response:
    """Try a payment in another way while it waits for its customer, or have the payment provider asked.

    What was tried before is ended first, unless the customer has confirmed it, so money is never held twice. An order
    has 10 attempts in all.
    """
    context = context_of(request)
    await order_of_caller(request, caller, order_id)
    method = command.payment_method
    attempt = keyed_request(request, caller, command)

    async def handle(idempotency: Idempotency) -> Accepted:
        if method is not None:
            await context.methods.check(method)
        return await request_attempt(context.store, order_id, method, caller.metadata, idempotency=idempotency)

    answer = to_json({"order_id": order_id, "payment_method": method})
    outcome = await answer_once(request, attempt, answer, handle)
    about: dict[str, str] = {}
    if ended := await awaited_order(request, order_id, about, outcome.position):
        await record_access(request, caller, [order_id])
        return await shown_order(request, ended.order, about, ended.action)
    return command_answer(202, outcome.answer, outcome.position, about)
