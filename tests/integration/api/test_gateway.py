"""What stands before every route: limits by sender, other origins, headers that protect, answers that are kept."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from commerce.runtime.settings import Settings
from commerce.values.errors import BadUsage
from tests.integration.api.conftest import Shop, key, order, serving
from tests.integration.api.test_connections import connected, half_body, sent_of
from tests.integration.api.test_problems import check

ORIGIN = "https://shop.example"
FEW = {"rate_limit_anonymous": 2, "rate_limit_customer": 3, "rate_limit_operator": 0, "rate_limit_webhooks": 4}


@pytest.fixture
async def strict(settings: Settings, shop: Shop) -> AsyncIterator[str]:
    """The address of an API that lets others ask a few times, behind a proxy on this machine."""
    changed = {**FEW, "trusted_proxies": "127.0.0.0/8", "cors_origins": ORIGIN}
    async with serving(settings.model_copy(update=changed)) as url:
        yield url


def forwarded(*addresses: str) -> dict[str, str]:
    """What proxies say about a request that came from the first of these addresses."""
    return {"X-Forwarded-For": ", ".join(addresses)}


async def test_an_address_without_a_token_may_ask_each_group_so_often_and_is_told_when_again(
    strict: str, shop: Shop
) -> None:
    nobody, orders = shop.client(), f"{strict}/api/v1/orders"
    answers = [await nobody.get(orders, headers=forwarded("203.0.113.1")) for _ in range(3)]
    assert [one.status_code for one in answers] == [401, 401, 429]
    check(answers[2], 429, "too-many-requests")
    assert [one.headers["RateLimit-Policy"] for one in answers] == ['"orders";q=2;w=900'] * 3
    left = [one.headers["RateLimit"].partition(";t=") for one in answers]
    assert [one[0] for one in left] == ['"orders";r=1', '"orders";r=0', '"orders";r=0']
    assert 1 <= int(left[2][2]) <= int(answers[2].headers["Retry-After"]) <= 900
    for url, address in ((f"{strict}/api/v1/products", "203.0.113.1"), (orders, "203.0.113.2")):
        assert (await nobody.get(url, headers=forwarded(address))).status_code == 401
    for untrue in (forwarded("203.0.113.9", "203.0.113.1"), forwarded("203.0.113.1", "127.0.0.9")):
        assert (await nobody.get(orders, headers=untrue)).status_code == 429
    refused = await nobody.get(orders, headers={**forwarded("203.0.113.1"), "Authorization": "Bearer nonsense"})
    assert refused.status_code == 429


async def test_an_ipv6_client_is_its_network(strict: str, shop: Shop) -> None:
    addresses = ("2001:db8::1", "2001:db8::2", "2001:db8:0:0:f::3", "2001:db8:0:1::1")
    answers = [await shop.client().get(f"{strict}/api/v1/orders", headers=forwarded(address)) for address in addresses]
    assert [one.status_code for one in answers] == [401, 401, 429, 401]


async def test_a_user_is_counted_wherever_they_ask_from_and_staff_as_their_setting_says(
    strict: str, shop: Shop
) -> None:
    customer, orders = shop.client("customer", str(uuid4())), f"{strict}/api/v1/orders"
    answers = [await customer.get(orders, headers=forwarded(f"203.0.113.{number}")) for number in range(4)]
    assert [one.status_code for one in answers] == [200, 200, 200, 429]
    assert (await shop.client("customer", str(uuid4())).get(orders)).status_code == 200
    for _ in range(5):
        free = await shop.client("operator").get(orders)
        assert free.status_code == 200
        assert "RateLimit" not in free.headers


async def test_health_and_metrics_are_never_limited(strict: str, shop: Shop) -> None:
    for path in ("/health/live", "/health/ready", "/metrics") * 4:
        answer = await shop.client().get(f"{strict}{path}")
        assert answer.status_code == 200
        assert "RateLimit" not in answer.headers
    assert [(await shop.client().get(f"{strict}/docs")).status_code for _ in range(3)] == [200, 200, 429]


async def test_a_provider_is_heard_more_often_than_anybody_without_a_token(strict: str, shop: Shop) -> None:
    path = f"{strict}/api/v1/webhooks/http"
    answers = [await shop.client().post(path, json={}) for _ in range(5)]
    assert [one.status_code for one in answers] == [401, 401, 401, 401, 429]


async def test_one_request_too_many_is_not_begun(strict: str, shop: Shop) -> None:
    await shop.stock("lamp")
    customer, before = shop.client("customer", str(uuid4())), await shop.store.head()
    placed = await asyncio.gather(
        *(customer.post(f"{strict}/api/v1/orders", json=order(), headers=key()) for _ in range(6))
    )
    assert sorted(one.status_code for one in placed) == [202] * 3 + [429] * 3
    events = await shop.store.read_log(before, before + 100, topics=["ordering.OrderPlaced"])
    assert len(events) == 3


async def test_what_is_sent_after_one_request_too_many_is_not_read_to_its_end(strict: str, shop: Shop) -> None:
    async with asyncio.TaskGroup() as asking:
        for _ in range(3):
            asking.create_task(shop.client().get(f"{strict}/api/v1/orders"))
    head = half_body("Bearer nonsense").partition(b"Content-Length")[0]
    endless = b"100000\r\n" + b"x" * 2**20 + b"\r\n"
    async with connected(strict, head + b"Transfer-Encoding: chunked\r\n\r\n") as (reader, writer):
        answer = asyncio.create_task(reader.readline())
        assert await sent_of(64, endless, writer) < 64
        assert (await answer)[9:12] == b"429"
    metrics = (await shop.client().get(f"{strict}/metrics")).text
    assert 'commerce_api_connections_ended_total{reason="unwanted-body"} 1.0' in metrics


async def test_pages_of_named_origins_alone_may_call_the_api(strict: str, shop: Shop) -> None:
    wanted = {
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,idempotency-key",
    }
    path = f"{strict}/api/v1/orders"
    asked = await shop.client().options(path, headers={"Origin": ORIGIN, **wanted})
    assert asked.status_code == 200
    assert asked.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert "Access-Control-Allow-Credentials" not in asked.headers
    answer = await shop.client("operator").get(path, headers={"Origin": ORIGIN})
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert "Commerce-Position" in answer.headers["Access-Control-Expose-Headers"]
    assert "Origin" in answer.headers["Vary"]
    for elsewhere in ("https://evil.example", f"{ORIGIN}.evil.example", "null"):
        refused = await shop.client().options(path, headers={"Origin": elsewhere, **wanted})
        assert refused.status_code == 400
        for headers in (refused.headers, (await shop.client().get(path, headers={"Origin": elsewhere})).headers):
            assert "Access-Control-Allow-Origin" not in headers


async def test_without_a_list_no_other_origin_may_call_the_api(shop: Shop) -> None:
    for method in ("GET", "OPTIONS"):
        answer = await shop.client("operator").request(method, "/orders", headers={"Origin": ORIGIN})
        assert not [name for name in answer.headers if name.startswith("access-control")]


async def test_every_answer_protects_who_asks_and_what_is_personal_is_kept_nowhere(shop: Shop) -> None:
    await shop.stock("lamp")
    for client, path in (
        (shop.client("operator"), "/api/v1/orders"),
        (shop.client(), "/api/v1/orders"),
        (shop.client("operator"), "/api/v1/nonsense"),
        (shop.client("operator"), "/api/v1/inventory/events?sku=lamp"),
        (shop.client(), "/health/live"),
        (shop.client(), "/docs"),
    ):
        headers = (await client.get(f"{shop.url}{path}")).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["X-Frame-Options"] == "DENY"
        assert "Strict-Transport-Security" not in headers
        if path.startswith("/api/"):
            assert headers["Cache-Control"] == "no-store", path
            assert headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"


async def test_over_tls_browsers_are_told_to_stay_there(strict: str, shop: Shop) -> None:
    answer = await shop.client().get(f"{strict}/health/live", headers={"X-Forwarded-Proto": "https"})
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


async def test_catalogue_and_stock_may_be_kept_for_as_long_as_they_hold(shop: Shop) -> None:
    await shop.stock("lamp")
    await shop.show()
    operator = shop.client("operator")
    for path in ("/products", "/products/lamp", "/inventory", "/inventory/lamp"):
        first = await operator.get(path)
        assert first.headers["Cache-Control"] == "private, no-cache"
        assert first.headers["Vary"] == "Authorization"
        etag = first.headers["ETag"]
        for value in (etag, f'W/{etag}, "other"', "*"):
            again = await operator.get(path, headers={"If-None-Match": value})
            assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", etag)
            assert again.headers["Cache-Control"] == "private, no-cache"
        assert (await operator.get(path, headers={"If-None-Match": '"other"'})).json() == first.json()
        check(await operator.get(path, headers={"If-None-Match": "nonsense"}), 400, "malformed-request")
    before = (await operator.get("/inventory/lamp")).headers["ETag"]
    await operator.post("/inventory/lamp/receipts", json={"quantity": 1}, headers=key())
    await shop.show()
    changed = await operator.get("/inventory/lamp", headers={"If-None-Match": before})
    assert changed.status_code == 200
    assert changed.headers["ETag"] != before


@pytest.mark.parametrize(
    ("setting", "wrong"),
    [
        ("trusted_proxies", "*"),
        ("trusted_proxies", "10.0.0.1/8"),
        ("cors_origins", "*"),
        ("cors_origins", "https://shop.example/"),
        ("cors_origins", "shop.example"),
        ("rate_limit_storage", "nonsense://host"),
    ],
)
async def test_a_setting_that_cannot_be_meant_ends_the_process(settings: Settings, setting: str, wrong: str) -> None:
    with pytest.raises(BadUsage, match=f"COMMERCE_{setting.upper()}"):
        async with serving(settings.model_copy(update={setting: wrong})):
            pass
