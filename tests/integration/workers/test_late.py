"""A party that does what it was asked after we gave up, or does it twice: it is found, undone, and the order
stays as it is."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from uuid import UUID, uuid4

import httpx2
import pytest
from nats.js import JetStreamContext

from commerce.audit.filled_sentences import filled_sentence
from commerce.values import ids
from tests.integration.workers.interposed import Rule, Says, interposed
from tests.integration.workers.shop import PRICE, Shop, running
from tests.waiting import eventually
from workers.payments import payments_app
from workers.relay import relay_app
from workers.saga import saga_app
from workers.shipping import shipping_app

AUTHORIZE, CAPTURE, VOID, BOOK, CANCEL = "/v1/authorizations", "/capture", "/void", "/v1/shipments", "/cancellation"
HUNG_UP = Says(503, {}, late=True)
REJECTED = "ordering.OrderRejected payment_unavailable"
NO_SHIPMENT = "ordering.OrderRejected shipping_unavailable"


@pytest.fixture(autouse=True)
def _at_once(environment: pytest.MonkeyPatch) -> None:
    for module in ("workers.runtime.consumers", "commerce.outside.calls"):
        environment.setattr(f"{module}.growing", lambda *_args, **_options: 0.02)
    environment.setattr("workers.outbox.refill.LOOK_INTERVAL_S", 0.1)


def at(ending: str, says: Says) -> Rule:
    return lambda method, path: says if method == "POST" and path.endswith(ending) else None


async def test_money_that_is_set_aside_after_the_order_was_rejected_is_let_go(
    shop: Shop, environment: pytest.MonkeyPatch
) -> None:
    async with interposed(shop.provider_url, at(AUTHORIZE, HUNG_UP)) as provider:
        environment.setenv("COMMERCE_PROVIDER_URL", provider.url)
        async with running(saga_app(), relay_app(), payments_app(), shipping_app()):
            order = await shop.place()
            assert await shop.ended(order) == REJECTED
            before = provider.calls(AUTHORIZE)
            await _asked_again(shop)
            assert (await shop.payment(order))[-1] == "payments.Closed", "nothing was done so far"
            await provider.do_what_is_late()
            await _asked_again(shop)
            await eventually(lambda: _topics_end(shop, order, "payments.Voided", "saga.LateOutcomeUndone"))
            assert provider.calls(AUTHORIZE) == before, "what is in doubt is asked about and never called again"
            assert await shop.ended(order) == REJECTED
    assert await shop.money(order) == [("authorized", PRICE), ("voided", PRICE)]
    told = await _told(shop, order)
    assert "It came to light that the step was done after it had been given up: authorization; it is undone now" in told
    assert "What came to light late is undone: authorization" in told


async def test_it_is_found_though_the_broker_was_wiped_and_every_process_was_started_again(
    shop: Shop, environment: pytest.MonkeyPatch, jetstream: JetStreamContext
) -> None:
    async with interposed(shop.provider_url, at(AUTHORIZE, HUNG_UP)) as provider:
        environment.setenv("COMMERCE_PROVIDER_URL", provider.url)
        async with running(saga_app(), relay_app(), payments_app(), shipping_app()):
            order = await shop.place()
            assert await shop.ended(order) == REJECTED
        await provider.do_what_is_late()
        await jetstream.delete_stream("COMMANDS")
        await jetstream.delete_stream("EVENTS")
        async with running(saga_app(), relay_app(), payments_app(), shipping_app()):
            await eventually(lambda: _topics_end(shop, order, "payments.Voided", "saga.LateOutcomeUndone"))
    assert await shop.money(order) == [("authorized", PRICE), ("voided", PRICE)]


async def test_money_that_is_taken_after_all_was_let_go_is_given_back(
    shop: Shop, environment: pytest.MonkeyPatch
) -> None:
    """The worst provider: it says that it let the money go, and then takes it."""

    def rule(method: str, path: str) -> Says | None:
        if method == "POST" and path.endswith(VOID):
            return Says(200, {"status": "voided", "authorization_id": path.split("/")[3]})
        return HUNG_UP if method == "POST" and path.endswith(CAPTURE) else None

    async with interposed(shop.provider_url, rule) as provider:
        environment.setenv("COMMERCE_PROVIDER_URL", provider.url)
        async with running(saga_app(), relay_app(), payments_app(), shipping_app()):
            order = await shop.place()
            assert await shop.ended(order) == REJECTED
            assert (await shop.payment(order))[-1] == "payments.Voided"
            await provider.do_what_is_late()
            await _asked_again(shop)
            await eventually(lambda: _topics_end(shop, order, "payments.Refunded", "saga.LateOutcomeUndone"))
    assert await shop.money(order) == [("authorized", PRICE), ("captured", PRICE), ("refunded", PRICE)]


async def test_a_shipment_that_is_booked_after_the_order_was_rejected_is_stopped(
    shop: Shop, environment: pytest.MonkeyPatch
) -> None:
    async with interposed(shop.carrier_url, at(BOOK, HUNG_UP)) as carrier:
        environment.setenv("COMMERCE_CARRIER_URL", carrier.url)
        async with running(saga_app(), relay_app(), payments_app(), shipping_app()):
            order = await shop.place()
            assert await shop.ended(order) == NO_SHIPMENT
            await carrier.do_what_is_late()
            await _asked_again(shop)
            await eventually(lambda: _ends_with(shop.shipment, order, "shipping.Cancelled"))
            assert await shop.ended(order) == NO_SHIPMENT


async def test_what_cannot_be_undone_is_a_case(shop: Shop, environment: pytest.MonkeyPatch) -> None:
    gone = Says(409, {"code": "already_collected", "detail": "It is on the van."})

    def rule(method: str, path: str) -> Says | None:
        return at(BOOK, HUNG_UP)(method, path) or at(CANCEL, gone)(method, path)

    async with interposed(shop.carrier_url, rule) as carrier:
        environment.setenv("COMMERCE_CARRIER_URL", carrier.url)
        async with running(saga_app(), relay_app(), payments_app(), shipping_app()):
            order = await shop.place()
            assert await shop.ended(order) == NO_SHIPMENT
            await carrier.do_what_is_late()
            await _asked_again(shop)
            await eventually(lambda: _ends_with(_process(shop), order, "saga.CaseOpened"))
            assert await shop.ended(order) == NO_SHIPMENT


@pytest.mark.parametrize("is_kept", [False, True], ids=["let go", "kept"])
async def test_money_set_aside_twice_for_one_key_is_let_go_once_or_is_a_case(
    shop: Shop, environment: pytest.MonkeyPatch, is_kept: bool
) -> None:
    found: list[Says] = []
    calls = 0

    def rule(method: str, path: str) -> Says | None:
        nonlocal calls
        if method == "POST" and path.endswith(AUTHORIZE):
            calls += 1
            return Says(503, {}) if calls == 1 else None
        if is_kept and method == "POST" and path.endswith(VOID):
            return Says(409, {"code": "already_captured", "detail": "It was taken."})
        return found[0] if found and "/operations/" in path else None

    async with interposed(shop.provider_url, rule) as provider:
        environment.setenv("COMMERCE_PROVIDER_URL", provider.url)
        async with running(saga_app(), relay_app(), payments_app(), shipping_app()):
            order = await shop.place()
            assert await shop.ended(order) == "ordering.OrderConfirmed"
            found.append(Says(200, {"status_code": 201, "answer": await _set_aside(shop.provider_url, order)}))
            await _asked_again(shop)
            ending = "payments.SecondAuthorizationKept" if is_kept else "payments.SecondAuthorizationVoided"
            await eventually(lambda: _ends_with(shop.payment, order, ending))
            if is_kept:
                await eventually(lambda: _ends_with(_process(shop), order, "saga.CaseOpened"))
            assert await shop.ended(order) == "ordering.OrderConfirmed"
    money = [(kind, amount) for kind, amount in await shop.money(order)]
    twice = [("authorized", PRICE), ("captured", PRICE), ("authorized", PRICE)]
    assert money == (twice if is_kept else [*twice, ("voided", PRICE)])


async def test_a_second_authorisation_that_only_the_ledger_shows_is_let_go(
    shop: Shop, environment: pytest.MonkeyPatch
) -> None:
    ledger: list[Says] = []
    calls = 0

    def rule(method: str, path: str) -> Says | None:
        nonlocal calls
        calls += method == "POST" and path.endswith(AUTHORIZE)
        if method == "POST" and path.endswith(AUTHORIZE) and calls == 1:
            return Says(503, {})
        return ledger[0] if ledger and path == "/ledger" else None

    async with interposed(shop.provider_url, rule) as provider:
        environment.setenv("COMMERCE_PROVIDER_URL", provider.url)
        async with running(saga_app(), relay_app(), payments_app(), shipping_app()):
            order = await shop.place()
            assert await shop.ended(order) == "ordering.OrderConfirmed"
            second = await _set_aside(shop.provider_url, order)
            key = str(ids.request_id(ids.process_id(order), "authorize"))
            entry = {"kind": "authorized", "idempotency_key": key}
            others = {**second, "kind": "authorized", "idempotency_key": "another", "authorization_id": "not-ours"}
            ledger.append(Says(200, {"items": [{**second, **entry}, others, {**second, **entry, "kind": "captured"}]}))
            await _asked_again(shop)
            await eventually(lambda: _ends_with(shop.payment, order, "payments.SecondAuthorizationVoided"))
    twice = [("authorized", PRICE), ("captured", PRICE), ("authorized", PRICE), ("voided", PRICE)]
    assert await shop.money(order) == twice


async def test_money_that_only_the_ledger_shows_is_let_go_after_the_order_was_given_up(
    shop: Shop, environment: pytest.MonkeyPatch
) -> None:
    """The provider answers nothing of use, knows of no operation, and set money aside all the same."""
    environment.setattr("workers.runtime.consumers.growing", lambda *_args, **_options: 0.05)
    ledger: list[Says] = []

    def rule(method: str, path: str) -> Says | None:
        if method == "POST" and path.endswith(AUTHORIZE):
            return Says(200, {})
        return ledger[0] if ledger and path == "/ledger" else None

    async with interposed(shop.provider_url, rule) as provider:
        environment.setenv("COMMERCE_PROVIDER_URL", provider.url)
        async with running(saga_app(), relay_app(), payments_app(), shipping_app()):
            order = await shop.place()
            assert await shop.ended(order) == "ordering.OrderRejected payment_unavailable"
            entry = {"kind": "authorized", "idempotency_key": str(ids.request_id(ids.process_id(order), "authorize"))}
            ledger.append(Says(200, {"items": [{**await _set_aside(shop.provider_url, order), **entry}]}))
            await _asked_again(shop)
            await eventually(lambda: _ends_with(shop.payment, order, "payments.SecondAuthorizationVoided"))
    assert await shop.money(order) == [("authorized", PRICE), ("voided", PRICE)]


async def test_an_order_whose_calls_were_all_answered_is_not_asked_about(shop: Shop) -> None:
    async with running(saga_app(), relay_app(), payments_app(), shipping_app()):
        order = await shop.place()
        assert await shop.ended(order) == "ordering.OrderConfirmed"
        declined = await shop.place("pm_card_declined")
        await shop.ended(declined)
    assert await _doubts(shop) == []


async def test_questions_come_ever_more_seldom_and_end_when_the_key_is_forgotten(
    shop: Shop, environment: pytest.MonkeyPatch
) -> None:
    async with running(saga_app(), relay_app(), payments_app(), shipping_app()):
        order = await shop.place("pm_card_flaky")
        assert await shop.ended(order) == "ordering.OrderConfirmed"
        await eventually(
            lambda: _nothing_open(shop)
        )  # the relay has read all attempts, each of which begins a doubt anew
        (authorize, capture) = await _doubts(shop)
        assert (authorize[0], capture[0]) == ("commands.payments.authorize", "commands.payments.capture")
        pauses = []
        for number in range(1, 4):
            await _asked_again(shop)
            await eventually(partial(_asked, shop, number))
            pauses.append(round((await _doubts(shop))[0][2] / 45))
        assert pauses == [2, 4, 8]
        async with shop.store.pool.connection() as connection:
            await connection.execute(
                "UPDATE commerce_doubtful_calls SET attempted_at = now() - interval '25 h', due_at = now()"
            )
        await eventually(lambda: _none(shop))
    assert await shop.money(order) == [("authorized", PRICE), ("captured", PRICE)]


async def _asked_again(shop: Shop) -> None:
    """The pause before the next question is over."""
    async with shop.store.pool.connection() as connection:
        await connection.execute("UPDATE commerce_doubtful_calls SET due_at = clock_timestamp()")
    await eventually(lambda: _nothing_due(shop))


async def _doubts(shop: Shop) -> list[tuple[str, int, float]]:
    async with shop.store.pool.connection() as connection:
        cursor = await connection.execute(
            """SELECT subject, asked, extract(epoch FROM due_at - clock_timestamp())::float8
               FROM commerce_doubtful_calls ORDER BY subject"""
        )
        return await cursor.fetchall()


async def _nothing_due(shop: Shop) -> bool:
    return all(seconds > 0 for _, _, seconds in await _doubts(shop))


async def _asked(shop: Shop, times: int) -> bool:
    return all(asked == times for _, asked, _ in await _doubts(shop))


async def _nothing_open(shop: Shop) -> bool:
    return not await shop.open_requests()


async def _none(shop: Shop) -> bool:
    return not await _doubts(shop)


def _process(shop: Shop) -> Callable[[UUID], object]:
    return lambda order: shop.topics(ids.process_id(order))


async def _ends_with(read: Callable[[UUID], object], order: UUID, topic: str) -> bool:
    topics = await read(order)  # type: ignore[misc]
    return bool(topics) and topics[-1] == topic


async def _topics_end(shop: Shop, order: UUID, payment: str, process: str) -> bool:
    return await _ends_with(shop.payment, order, payment) and await _ends_with(_process(shop), order, process)


async def _told(shop: Shop, order: UUID) -> list[str]:
    events = await shop.store.read_stream(ids.process_id(order))
    return [filled_sentence(recorded.event, "service:saga") for recorded in events]


async def _set_aside(provider_url: str, order: UUID) -> dict[str, object]:
    body = {"order_id": str(order), "amount": PRICE, "currency": "EUR", "payment_method": "pm_card_ok"}
    async with httpx2.AsyncClient(base_url=provider_url, trust_env=False, verify=False) as client:
        answer = await client.post("/v1/authorizations", json=body, headers={"Idempotency-Key": str(uuid4())})
    found: dict[str, object] = answer.json()
    return found
