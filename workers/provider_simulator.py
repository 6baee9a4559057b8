"""The simulated payment provider: an HTTP service of its own, with a ledger of every movement of money."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Literal

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from commerce.runtime.settings import Settings
from commerce.values.dispute import DisputeOutcome
from workers.simulation import card_disputes, card_payments, customer_actions, money_entries, webhooks
from workers.simulation.card_disputes import DisputeTerms
from workers.simulation.card_payments import parse_amount
from workers.simulation.ledger import Ledger
from workers.simulation.site import Cursor, IdempotencyKey, Limit, Since, TheDesk, respond, simulator

router = APIRouter(prefix="/v1")
customers = APIRouter(prefix=customer_actions.PLACE)


class AuthorizationRequest(BaseModel):
    """Money to set aside; amounts are decimal strings such as `19.99`."""

    model_config = ConfigDict(extra="forbid")

    order_id: str = Field(min_length=1, max_length=64)
    amount: str = Field(max_length=32)
    currency: str
    payment_method: str = Field(max_length=255)
    return_url: str | None = Field(default=None, max_length=2048, pattern="^https?://")


class AmountRequest(BaseModel):
    """Money to take or to give back; a currency, where it is named, must be the authorization's."""

    model_config = ConfigDict(extra="forbid")

    amount: str = Field(max_length=32)
    currency: str | None = None


class DisputeRequest(BaseModel):
    """A customer disputes what was taken: all that is left of it where no amount is named."""

    model_config = ConfigDict(extra="forbid")

    amount: str | None = Field(default=None, max_length=32)
    reason: str = Field(default="fraudulent", pattern=r"^[a-z_]{1,64}$")
    answer_by: AwareDatetime | None = None


class DisputeClosure(BaseModel):
    """How a dispute ends."""

    model_config = ConfigDict(extra="forbid")

    outcome: DisputeOutcome


@asynccontextmanager
async def _beside(settings: Settings, ledger: Ledger) -> AsyncIterator[None]:
    """What the settings say: how long money is held, and of what word is sent."""
    await ledger.do(partial(card_payments.set_hold_limit, seconds=settings.simulated_hold_s))
    async with webhooks.sending(settings, ledger):
        yield


@router.post("/authorizations", status_code=201)
async def authorize(
    body: AuthorizationRequest, idempotency_key: IdempotencyKey, desk: TheDesk, request: Request
) -> Response:
    """Set money aside."""
    return await desk.once(
        idempotency_key,
        "authorize",
        body,
        card_payments.authorize,
        body.order_id,
        parse_amount(body.amount, body.currency),
        body.payment_method,
        return_url=body.return_url,
        address=_address(request),
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


@router.post("/authorizations/{authorization_id}/disputes", status_code=201)
async def dispute(
    authorization_id: str, body: DisputeRequest, idempotency_key: IdempotencyKey, desk: TheDesk
) -> Response:
    """Have the customer's bank dispute what was taken."""
    terms = DisputeTerms(body.amount, body.reason, body.answer_by)
    return await desk.once(
        idempotency_key, f"dispute {authorization_id}", body, card_payments.open_dispute, authorization_id, terms
    )


@router.post("/disputes/{dispute_id}/closure")
async def close_dispute(
    dispute_id: str, body: DisputeClosure, idempotency_key: IdempotencyKey, desk: TheDesk
) -> Response:
    """Have the bank decide a dispute, or the customer withdraw it."""
    return await desk.once(idempotency_key, f"close {dispute_id}", body, card_disputes.close, dispute_id, body.outcome)


@router.get("/authorizations/{authorization_id}")
async def show(authorization_id: str, desk: TheDesk, request: Request) -> Response:
    """An authorization as it stands."""
    address = _address(request)
    return await desk.read(lambda connection, id_: card_payments.show(connection, id_, address), authorization_id)


@router.get("/payment-methods")
async def payment_methods() -> dict[str, list[str]]:
    """What can be paid with."""
    return {"payment_methods": list(card_payments.METHODS)}


@customers.get("/{authorization_id}")
async def show_customer_page(authorization_id: str, desk: TheDesk) -> Response:
    """The page that a customer is sent to."""
    return _page(await desk.ledger.do(lambda one: customer_actions.find_action(one, authorization_id)))


@customers.post("/{authorization_id}/{answer}")
async def act_as_customer(
    authorization_id: str, answer: Literal["confirmation", "rejection"], desk: TheDesk
) -> Response:
    """The customer confirms the payment, or does not; only the first time counts."""
    succeeds = answer == "confirmation"
    return _page(await desk.ledger.do(lambda one: customer_actions.act(one, authorization_id, succeeds=succeeds)))


def _page(action: customer_actions.Action | None) -> Response:
    return respond(card_payments.NOT_FOUND) if action is None else HTMLResponse(customer_actions.customer_page(action))


def _address(request: Request) -> str:
    return str(request.base_url).rstrip("/")


_places = APIRouter()
_places.include_router(router)
_places.include_router(customers)
app = simulator(
    "provider",
    card_payments.SCHEMA + webhooks.SCHEMA,
    _places,
    money_entries.page,
    _beside,
    public=f"{customer_actions.PLACE}/",
)
