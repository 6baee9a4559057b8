"""The payment gateway against the simulator's process: every card, every rule of money, equal calls, lost
answers, kills."""

from __future__ import annotations

import asyncio
from uuid import UUID, uuid4

import httpx2
import pytest

from commerce.outside.errors import PartyUnavailable, RequestRejected
from commerce.outside.party import RequestOnRecord
from commerce.payments.ports import Authorized, Captured, Declined, PaymentOutcome, Refunded, Voided
from commerce.values.errors import BadUsage
from commerce.values.money import Money
from tests.integration.gateways.ledger import entries, movements, totals
from tests.integration.gateways.worker_process import WorkerProcess
from workers.gateways.http_provider import HttpPaymentProvider

PRICE = Money.of("19.99", "EUR")


@pytest.fixture
def order() -> UUID:
    return uuid4()


async def authorized(provider: HttpPaymentProvider, order: UUID, method: str = "pm_card_ok") -> Authorized:
    outcome = await provider.authorize(uuid4(), order, PRICE, method)
    assert isinstance(outcome, Authorized)
    return outcome


async def test_money_is_set_aside_taken_and_given_back(
    provider: HttpPaymentProvider, provider_process: WorkerProcess, order: UUID
) -> None:
    held = await authorized(provider, order)
    assert held.amount == PRICE
    assert await provider.capture(uuid4(), held.authorization_id, PRICE) == Captured(held.authorization_id, PRICE)
    back = Money.of("5", "EUR")
    refund = await provider.refund(uuid4(), held.authorization_id, back)
    assert isinstance(refund, Refunded)
    assert refund.amount == back
    assert await movements(provider_process.url, order) == [
        ("authorized", "19.99"),
        ("captured", "19.99"),
        ("refunded", "5.00"),
    ]
    assert await totals(provider_process.url, order) == {
        "order_id": str(order),
        "currency": "EUR",
        "captured": "19.99",
        "refunded": "5.00",
        "open_authorization": "0.00",
    }


async def test_money_set_aside_is_let_go(
    provider: HttpPaymentProvider, provider_process: WorkerProcess, order: UUID
) -> None:
    held = await authorized(provider, order)
    assert (await totals(provider_process.url, order))["open_authorization"] == "19.99"
    assert await provider.void(uuid4(), held.authorization_id) == Voided(held.authorization_id)
    assert (await totals(provider_process.url, order))["open_authorization"] == "0.00"


async def test_a_declined_card_is_a_definite_no(
    provider: HttpPaymentProvider, provider_process: WorkerProcess, order: UUID
) -> None:
    key = uuid4()
    assert await provider.authorize(key, order, PRICE, "pm_card_declined") == Declined("card_declined")
    assert await provider.find_operation(RequestOnRecord(key, "authorize")) == Declined("card_declined")
    assert await movements(provider_process.url, order) == [("declined", "19.99")]
    assert (await totals(provider_process.url, order))["open_authorization"] == "0.00"


async def test_an_unknown_payment_method_is_a_definite_no(
    provider: HttpPaymentProvider, provider_process: WorkerProcess, order: UUID
) -> None:
    assert await provider.authorize(uuid4(), order, PRICE, "cash") == Declined("unknown_payment_method")
    assert await movements(provider_process.url, order) == []


async def test_a_failing_card_books_nothing(
    provider: HttpPaymentProvider, provider_process: WorkerProcess, order: UUID
) -> None:
    key = uuid4()
    for _ in range(4):
        with pytest.raises(PartyUnavailable, match="503"):
            await provider.authorize(key, order, PRICE, "pm_card_error")
    assert await provider.find_operation(RequestOnRecord(key, "authorize")) is None
    assert await movements(provider_process.url, order) == []


