"""Webhooks: what the payment provider sends word of."""

from __future__ import annotations

from fastapi import Request, Response

from api.context import context_of
from api.http.resource import Answer, Resource
from api.http.webhook_signature import Signed
from api.schemas.answers import json_answer
from api.schemas.webhooks import ProviderMessage, WebhookReceipt, message_of
from commerce.payments.webhook_commands import receive

router = Resource("/api/v1/webhooks", "webhooks")


@router.command(
    "POST",
    "/{provider}",
    Answer(WebhookReceipt, example={"event_id": "evt_81", "status": "received"}),
    problems=(400, 404, 413, 415),
)
async def receive_webhook(provider: Signed, message: ProviderMessage, request: Request) -> Response:
    """Take word of the payment provider: it is put on record and answered at once, and then the provider is asked.

    `provider` is `http` or `stripe`, as `COMMERCE_PROVIDER` says. A signature stands in place of a token, in
    `Stripe-Signature` or `Webhook-Signature`: `t=SECONDS,v1=HMAC`, where HMAC is that of SHA-256 over `SECONDS.BODY`
    with `COMMERCE_WEBHOOK_SECRET`, in hex, and is good for five minutes.
    """
    told = message_of(provider, message)
    if told is None:
        return json_answer(WebhookReceipt(event_id=message.id, status="ignored"))
    is_first = await receive(context_of(request).store, told)
    return json_answer(WebhookReceipt(event_id=message.id, status="received" if is_first else "repeated"))
