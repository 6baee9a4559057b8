"""Whether a message really comes from the payment provider: its signature, and how old that is."""

from __future__ import annotations

from typing import Annotated, get_args

from fastapi import Depends, Request

from api.context import context_of
from api.http.errors import SignatureNotAccepted
from api.http.query_parameters import reject_wrong_query
from api.schemas.webhooks import Provider
from commerce.values.errors import NotFound, Unavailable

HEADER = {"http": "Webhook-Signature", "stripe": "Stripe-Signature"}
"""Where each provider's signature stands: `t=SECONDS,v1=HMAC`, as Stripe has it."""

OLDEST_SIGNATURE_S = 300
"""Seconds for which a signature holds; a provider that sends a message again signs it again."""


async def verified(provider: str, request: Request) -> Provider:
    """The provider in a path, once the body is known to be signed by it.

    Raises `NotFound` for another provider than payments go to, `SignatureNotAccepted`, and `Unavailable` where no
    secret is set.
    """
    terms = context_of(request).webhooks
    if provider not in get_args(Provider) or provider != terms.provider:
        raise NotFound(f"payments do not go through a provider {provider[:64]!r}; COMMERCE_PROVIDER says which")
    if terms.secret is None:
        raise Unavailable("webhooks cannot be checked before COMMERCE_WEBHOOK_SECRET is set")
    reject_wrong_query(request.scope)
    _require_signature(await request.body(), request.headers.get(HEADER[terms.provider]), terms.secret)
    return terms.provider


def _require_signature(body: bytes, header: str | None, secret: str) -> None:
    from stripe import SignatureVerificationError, WebhookSignature  # noqa: PLC0415 - it takes 0.3 s to import

    try:
        WebhookSignature.verify_header(body, header, secret, OLDEST_SIGNATURE_S)
    except (SignatureVerificationError, ValueError, TypeError):  # the latter for what is no text
        raise SignatureNotAccepted(
            f"the signature is missing, is not of this body and the secret, or is older than {OLDEST_SIGNATURE_S} s"
        ) from None


Signed = Annotated[Provider, Depends(verified)]
"""The provider that signed the request."""
