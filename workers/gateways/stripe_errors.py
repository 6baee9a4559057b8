"""Stripe's errors, as those of every party: no answer, put off, rejected. Declines are outcomes, and none of these."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

import stripe

from commerce.outside.errors import PartyUnavailable, Postponed, RequestRejected
from workers.gateways.http_session import retry_after_s
from workers.gateways.party_text import LONGEST_DETAIL_CHARACTERS, cleaned_answer, code
from workers.gateways.stripe_answers import decline_reason

_CREDENTIAL = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})
_BUSY = frozenset({HTTPStatus.CONFLICT, HTTPStatus.LOCKED, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS})

_DECLINING_CODES = frozenset({"amount_too_small", "amount_too_large", "payment_method_invalid_parameter"})
"""Rejections of an intent that are about the payment itself, and not about how we asked."""

Failure = PartyUnavailable | Postponed | RequestRejected


def failure_of(error: stripe.StripeError) -> Failure:
    """What an error means for the call that it ended."""
    status = error.http_status or 0
    if isinstance(error, stripe.RateLimitError):  # which Stripe also says with 400
        status = HTTPStatus.TOO_MANY_REQUESTS
    by_status = failure_by_status(status, error.headers or {})
    if isinstance(by_status, Postponed):
        return by_status
    detail = cleaned_answer(error.user_message or "", LONGEST_DETAIL_CHARACTERS)
    match error:
        case stripe.IdempotencyError():
            return RequestRejected("idempotency_key_reused", detail)
        case stripe.InvalidRequestError(code=None) if status == HTTPStatus.NOT_FOUND:
            return PartyUnavailable("Stripe does not know such a path")
        case stripe.InvalidRequestError() | stripe.CardError():
            return RequestRejected(code(error.code, f"http_{status}"), detail)
    return by_status


def failure_by_status(status: int, headers: Mapping[str, str], what: str = "") -> PartyUnavailable | Postponed:
    """What an answer means of which nothing but its status can be read; `what` is in words what came with it."""
    if status in _CREDENTIAL:
        return Postponed(f"Stripe rejects our API key ({status})", "credential_refused")
    if status in _BUSY:
        return Postponed(f"Stripe answered {status}", "busy", retry_after_s(headers))
    return PartyUnavailable(f"Stripe answered {status}{what}" if status else "Stripe gave no answer")


def decline_of(error: stripe.StripeError) -> str | None:
    """Why an intent is declined when it is created or confirmed; None where the error says nothing of the payment."""
    if is_unknown(error, "payment_method"):
        return "unknown_payment_method"
    if isinstance(error, stripe.CardError):
        body = error.json_body
        return decline_reason(body.get("error") if isinstance(body, dict) else None)
    is_about_payment = isinstance(error, stripe.InvalidRequestError) and error.code in _DECLINING_CODES
    return error.code if is_about_payment else None


def is_unknown(error: stripe.StripeError, name: str) -> bool:
    """Whether Stripe rejects a request because it does not know what a field of it names."""
    return isinstance(error, stripe.InvalidRequestError) and error.code == "resource_missing" and error.param == name


def is_broken(error: stripe.StripeError) -> bool:
    """Whether something went wrong at Stripe itself: the same key is answered by the same error for a day, whatever
    became of the request."""
    return (error.http_status or 0) >= HTTPStatus.INTERNAL_SERVER_ERROR
