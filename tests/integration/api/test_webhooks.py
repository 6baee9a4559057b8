"""Word of the payment provider over HTTP: only what it signed is recorded, once, and answered at once."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest
from stripe import WebhookSignature

from commerce.eventstore import EventStore
from commerce.runtime.settings import Settings
from commerce.values import ids
from tests.integration.api.conftest import WEBHOOK_SECRET as SECRET
from tests.integration.api.conftest import serving
from tests.integration.api.test_problems import JSON, check
from tests.waiting import LIMIT_S

ORDER = UUID("3f0e4c6e-8f4b-5a0e-9d57-0a4c2f1b7d11")
HEADER = {"http": "Webhook-Signature", "stripe": "Stripe-Signature"}


@pytest.fixture(params=["http", "stripe"])
def provider(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def client(provider: str, settings: Settings, store: EventStore) -> AsyncIterator[httpx2.AsyncClient]:
    """A client without a token of an API that takes webhooks of a provider."""
    own = settings.model_copy(update={"provider": provider})
    async with (
        serving(own) as url,
        httpx2.AsyncClient(base_url=f"{url}/api/v1/webhooks", timeout=LIMIT_S) as client,
    ):
        yield client


def word(provider: str, **changed: Any) -> dict[str, Any]:
    """A message of a provider."""
    stripes = {"object": {"object": "payment_intent", "id": "pi_1", "metadata": {"order_id": str(ORDER)}, "name": "A"}}
    ours = {"authorization_id": "pi_1", "order_id": str(ORDER)}
    data = stripes if provider == "stripe" else ours
    return {"id": f"evt_{uuid4().hex}", "type": "captured", "created": 1_795_947_305, "data": data, **changed}


async def send(
    client: httpx2.AsyncClient,
    provider: str,
    message: object,
    *,
    secret: str = SECRET,
    age_s: int = 0,
    tampered: bytes = b"",
) -> httpx2.Response:
    body = json.dumps(message)
    signed = WebhookSignature.generate_signature_header(body, secret, int(time.time()) - age_s)
    headers = {HEADER[provider]: signed, **JSON}
    return await client.post(f"/{provider}", content=body.encode() + tampered, headers=headers)


async def test_what_the_provider_signed_is_recorded_once(
    client: httpx2.AsyncClient, provider: str, store: EventStore
) -> None:
    message = word(provider)
    answers = [await send(client, provider, message) for _ in range(2)]
    assert [answer.json() for answer in answers] == [
        {"event_id": message["id"], "status": status} for status in ("received", "repeated")
    ]
    (recorded,) = await store.read_stream(ids.webhook_id(provider, message["id"]))
    event = recorded.event.model_dump(mode="json")
    assert (event["authorization_id"], event["order_id"], event["kind"]) == ("pi_1", str(ORDER), "captured")
    assert (recorded.correlation_id, recorded.actor) == (ORDER, f"provider:{provider}")


async def test_what_it_did_not_sign_is_rejected(client: httpx2.AsyncClient, provider: str, store: EventStore) -> None:
    message = word(provider)
    wrong = [
        await client.post(f"/{provider}", json=message),
        await send(client, provider, message, secret="whsec_another-secret"),
        await send(client, provider, message, age_s=301),
        await send(client, provider, message, tampered=b" "),
        await send(client, provider, {"nonsense": 1}, secret="whsec_another-secret"),
    ]
    for header in ("", "t=1,v1=", "t=x,v1=00", "v1=00", f"t={'9' * 400},v1=00", f"t={int(time.time())},v1=\xff"):
        signed = {HEADER[provider]: header.encode("latin-1"), **JSON}
        wrong.append(await client.post(f"/{provider}", content=json.dumps(message).encode(), headers=signed))  # type: ignore[arg-type]
    for answer in wrong:
        check(answer, 401, "signature-not-accepted")
    assert await store.read_stream(ids.webhook_id(provider, message["id"])) == []


async def test_what_is_about_no_payment_is_taken_and_not_recorded(
    client: httpx2.AsyncClient, provider: str, store: EventStore
) -> None:
    before = await store.head()
    nothing: list[dict[str, object]] = [{}, {"object": {"object": "customer"}}, {"authorization_id": None}]
    for data in nothing:
        answer = await send(client, provider, word(provider, data=data))
        assert answer.json()["status"] == "ignored"
    assert await store.head() == before


async def test_what_cannot_be_read_is_rejected(client: httpx2.AsyncClient, provider: str) -> None:
    for field, value in (("id", ""), ("id", "a b"), ("id", "x" * 129), ("type", 1), ("created", -1), ("data", [])):
        check(await send(client, provider, word(provider, **{field: value})), 422, "invalid-input")
    check(await client.post(f"/{provider}?nonsense=1", json=word(provider)), 422, "invalid-input")
    check(await client.post(f"/{provider}", content=b"{", headers=JSON), 400, "malformed-request")
    too_long = await client.post(f"/{provider}", content=b" " * (1024**2 + 1), headers=JSON)
    check(too_long, 413, "body-too-large")


async def test_another_provider_than_payments_go_to_is_not_known(client: httpx2.AsyncClient, provider: str) -> None:
    other = {"http": "stripe", "stripe": "http"}[provider]
    check(await send(client, other, word(other)), 404, "not-found")
    check(await client.post("/paypal", json=word(provider)), 404, "not-found")


async def test_of_a_charge_or_a_refund_of_stripe_the_intent_is_recorded(
    client: httpx2.AsyncClient, provider: str, store: EventStore
) -> None:
    if provider == "http":
        return
    message = word("stripe", data={"object": {"object": "refund", "id": "re_1", "payment_intent": "pi_2"}})
    await send(client, "stripe", message)
    (recorded,) = await store.read_stream(ids.webhook_id("stripe", message["id"]))
    event = recorded.event.model_dump()
    assert (event["authorization_id"], event["order_id"], recorded.correlation_id) == ("pi_2", None, None)


async def test_before_a_secret_is_set_the_provider_is_asked_to_come_again(
    settings: Settings, store: EventStore
) -> None:
    unset = settings.model_copy(update={"webhook_secret": None})
    async with serving(unset) as url, httpx2.AsyncClient(base_url=f"{url}/api/v1/webhooks") as client:
        check(await send(client, "http", word("http")), 503, "unavailable")