async def test_a_flaky_card_fails_twice_per_key_also_across_a_kill(order: UUID, new_provider: WorkerProcess) -> None:
    worker = new_provider
    worker.start()
    key = uuid4()
    async with HttpPaymentProvider(worker.url) as provider:
        with pytest.raises(PartyUnavailable):
            await provider.authorize(key, order, PRICE, "pm_card_flaky")
    worker.kill()
    worker.start()
    async with HttpPaymentProvider(worker.url) as provider:
        with pytest.raises(PartyUnavailable):
            await provider.authorize(key, order, PRICE, "pm_card_flaky")
        held = await provider.authorize(key, order, PRICE, "pm_card_flaky")
        assert isinstance(held, Authorized)
        capture_key = uuid4()
        for _ in range(2):
            with pytest.raises(PartyUnavailable):
                await provider.capture(capture_key, held.authorization_id, PRICE)
        assert isinstance(await provider.capture(capture_key, held.authorization_id, PRICE), Captured)
    assert await movements(worker.url, order) == [("authorized", "19.99"), ("captured", "19.99")]
    assert worker.stop() == 0


async def test_a_lost_answer_is_found_again_and_charged_once(
    provider: HttpPaymentProvider, provider_process: WorkerProcess, order: UUID
) -> None:
    authorize_key, capture_key = uuid4(), uuid4()
    with pytest.raises(PartyUnavailable, match="gave no answer"):
        await provider.authorize(authorize_key, order, PRICE, "pm_card_timeout")
    assert await movements(provider_process.url, order) == [("authorized", "19.99")]
    held = await provider.authorize(authorize_key, order, PRICE, "pm_card_timeout")
    assert isinstance(held, Authorized)
    assert await provider.find_operation(RequestOnRecord(authorize_key, "authorize")) == held
    with pytest.raises(PartyUnavailable, match="gave no answer"):
        await provider.capture(capture_key, held.authorization_id, PRICE)
    assert await provider.find_operation(RequestOnRecord(capture_key, "capture")) == Captured(
        held.authorization_id, PRICE
    )
    assert isinstance(await provider.capture(capture_key, held.authorization_id, PRICE), Captured)
    assert await movements(provider_process.url, order) == [("authorized", "19.99"), ("captured", "19.99")]


async def test_a_lost_answer_is_lost_for_the_patient_too(provider_process: WorkerProcess, order: UUID) -> None:
    body = {"order_id": str(order), "amount": "1", "currency": "EUR", "payment_method": "pm_card_timeout"}
    async with httpx2.AsyncClient(base_url=provider_process.url, timeout=8, trust_env=False, verify=False) as client:
        with pytest.raises(httpx2.RemoteProtocolError):
            await client.post("/v1/authorizations", json=body, headers={"Idempotency-Key": str(uuid4())})


async def test_twenty_equal_calls_at_once_are_one(
    provider: HttpPaymentProvider, provider_process: WorkerProcess, order: UUID
) -> None:
    key = uuid4()
    held = await asyncio.gather(*(provider.authorize(key, order, PRICE, "pm_card_ok") for _ in range(20)))
    assert len(set(held)) == 1
    assert isinstance(held[0], Authorized)
    id_ = held[0].authorization_id
    taken = await asyncio.gather(*(provider.capture(key_, id_, PRICE) for key_ in [uuid4()] * 20))
    assert set(taken) == {Captured(id_, PRICE)}
    back_key = uuid4()
    back = await asyncio.gather(*(provider.refund(back_key, id_, PRICE) for _ in range(20)))
    assert len(set(back)) == 1
    assert [kind for kind, _ in await movements(provider_process.url, order)] == ["authorized", "captured", "refunded"]


async def test_twenty_captures_under_different_keys_take_the_money_once(
    provider: HttpPaymentProvider, provider_process: WorkerProcess, order: UUID
) -> None:
    held = await authorized(provider, order)
    outcomes = await asyncio.gather(*(provider.capture(uuid4(), held.authorization_id, PRICE) for _ in range(20)))
    assert sum(isinstance(outcome, Captured) for outcome in outcomes) == 1
    assert (await totals(provider_process.url, order))["captured"] == "19.99"


async def test_a_key_stands_for_one_request(provider: HttpPaymentProvider, order: UUID) -> None:
    key = uuid4()
    held = await provider.authorize(key, order, PRICE, "pm_card_ok")
    assert isinstance(held, Authorized)
    with pytest.raises(RequestRejected, match="idempotency_key_reused"):
        await provider.authorize(key, order, Money.of("20", "EUR"), "pm_card_ok")
    with pytest.raises(RequestRejected, match="idempotency_key_reused"):
        await provider.capture(key, held.authorization_id, PRICE)


