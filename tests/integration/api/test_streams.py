"""Streams of events: each event once and in order, to everybody who may hear it, however listeners come and go."""

from __future__ import annotations

import asyncio
import socket
from contextlib import AsyncExitStack
from uuid import uuid4

import httpx2
import pytest

from api.http import turns
from api.live import feed as feed_module
from api.live import listener as listener_module
from api.live import stream as stream_module
from api.server import listen
from commerce.audit.events import PersonalDataRead
from commerce.runtime.settings import Settings
from commerce.runtime.tokens import LEEWAY_S, issue_token
from tests.integration.api.conftest import Shop, key, order, serving
from tests.integration.api.event_stream import Told, listening
from tests.integration.api.test_problems import check
from tests.waiting import LIMIT_S, eventually

LAMPS = "/inventory/events?sku=lamp"
SMALL = [(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)]


@pytest.fixture(autouse=True)
def long_streams(brief_streams: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Streams last as long as they are listened to."""
    monkeypatch.setattr(stream_module, "LONGEST_STREAM_S", 3600.0)


async def placed(shop: Shop, customer: str) -> str:
    """An order of a customer."""
    await shop.stock("lamp")
    answer = await shop.client("customer", customer).post("/orders", json=order(), headers=key())
    return str(answer.raise_for_status().json()["order_id"])


async def receive(shop: Shop, sku: str = "lamp") -> int:
    """Receive stock; answers the position."""
    answer = await shop.client("service").post(f"/inventory/{sku}/receipts", json={"quantity": 1}, headers=key())
    return int(answer.raise_for_status().json()["position"])


async def timeline(client: httpx2.AsyncClient, order_id: str) -> list[object]:
    """The items of an order's timeline."""
    return list((await client.get(f"/orders/{order_id}/timeline")).raise_for_status().json()["items"])


async def measured(client: httpx2.AsyncClient, url: str, line: str) -> bool:
    """Whether the metrics have this line."""
    return line in (await client.get(f"{url}/metrics")).text


async def test_an_order_is_told_from_its_beginning_and_then_as_it_happens_as_its_timeline_shows_it(shop: Shop) -> None:
    ours = str(uuid4())
    order_id = await placed(shop, ours)
    customer, operator = shop.client("customer", ours), shop.client("operator")
    async with (
        shop.following(),
        listening(customer, f"/orders/{order_id}/events") as theirs,
        listening(operator, f"/orders/{order_id}/events") as shops,
    ):
        first = await theirs.next()
        assert first.data["text"].startswith("You placed order ")
        assert first.data["data"]["shipping_address"]["name"] == "Ada Lovelace"
        await customer.post(f"/orders/{order_id}/cancellation", json={"reason": "no longer wanted"})
        await eventually(lambda: is_cancelled(customer, order_id))
        for client, heard, begun in ((customer, theirs, [first]), (operator, shops, [])):
            shown = await timeline(client, order_id)
            told = [*begun, *await heard.take(len(shown) - len(begun))]
            assert [one.data for one in told] == shown
            assert {one.type for one in told} == {"message"}
    assert len(await timeline(operator, order_id)) > len(await timeline(customer, order_id))
    customer.headers["Accept-Language"] = "de"
    async with listening(customer, f"/orders/{order_id}/events") as german:
        told = await german.take(2)
    assert [one.data for one in told] == (await timeline(customer, order_id))[:2]
    assert " wurde von Ihnen aufgegeben: 1 × lamp zu 10.00 EUR; " in told[0].data["text"]
    assert told[1].data["text"] == "Sie haben die Stornierung der Bestellung verlangt: no longer wanted"


async def is_cancelled(client: httpx2.AsyncClient, order_id: str) -> bool:
    """Whether an order is cancelled."""
    return bool((await client.get(f"/orders/{order_id}")).json()["status"] == "cancelled")


async def test_an_order_of_others_is_answered_like_none_and_who_listens_is_on_record(shop: Shop) -> None:
    order_id = await placed(shop, str(uuid4()))
    stranger, missing = shop.client("customer", str(uuid4())), str(uuid4())
    foreign, none = [await stranger.get(f"/orders/{one}/events") for one in (order_id, missing)]
    check(foreign, 404, "not-found")
    assert foreign.text.replace(order_id, "") == none.text.replace(missing, "")
    before = await shop.store.head()
    async with listening(shop.client("auditor"), f"/orders/{order_id}/events") as heard:
        await heard.next()
    (look,) = await shop.store.read_log(before, before + 10)
    assert isinstance(look.event, PersonalDataRead)
    assert look.event.what == "GET /api/v1/orders/{order_id}/events"


async def test_what_happens_while_a_listener_comes_back_again_and_again_is_told_once_and_in_order(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream_module, "_PAGE_EVENTS", 3)
    monkeypatch.setattr(feed_module, "_READ_BATCH_EVENTS", 2)
    await shop.stock("lamp", quantity=0)
    operator = shop.client("operator")
    told: list[Told] = []
    after = f"p1-{await shop.store.head():x}"
    recorded = asyncio.create_task(receipts(shop, 120))
    while len(told) < 120:
        async with listening(operator, LAMPS, after) as heard:
            told += await heard.take(min(1 + len(told) % 11, 120 - len(told)))
            after = told[-1].id
    assert [one.position for one in told] == await recorded


async def receipts(shop: Shop, number: int) -> list[int]:
    """Receive stock again and again, several at a time; answers the positions in order."""
    positions: list[int] = []
    while len(positions) < number:
        positions += await asyncio.gather(*(receive(shop) for _ in range(6)))
    return sorted(positions)


async def test_stock_is_told_of_the_skus_that_are_named_from_now_on(shop: Shop) -> None:
    for sku in ("lamp", "vase", "rug"):
        await shop.stock(sku)
    operator = shop.client("operator")
    async with (
        listening(operator, "/inventory/events?sku=lamp&sku=rug") as both,
        listening(operator, "/inventory/events?sku=vase&sku=vase") as vases,
    ):
        positions = [await receive(shop, sku) for sku in ("rug", "vase", "lamp", "vase")]
        assert [told.position for told in await both.take(2)] == positions[::2]
        assert [told.position for told in await vases.take(2)] == positions[1::2]
        told = (await operator.get("/audit/events", params={"after": positions[0] - 1, "limit": 1})).json()["items"][0]
        async with listening(operator, "/inventory/events?sku=rug", f"p1-{positions[0] - 1:x}") as again:
            assert {**(await again.next()).data, "number": None} == told
    for wrong in ("", "?sku=", "?sku=a/b", "?" + "&".join(f"sku={number}" for number in range(101))):
        check(await operator.get(f"/inventory/events{wrong}"), 422, "invalid-input")


async def test_the_whole_log_is_told_as_it_grows_without_what_events_say(shop: Shop) -> None:
    operator, other = shop.client("operator", "olga"), shop.client("auditor", "otto")
    async with (
        listening(operator, "/audit/events/live") as everything,
        listening(other, "/audit/events/live?topic=inventory.StockReceived&actor=service:somebody") as receipts_alone,
    ):
        order_id = await placed(shop, str(uuid4()))
        await other.get(f"/orders/{order_id}")  # a look of another one, which operators do not hear of
        received = await receive(shop)
        told = await everything.take(5)
        while told[-1].position < received:
            told.append(await everything.next())
        assert all(set(one.data).isdisjoint({"text", "data"}) for one in told)
        assert "ordering.OrderPlaced" in {one.data["topic"] for one in told}
        assert PersonalDataRead.TOPIC not in {one.data["topic"] for one in told}
        assert (await receipts_alone.next()).position == received


async def test_who_reads_too_slowly_is_dropped_can_go_on_from_there_and_disturbs_nobody(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listener_module, "QUEUED_EVENTS", 3)

    def with_small_buffers(settings: Settings) -> socket.socket:
        listening = listen(settings)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 8192)
        return listening

    monkeypatch.setattr("tests.integration.api.conftest.listen", with_small_buffers)
    async with serving(settings) as url:
        token = {"Authorization": f"Bearer {issue_token(settings, role='operator', subject='somebody')}"}
        async with AsyncExitStack() as closing:
            operator, slow = [
                await closing.enter_async_context(
                    httpx2.AsyncClient(base_url=f"{url}/api/v1", headers=token, timeout=LIMIT_S, transport=transport)
                )
                for transport in (None, httpx2.AsyncHTTPTransport(socket_options=SMALL))
            ]
            price = {"amount": "10.00", "currency": "EUR"}
            (await operator.put("/products/lamp", json={"name": "Lamp", "price": price})).raise_for_status()
            lazy = await closing.enter_async_context(listening(slow, LAMPS))
            quick = await closing.enter_async_context(listening(operator, LAMPS))
            positions = []
            while not await measured(operator, url, 'commerce_api_streams_ended_total{reason="dropped"} 1.0'):
                change = {"quantity": 1, "reason": "x" * 2000}
                answer = await operator.post("/inventory/lamp/adjustments", json=change, headers=key())
                positions.append(answer.raise_for_status().json()["position"])
                assert (await quick.next()).position == positions[-1]
            *told, last = await lazy.rest()
            assert last.type == "dropped"
            assert last.data["last_event_id"] == last.id == told[-1].id
            async with listening(operator, LAMPS, last.id) as again:
                rest = await again.take(len(positions) - len(told))
            assert [one.position for one in (*told, *rest)] == positions


