"""Stripe's answers, in the shapes that its API reference of 2026-10-28 gives them: of what nobody reads, a part."""

from __future__ import annotations

from typing import Any
from uuid import UUID

Shape = dict[str, Any]

KEY = UUID("5f0d6f0e-93a7-4d8a-8f0f-6d9f2c1f3a11")
"""The request's id, which is its idempotency key."""
ORDER = UUID("a1380e5d-141c-42b5-9717-bcaf548ba65f")
INTENT = "pi_3MtwBwLkdIwHu7ix28a3tqPa"


def intent(status: str, **changed: object) -> Shape:
    """A PaymentIntent of 19.99 EUR for the order."""
    return {
        "id": INTENT,
        "object": "payment_intent",
        "amount": 1999,
        "amount_capturable": 1999 if status == "requires_capture" else 0,
        "amount_details": {"tip": {}},
        "amount_received": 1999 if status == "succeeded" else 0,
        "allowed_payment_method_types": ["card"],
        "application": None,
        "canceled_at": 1795000000 if status == "canceled" else None,
        "cancellation_reason": None,
        "capture_method": "manual",
        "client_secret": f"{INTENT}_secret_YrKJUKribcBjcG8HVhfZluoGH",
        "confirmation_method": "automatic",
        "created": 1794990000,
        "currency": "eur",
        "customer": None,
        "last_payment_error": None,
        "latest_charge": "ch_3MtwBwLkdIwHu7ix1nhhHpbg",
        "livemode": False,
        "metadata": {"order_id": str(ORDER), "request_id": str(KEY)},
        "next_action": None,
        "payment_method": "pm_1MtwBwLkdIwHu7ixo2aJfFPV",
        "payment_method_types": ["card"],
        "status": status,
        **changed,
    }


def refund(status: str = "succeeded", **changed: object) -> Shape:
    """A refund of 5.00 EUR."""
    return {
        "id": "re_1Nispe2eZvKYlo2Cd31jOCgZ",
        "object": "refund",
        "amount": 500,
        "balance_transaction": "txn_1Nispe2eZvKYlo2CYezqFhEx",
        "charge": "ch_3MtwBwLkdIwHu7ix1nhhHpbg",
        "created": 1795000000,
        "currency": "eur",
        "metadata": {"request_id": str(KEY)},
        "payment_intent": INTENT,
        "reason": None,
        "status": status,
        **changed,
    }


def dispute(status: str = "needs_response", **changed: object) -> Shape:
    """A dispute about the whole intent."""
    return {
        "id": "du_1MtJUT2eZvKYlo2CNaw2HvEv",
        "object": "dispute",
        "amount": 1999,
        "balance_transactions": [],
        "charge": "ch_3MtwBwLkdIwHu7ix1nhhHpbg",
        "created": 1795000000,
        "currency": "eur",
        "evidence": {"customer_purchase_ip": None, "uncategorized_text": None},
        "evidence_details": {"due_by": 1795781599, "has_evidence": False, "past_due": False, "submission_count": 0},
        "is_charge_refundable": False,
        "livemode": False,
        "metadata": {},
        "payment_intent": INTENT,
        "reason": "fraudulent",
        "status": status,
        **changed,
    }


def listed(*items: Shape, has_more: bool = False) -> Shape:
    """A page of a list."""
    return {"object": "list", "data": [*items], "has_more": has_more, "url": "/v1/refunds"}


def error(type_: str = "invalid_request_error", code: str | None = None, **named: object) -> Shape:
    """The body of an answer that is no success."""
    told = {"message": "It is not done.", "type": type_, **({"code": code} if code else {}), **named}
    return {"error": {**told, "request_log_url": "https://dashboard.stripe.com/test/logs/req_1"}}


def declined(code: str = "card_declined", **named: object) -> Shape:
    """A card's bank declines."""
    return error("card_error", code, payment_intent=intent("requires_payment_method"), **named)
