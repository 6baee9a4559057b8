"""Stripe's SDK over real connections: what is no answer, however it comes, and what is never sent twice."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from uuid import uuid4

import pytest
from aiohttp import web

from commerce.outside.errors import PartyUnavailable, Postponed
from commerce.payments.ports import PaymentOutcome
from commerce.values.money import Money
from tests.waiting import LIMIT_S
from workers.gateways.call_watch import CallWatch
from workers.gateways.http_session import LARGEST_ANSWER_BYTES
from workers.gateways.stripe_provider import StripePaymentProvider

PRICE = Money.of("19.99", "EUR")
Serve = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def serving(serve: Serve) -> AsyncIterator[str]:
    """A server that answers so, until the block ends."""
    runner = web.ServerRunner(web.Server(serve, access_log=None), shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def voided(url: str, watch: CallWatch | None = None, timeout_s: float = 10) -> PaymentOutcome:
    async with StripePaymentProvider("sk_test_1", url, watch, {"void": timeout_s}) as provider:
        return await provider.void(uuid4(), "pi_1")


@pytest.mark.parametrize(
    "text",
    ["", "<html>", "[]", "null", "5", '"canceled"', "{", '{"status": "canceled"', "[" * 50_000, '{"error": []}', "{}"],
)
@pytest.mark.parametrize("status", [200, 302, 400, 404, 500, 503])
async def test_what_cannot_be_read_is_no_answer(status: int, text: str) -> None:
    calls = 0

    async def serve(_request: web.BaseRequest) -> web.Response:
        nonlocal calls
        calls += 1
        return web.Response(status=status, text=text, headers={"Location": "http://127.0.0.1:1/"})

    async with serving(serve) as url:
        with pytest.raises(PartyUnavailable, match="Stripe"):
            await voided(url)
    assert calls == 1  # it is not led elsewhere, and the SDK does not try again


@pytest.mark.parametrize("text", ["<html>", "", "[]", '{"error": "no"}'])
@pytest.mark.parametrize(
    ("status", "cause"), [(401, "credential_refused"), (403, "credential_refused"), (409, "busy"), (429, "busy")]
)
async def test_some_statuses_say_enough_under_any_body(status: int, cause: str, text: str) -> None:
    async def serve(_request: web.BaseRequest) -> web.Response:
        return web.Response(status=status, text=text)

    async with serving(serve) as url:
        with pytest.raises(Postponed) as put_off:
            await voided(url)
    assert put_off.value.cause == cause


@pytest.mark.parametrize(
    "shape",
    [
        {"id": "pi_1", "object": "payment_intent", "status": "canceled", "metadata": 5, "latest_charge": [[[]]]},
        {"id": "pi_1", "object": ["payment_intent"], "status": "canceled"},
        {"id": "pi_1", "object": {"a": 1}, "status": "canceled", "customer": {"object": 7}},
    ],
)
async def test_an_answer_of_strange_shapes_is_read_for_what_matters(shape: dict[str, object]) -> None:
    async def serve(_request: web.BaseRequest) -> web.Response:
        return web.json_response(shape)

    async with serving(serve) as url:
        try:
            found = await voided(url)
        except PartyUnavailable:
            return
    assert getattr(found, "authorization_id", None) == "pi_1"


async def test_an_answer_is_read_up_to_1_mib() -> None:
    async def serve(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(2 * LARGEST_ANSWER_BYTES // 65_536):
            await response.write(b" " * 65_536)
        return response

    async with serving(serve) as url:
        with pytest.raises(PartyUnavailable, match="Stripe answered with more than 1 MiB"):
            await voided(url)


async def test_an_answer_that_drips_is_waited_for_no_longer_than_a_call_may_take() -> None:
    async def serve(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b" ")
            await asyncio.sleep(0.05)

    async with serving(serve) as url, asyncio.timeout(LIMIT_S):
        with pytest.raises(PartyUnavailable, match="Stripe gave no answer in time"):
            await voided(url, timeout_s=0.5)


async def test_a_call_of_several_requests_takes_no_longer_than_one() -> None:
    async def serve(request: web.BaseRequest) -> web.Response:
        await asyncio.sleep(0.4)
        return web.json_response({"error": {"type": "api_error"}}, status=500)

    async with serving(serve) as url, asyncio.timeout(LIMIT_S):
        with pytest.raises(PartyUnavailable, match="in time"):
            await voided(url, timeout_s=0.5)


async def test_a_connection_that_ends_or_that_cannot_be_made_is_no_answer() -> None:
    async def serve(request: web.BaseRequest) -> web.Response:
        assert request.transport is not None
        request.transport.abort()
        await asyncio.sleep(1)
        return web.Response()

    async with serving(serve) as url:
        with pytest.raises(PartyUnavailable, match="Stripe gave no answer"):
            await voided(url)
    with pytest.raises(PartyUnavailable, match="Stripe cannot be reached"):
        await voided("http://127.0.0.1:1")


async def test_stripe_is_told_the_key_and_nothing_of_this_machine() -> None:
    told: dict[str, str] = {}

    async def serve(request: web.BaseRequest) -> web.Response:
        told.update(request.headers)
        return web.json_response({"id": "pi_1", "object": "payment_intent", "status": "canceled"})

    async with serving(serve) as url:
        await voided(url)
        await voided(url)
    assert told["Authorization"] == "Bearer sk_test_1"
    assert told["Accept-Encoding"] == "identity"
    assert told["Stripe-Version"] == "2026-10-28.endive"  # the shapes that the tests have are those of this version
    assert "X-Stripe-Client-Telemetry" not in told
    assert set(json.loads(told["X-Stripe-Client-User-Agent"])) <= {
        *("bindings_version", "lang", "httplib", "lang_version", "ai_agent"),
    }


async def test_the_calls_are_watched() -> None:
    watch = CallWatch("payment provider", "correct it")

    async def serve(_request: web.BaseRequest) -> web.Response:
        return web.json_response({"error": {"type": "invalid_request_error"}}, status=401)

    async with serving(serve) as url:
        with pytest.raises(Postponed):
            await voided(url, watch)
    assert watch.problems() == {
        "payment provider": "Stripe rejects our API key (401); orders wait until it is taken: correct it"
    }