async def test_there_are_so_many_listeners_and_no_more_and_a_customer_has_some_only(
    settings: Settings, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed_module, "STREAMS_OF_CUSTOMER", 1)
    ours = str(uuid4())
    order_id = await placed(shop, ours)
    customer, operator = shop.client("customer", ours), shop.client("operator")
    async with serving(settings.model_copy(update={"api_streams": 2})) as url:
        path = f"{url}/api/v1/orders/{order_id}/events"
        async with listening(customer, path):
            too_many = await customer.get(path)
            check(too_many, 429, "too-many-requests")
            assert int(too_many.headers["Retry-After"]) >= 1
            async with listening(operator, path):
                full = await operator.get(path)
                check(full, 503, "unavailable")
                assert int(full.headers["Retry-After"]) >= 1
        await eventually(lambda: measured(operator, url, "commerce_api_streams 0.0"))
        async with listening(customer, path) as heard:
            assert (await heard.next()).data["topic"] == "ordering.OrderPlaced"


async def test_a_stream_ends_with_its_token(shop: Shop, settings: Settings) -> None:
    token = issue_token(settings, role="operator", subject="somebody", lifetime=1 - LEEWAY_S)
    client = shop.client()
    client.headers["Authorization"] = f"Bearer {token}"
    async with listening(client, LAMPS) as heard:
        (last,) = await heard.rest()
    assert (last.type, last.data["last_event_id"]) == ("expired", last.id)
    check(await client.get(LAMPS), 401, "invalid-token")