async def test_whatever_was_answered_before_a_kill_is_known_after_it(order: UUID, new_provider: WorkerProcess) -> None:
    worker = new_provider
    worker.start()
    keys: list[UUID] = []
    answers: dict[UUID, PaymentOutcome] = {}
    async with HttpPaymentProvider(worker.url) as provider:

        async def call_until_it_is_gone() -> None:
            while True:
                keys.append(key := uuid4())
                answers[key] = await provider.authorize(key, order, PRICE, "pm_card_ok")
                if len(answers) == 20:
                    worker.kill()

        results = await asyncio.gather(*(call_until_it_is_gone() for _ in range(32)), return_exceptions=True)
    assert [type(result) for result in results] == [PartyUnavailable] * 32
    assert len(answers) == len(keys) - 32
    worker.start()
    async with HttpPaymentProvider(worker.url) as provider:
        assert {key: await provider.find_operation(RequestOnRecord(key, "authorize")) for key in answers} == answers
        again = await asyncio.gather(*(provider.authorize(key, order, PRICE, "pm_card_ok") for key in keys))
    assert dict(zip(keys, again, strict=True)).items() >= answers.items()
    booked = [entry["idempotency_key"] for entry in await entries(worker.url, order, limit=37)]
    assert sorted(booked) == sorted(str(key) for key in keys)
    assert worker.stop() == 0


async def test_a_provider_that_is_down_or_is_something_else_gives_no_answer(
    provider_process: WorkerProcess, order: UUID
) -> None:
    async with HttpPaymentProvider("http://127.0.0.1:1") as nobody:
        with pytest.raises(PartyUnavailable, match="cannot be reached"):
            await nobody.authorize(uuid4(), order, PRICE, "pm_card_ok")
    async with HttpPaymentProvider(f"{provider_process.url}/elsewhere") as stranger:
        with pytest.raises(PartyUnavailable, match="404"):
            await stranger.capture(uuid4(), "auth_x", PRICE)
    with pytest.raises(BadUsage, match="not an http"):
        HttpPaymentProvider("localhost:8080")


async def test_requests_that_cannot_be_read_are_problems(provider_process: WorkerProcess) -> None:
    body = {"order_id": "o", "amount": "1", "currency": "EUR", "payment_method": "pm_card_ok"}
    bad = [
        {},
        {**body, "amount": 1.5},
        {**body, "amount": "-1"},
        {**body, "amount": "1.005"},
        {**body, "currency": "XXX"},
    ]
    async with httpx2.AsyncClient(base_url=provider_process.url, trust_env=False, verify=False) as client:
        for each in bad:
            answer = await client.post("/v1/authorizations", json=each, headers={"Idempotency-Key": str(uuid4())})
            assert answer.status_code == 422
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.json()["code"] == "invalid_request"
        assert (await client.post("/v1/authorizations", json=body)).json()["code"] == "idempotency_key_missing"
        assert (await client.get("/v1/authorizations/auth_x")).status_code == 404
        assert (await client.get("/v1/operations/never%2Fused")).json()["code"] == "operation_not_found"
        assert (await client.get("/ledger", params={"cursor": "x"})).status_code == 422


async def test_an_authorization_shows_what_became_of_it(
    provider: HttpPaymentProvider, provider_process: WorkerProcess, order: UUID
) -> None:
    held = await authorized(provider, order)
    await provider.capture(uuid4(), held.authorization_id, Money.of("15", "EUR"))
    async with httpx2.AsyncClient(base_url=provider_process.url, trust_env=False, verify=False) as client:
        shown = (await client.get(f"/v1/authorizations/{held.authorization_id}")).json()
    assert shown["status"] == "captured"
    assert (shown["amount"], shown["captured"], shown["voided"], shown["refunded"]) == (
        "19.99",
        "15.00",
        "4.99",
        "0.00",
    )
