"""A party that does not answer is left alone, and costs no order; one order that fails is no party that does."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID

import pytest
from nats.js import JetStreamContext

from commerce.eventstore import Metadata
from commerce.payments.ports import PROVIDER_CALLS
from commerce.values import ids
from tests.integration.workers.interposed import Says, interposed
from tests.integration.workers.shop import PRICE, Shop, running
from tests.waiting import eventually
from workers.payments import payments_app
from workers.relay import relay_app
from workers.runtime.app import WorkerApp
from workers.saga import saga_app
from workers.shipping import shipping_app

CONFIRMED = "ordering.OrderConfirmed"
CHARGED = [("authorized", PRICE), ("captured", PRICE)]
AUTHORIZE, CAPTURE, VOID = "/v1/authorizations", "/capture", "/void"
DOWN = Says(503, "<html>Bad gateway</html>")
PAUSE_S = 1.0
SLOW_ORDERS = 80
"""More than a process handles of other messages at the same time."""


@pytest.fixture(autouse=True)
def _short_pauses(environment: pytest.MonkeyPatch) -> None:
    for party in ("PROVIDER", "CARRIER"):
        environment.setenv(f"COMMERCE_{party}_CALLS__BREAKER_PAUSE_S", str(PAUSE_S))


class Outage:
    """A rule: the party is down until the test says otherwise, for everything or for some paths."""

    def __init__(self, ending: str = "", *, answers_questions: bool = False) -> None:
        self.is_over = False
        self._ending = ending
        self._answers_questions = answers_questions

    def __call__(self, method: str, path: str) -> Says | None:
        is_meant = not self._answers_questions if method == "GET" else path.endswith(self._ending)
        return DOWN if is_meant and not self.is_over else None


async def test_a_provider_that_is_down_costs_no_order_and_no_delivery_and_all_go_on_by_themselves(
    shop: Shop, environment: pytest.MonkeyPatch, jetstream: JetStreamContext
) -> None:
    outage, payments = Outage(), payments_app()
    environment.setenv("COMMERCE_PROVIDER_CALLS__BREAKER_PAUSE_S", "4")
    async with interposed(shop.provider_url, outage) as provider:
        environment.setenv("COMMERCE_PROVIDER_URL", provider.url)
        async with running(saga_app(), relay_app(), payments, shipping_app()):
            first = [await shop.place() for _ in range(10)]
            await eventually(lambda: _sample(payments, "commerce_breaker_state", "authorize") == 2)
            said = (await payments.problems())["payment provider"]
            assert said.startswith("authorize is paused for ")
            assert "orders wait and none is given up for it: the payment provider answered 503" in said
            later = [await shop.place() for _ in range(10)]

            async def is_left_alone() -> bool:
                asked, delivered = provider.calls(AUTHORIZE), await _delivered(jetstream)
                await asyncio.sleep(1)
                is_quiet = (provider.calls(AUTHORIZE), await _delivered(jetstream)) == (asked, delivered)
                return is_quiet and await _waiting(jetstream) > 0

            await eventually(is_left_alone)
            for order in first:
                assert (await shop.payment(order))[-1] in {"payments.CallPostponed", "payments.AuthorizationAttempted"}
            tried = [order for order in later if await shop.payment(order)]
            assert len(tried) <= (_sample(payments, "commerce_breaker_openings_total", "authorize") or 0)
            outage.is_over = True
            assert {await shop.ended(order) for order in first + later} == {CONFIRMED}
            assert _sample(payments, "commerce_breaker_state", "authorize") == 0
            await eventually(lambda: _is_well(payments))
    for order in first + later:
        assert await shop.money(order) == CHARGED


async def test_probes_go_one_at_a_time_and_one_that_fails_begins_the_pause_anew(
    shop: Shop, environment: pytest.MonkeyPatch
) -> None:
    outage, payments = Outage(), payments_app()
    async with interposed(shop.provider_url, outage) as provider:
        environment.setenv("COMMERCE_PROVIDER_URL", provider.url)
        async with running(saga_app(), relay_app(), payments, shipping_app()):
            orders = [await shop.place() for _ in range(8)]
            await eventually(lambda: _sample(payments, "commerce_breaker_openings_total", "authorize") == 1)
            asked = provider.calls(AUTHORIZE)
            await eventually(lambda: _sample(payments, "commerce_breaker_openings_total", "authorize") == 3)
            assert provider.calls(AUTHORIZE) - asked <= 2 + len(orders)  # two probes, and calls that were under way
            outage.is_over = True
            assert {await shop.ended(order) for order in orders} == {CONFIRMED}


async def test_a_provider_that_cannot_be_reached_does_not_cost_even_a_single_order(
    shop: Shop, environment: pytest.MonkeyPatch
) -> None:
    environment.setattr("workers.runtime.consumers.growing", lambda *_args, **_options: 0.3)
    payments = payments_app()
    environment.setenv("COMMERCE_PROVIDER_URL", "http://127.0.0.1:1")
    async with running(saga_app(), relay_app(), payments, shipping_app()):
        order = await shop.place()
        await eventually(lambda: _has(shop.payment, order, "payments.CallPostponed", 3))
        assert _sample(payments, "commerce_breaker_state", "authorize") == 0, "one order is no party"
        assert "payments.OutcomeUnknown" not in await shop.payment(order)
    environment.setenv("COMMERCE_PROVIDER_URL", shop.provider_url)
    async with running(saga_app(), relay_app(), payments_app(), shipping_app()):
        assert await shop.ended(order) == CONFIRMED


async def test_a_card_that_always_fails_ends_its_own_order_soon_and_stops_nobody_elses(
    shop: Shop, environment: pytest.MonkeyPatch
) -> None:
    payments = payments_app()
    async with running(saga_app(), relay_app(), payments, shipping_app()):
        bad = [await shop.place("pm_card_error") for _ in range(4)]
        good = [await shop.place() for _ in range(4)]
        assert {await shop.ended(order) for order in bad} == {"ordering.OrderRejected payment_unavailable"}
        assert {await shop.ended(order) for order in good} == {CONFIRMED}
        assert _sample(payments, "commerce_breaker_openings_total", "authorize") == 0
    for order in bad:
        topics = await shop.payment(order)
        assert topics.count("payments.AuthorizationAttempted") == PROVIDER_CALLS.attempts
        assert await shop.money(order) == []


async def test_a_provider_that_answers_questions_and_fails_at_every_call_costs_no_order(
    shop: Shop, environment: pytest.MonkeyPatch
) -> None:
    outage, payments = Outage(AUTHORIZE, answers_questions=True), payments_app()
    async with interposed(shop.provider_url, outage) as provider:
        environment.setenv("COMMERCE_PROVIDER_URL", provider.url)
        async with running(saga_app(), relay_app(), payments, shipping_app()):
            orders = [await shop.place() for _ in range(6)]
            await eventually(lambda: _sample(payments, "commerce_breaker_openings_total", "authorize") == 1)
            orders += [await shop.place() for _ in range(6)]
            await eventually(lambda: _sample(payments, "commerce_breaker_openings_total", "authorize") == 2)
            outage.is_over = True
            assert {await shop.ended(order) for order in orders} == {CONFIRMED}


async def test_a_card_that_fails_at_first_is_charged_once(shop: Shop) -> None:
    async with running(saga_app(), relay_app(), payments_app(), shipping_app()):
        orders = [await shop.place(method) for method in ("pm_card_flaky", "pm_card_timeout") for _ in range(3)]
        assert {await shop.ended(order) for order in orders} == {CONFIRMED}
    for order in orders:
        assert await shop.money(order) == CHARGED


async def test_captures_that_fail_hold_up_neither_authorisations_nor_what_is_undone(
    shop: Shop, environment: pytest.MonkeyPatch
) -> None:
    outage, payments = Outage(CAPTURE), payments_app()
    environment.setenv("COMMERCE_PROVIDER_CALLS__CAPTURE__BREAKER_PAUSE_S", "3")
    async with interposed(shop.provider_url, outage) as provider:
        environment.setenv("COMMERCE_PROVIDER_URL", provider.url)
        async with running(saga_app(), relay_app(), payments, shipping_app()):
            orders = [await shop.place() for _ in range(4)]
            await eventually(lambda: _sample(payments, "commerce_breaker_state", "capture") == 2)
            nowhere = await shop.place(country="AQ")
            assert await shop.ended(nowhere) == "ordering.OrderRejected shipping_unavailable"
            assert await shop.money(nowhere) == [("authorized", PRICE), ("voided", PRICE)]
            assert _sample(payments, "commerce_breaker_state", "authorize") == 0
            outage.is_over = True
            assert {await shop.ended(order) for order in orders} == {CONFIRMED}


async def test_a_carrier_that_is_down_costs_no_order(shop: Shop, environment: pytest.MonkeyPatch) -> None:
    outage, shipping = Outage(), shipping_app()
    async with interposed(shop.carrier_url, outage) as carrier:
        environment.setenv("COMMERCE_CARRIER_URL", carrier.url)
        async with running(saga_app(), relay_app(), payments_app(), shipping):
            orders = [await shop.place() for _ in range(12)]
            await eventually(lambda: _sample(shipping, "commerce_breaker_openings_total", "book") == 2)
            outage.is_over = True
            assert {await shop.ended(order) for order in orders} == {CONFIRMED}


async def test_a_refund_or_void_waits_for_the_provider_under_its_own_key(
    shop: Shop, environment: pytest.MonkeyPatch
) -> None:
    outage = Outage(VOID)
    async with interposed(shop.provider_url, outage) as provider:
        environment.setenv("COMMERCE_PROVIDER_URL", provider.url)
        async with running(saga_app(), relay_app(), payments_app(), shipping_app()):
            orders = [await shop.place(country="AQ") for _ in range(3)]
            await eventually(lambda: _has(shop.payment, orders[0], "payments.CallPostponed", 1))
            outage.is_over = True
            ends = {await shop.ended(order) for order in orders}
    assert ends == {"ordering.OrderRejected shipping_unavailable"}
    for order in orders:
        assert await shop.money(order) == [("authorized", PRICE), ("voided", PRICE)]


async def test_orders_at_a_slow_provider_hold_up_no_others(shop: Shop, environment: pytest.MonkeyPatch) -> None:
    environment.setenv("COMMERCE_PROVIDER_CALLS__TIMEOUT_S", "20")
    goes_on = asyncio.Event()
    slow_calls = 0

    def first_are_slow(method: str, path: str) -> Says | None:
        nonlocal slow_calls
        if method == "POST" and path.endswith(AUTHORIZE) and slow_calls < SLOW_ORDERS:
            slow_calls += 1
            return Says(after=goes_on)
        return None

    async with interposed(shop.provider_url, first_are_slow) as provider:
        environment.setenv("COMMERCE_PROVIDER_URL", provider.url)
        async with running(saga_app(), relay_app(), payments_app(), shipping_app()):
            slow = await asyncio.gather(*[shop.place() for _ in range(SLOW_ORDERS)])
            await eventually(lambda: slow_calls == SLOW_ORDERS)
            others = [await shop.place() for _ in range(10)]
            assert {await shop.ended(order) for order in others} == {CONFIRMED}
            goes_on.set()
            assert {await shop.ended(order) for order in slow} == {CONFIRMED}


async def test_no_more_commands_are_taken_than_are_to_be_handled_at_a_time(
    shop: Shop, environment: pytest.MonkeyPatch
) -> None:
    environment.setenv("COMMERCE_PROVIDER_CALLS__CONCURRENCY", "3")
    under_way = most = 0

    class Counting:
        def __call__(self, method: str, path: str) -> Says | None:
            return Says(after_s=0.2) if method == "POST" and path.endswith(AUTHORIZE) else None

    async with interposed(shop.provider_url, Counting()) as provider:
        environment.setenv("COMMERCE_PROVIDER_URL", provider.url)
        answer = provider.answer

        async def counted(request):  # type: ignore[no-untyped-def]
            nonlocal under_way, most
            under_way += 1
            most = max(most, under_way)
            try:
                return await answer(request)
            finally:
                under_way -= 1

        provider.answer = counted  # type: ignore[method-assign]
        async with running(saga_app(), relay_app(), payments_app(), shipping_app()):
            orders = [await shop.place() for _ in range(16)]
            assert {await shop.ended(order) for order in orders} == {CONFIRMED}
    assert most <= 3 + 8, "those of one pull beyond"


async def test_a_party_that_says_when_to_ask_again_is_not_asked_before(
    shop: Shop, environment: pytest.MonkeyPatch
) -> None:
    pause_s = 2
    later = Says(503, {}, {"Retry-After": str(pause_s)})
    asked_at: list[float] = []

    def rule(method: str, path: str) -> Says | None:
        if method == "POST" and path.endswith(AUTHORIZE):
            asked_at.append(asyncio.get_running_loop().time())
            return later if len(asked_at) == 1 else None
        return None

    async with interposed(shop.provider_url, rule) as provider:
        environment.setenv("COMMERCE_PROVIDER_URL", provider.url)
        async with running(saga_app(), relay_app(), payments_app(), shipping_app()):
            await eventually(shop.streams_are_filled)  # into new ones the relay puts what is unanswered, once more
            assert await shop.ended(await shop.place()) == CONFIRMED
    first, second = asked_at
    assert pause_s - 0.1 <= second - first


async def test_each_call_and_message_says_for_whom_it_is(
    shop: Shop, environment: pytest.MonkeyPatch, jetstream: JetStreamContext
) -> None:
    async with interposed(shop.provider_url, Outage(AUTHORIZE)) as provider:
        environment.setenv("COMMERCE_PROVIDER_URL", provider.url)
        async with running(saga_app(), relay_app(), payments_app(), shipping_app()):
            order = await shop.place(metadata=Metadata("customer:ada", "0195-our-own the-clients"))
            await eventually(lambda: provider.calls(AUTHORIZE) >= 2)
            provider.rule = lambda _method, _path: None
            assert await shop.ended(order) == CONFIRMED
            await eventually(lambda: _is_published(jetstream, f"events.{CONFIRMED}"))
    calls = [
        headers for asked, headers in zip(provider.asked, provider.headers, strict=True) if asked == f"POST {AUTHORIZE}"
    ]
    request = str(ids.request_id(ids.process_id(order), "authorize"))
    assert {one["X-Request-Id"] for one in calls} == {one["Idempotency-Key"] for one in calls} == {request}
    assert [one["Commerce-Attempt"] for one in calls] == [str(number + 1) for number in range(len(calls))]
    assert {one["Commerce-Service"] for one in calls} == {"payments"}
    assert {one["Commerce-Client-Request-Id"] for one in calls} == {"the-clients"}
    captures = [one for asked, one in zip(provider.asked, provider.headers, strict=True) if asked.endswith(CAPTURE)]
    assert {one["Commerce-Client-Request-Id"] for one in captures} == {"the-clients"}
    assert await _told_by(jetstream, f"events.{CONFIRMED}") == "the-clients"
    assert {one["traceparent"][:36] for one in calls} == {f"00-{order.hex}-"}
    assert len({one["traceparent"] for one in calls}) == len(calls)


async def test_calls_are_counted_timed_and_rated_by_operation(shop: Shop) -> None:
    payments, shipping = payments_app(), shipping_app()
    async with running(saga_app(), relay_app(), payments, shipping):
        assert await shop.ended(await shop.place()) == CONFIRMED
        assert _sample(payments, "commerce_outside_success_ratio", "capture") == 1
        assert _sample(payments, "commerce_outside_call_seconds_count", "capture") == 1
        assert _sample(shipping, "commerce_outside_call_seconds_count", "book") == 1
        for app, operations in ((payments, ["authorize", "capture", "void", "refund"]), (shipping, ["book", "cancel"])):
            for operation in operations:
                assert _sample(app, "commerce_breaker_state", operation) == 0


def _sample(app: WorkerApp, name: str, operation: str) -> float | None:
    samples = (sample for metric in app.registry.collect() for sample in metric.samples)
    found = [one.value for one in samples if one.name == name and one.labels.get("operation") == operation]
    return found[0] if found else None


async def _has(read: Callable[[UUID], Awaitable[list[str]]], order: UUID, topic: str, times: int) -> bool:
    return (await read(order)).count(topic) >= times


async def _is_well(app: WorkerApp) -> bool:
    return not await app.problems()


async def _delivered(jetstream: JetStreamContext) -> int:
    info = await jetstream.consumer_info("COMMANDS", "payments-authorize")
    return int(info.delivered.consumer_seq) if info.delivered else 0


async def _is_published(jetstream: JetStreamContext, subject: str) -> bool:
    """The relay follows the log, so a message comes some time after its event."""
    return bool((await jetstream.stream_info("EVENTS", subjects_filter=subject)).state.subjects)


async def _told_by(jetstream: JetStreamContext, subject: str) -> str | None:
    """The request of a client that led to the last message of a subject."""
    message = await jetstream.get_last_msg("EVENTS", subject)
    return (message.headers or {}).get("Commerce-Client-Request-Id")


async def _waiting(jetstream: JetStreamContext) -> int:
    """Commands that were never delivered."""
    return (await jetstream.consumer_info("COMMANDS", "payments-authorize")).num_pending or 0