async def test_a_process_that_stops_says_so_to_its_listeners(shop: Shop, settings: Settings) -> None:
    await shop.stock("lamp")
    async with AsyncExitStack() as closing:
        async with serving(settings) as url:
            heard = await closing.enter_async_context(listening(shop.client("operator"), f"{url}/api/v1{LAMPS}"))
            position = await receive(shop)
            assert (await heard.next()).position == position
        (last,) = await heard.rest()
    assert (last.type, last.data["last_event_id"]) == ("closing", f"p1-{position:x}")


async def test_a_quiet_stream_is_kept_alive_and_takes_no_turn(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream_module, "KEEP_ALIVE_S", 0.05)
    monkeypatch.setattr(turns, "CONCURRENT_QUERIES", 1)
    async with serving(shop.settings) as url, listening(shop.client("operator"), f"{url}/api/v1{LAMPS}") as heard:
        assert heard.answer.headers["Content-Type"] == "text/event-stream"
        assert heard.answer.headers["Cache-Control"] == "no-store"
        waiting = asyncio.create_task(heard.next())
        await eventually(lambda: heard.comments >= 2)
        assert (await shop.client("operator").get(f"{url}/api/v1/inventory")).status_code == 200
        waiting.cancel()


async def test_a_head_of_a_stream_ends(shop: Shop) -> None:
    head = await shop.client("operator").head(LAMPS)
    assert (head.status_code, head.headers["Content-Type"], head.content) == (200, "text/event-stream", b"")
    await eventually(lambda: measured(shop.client(), shop.url, "commerce_api_streams 0.0"))


async def test_only_an_id_of_ours_that_the_log_has_is_gone_on_from(shop: Shop) -> None:
    operator = shop.client("operator")
    for wrong in ("42", "p1-", "p1-" + "f" * 17, "p1-8000000000000000"):
        check(await operator.get(LAMPS, headers={"Last-Event-ID": wrong}), 400, "malformed-request")
    check(await operator.get(LAMPS, headers=[("Last-Event-ID", "p1-0")] * 2), 400, "malformed-request")
    beyond = {"Last-Event-ID": f"p1-{await shop.store.head() + 1:x}"}
    check(await operator.get(LAMPS, headers=beyond), 503, "unavailable")
    async with listening(operator, LAMPS, "") as heard:
        assert heard.answer.status_code == 200
