"""The simulated payment provider: an HTTP service of its own, with a ledger of every movement of money."""

from __future__ import annotations

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from workers.simulation import card_payments, money_entries, webhooks
from workers.simulation.card_payments import parse_amount
from workers.simulation.site import Cursor, IdempotencyKey, Limit, Since, TheDesk, simulator

router = APIRouter(prefix="/v1")


class AuthorizationRequest(BaseModel):
    """Money to set aside; amounts are decimal strings such as `19.99`."""

    model_config = ConfigDict(extra="forbid")

    order_id: str = Field(min_length=1, max_length=64)
    amount: str = Field(max_length=32)
    currency: str
    payment_method: str = Field(max_length=255)


class AmountRequest(BaseModel):
    """Money to take or to give back; a currency, where it is named, must be the authorization's."""

    model_config = ConfigDict(extra="forbid")

    amount: str = Field(max_length=32)
    currency: str | None = None


@router.post("/authorizations", status_code=201)
async def authorize(body: AuthorizationRequest, idempotency_key: IdempotencyKey, desk: TheDesk) -> Response:
    """Set money aside."""
    amount = parse_amount(body.amount, body.currency)
    return await desk.once(
        idempotency_key, "authorize", body, card_payments.authorize, body.order_id, amount, body.payment_method
    )


@router.post("/authorizations/{authorization_id}/capture")
async def capture(
    authorization_id: str, body: AmountRequest, idempotency_key: IdempotencyKey, desk: TheDesk
) -> Response:
    """Take money that is set aside, once."""
    return await desk.once(
        idempotency_key,
        f"capture {authorization_id}",
        body,
        card_payments.capture,
        authorization_id,
        body.amount,
        body.currency,
    )


@router.post("/authorizations/{authorization_id}/void")
async def void(authorization_id: str, idempotency_key: IdempotencyKey, desk: TheDesk) -> Response:
    """Let go of money that was not taken."""
    return await desk.once(idempotency_key, f"void {authorization_id}", None, card_payments.void, authorization_id)


@router.post("/authorizations/{authorization_id}/refunds", status_code=201)
async def refund(
    authorization_id: str, body: AmountRequest, idempotency_key: IdempotencyKey, desk: TheDesk
) -> Response:
    """Give back money that was taken."""
    return await desk.once(
        idempotency_key,
        f"refund {authorization_id}",
        body,
        card_payments.refund,
        authorization_id,
        body.amount,
        body.currency,
    )


@router.get("/authorizations")
async def moved_since(desk: TheDesk, since: Since, cursor: Cursor = 0, limit: Limit = 100) -> Response:
    """The authorizations under which money moved since a time, in that order."""
    return await desk.moved(card_payments.moved_authorizations, since, cursor, limit)


@router.get("/authorizations/{authorization_id}")
async def show(authorization_id: str, desk: TheDesk) -> Response:
    """An authorization as it stands."""
    return await desk.read(card_payments.show, authorization_id)


@router.get("/payment-methods")
async def payment_methods() -> dict[str, list[str]]:
    """What can be paid with."""
    return {"payment_methods": list(card_payments.METHODS)}


app = simulator("provider", card_payments.SCHEMA + webhooks.SCHEMA, router, money_entries.page, webhooks.sending)
