"""Webhooks out: receivers that are well, down for an hour, slow, gone, or lead inward; nothing is lost, and none holds
up another."""

from __future__ import annotations

import asyncio
import socket
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from aiohttp import web
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from commerce.eventstore import Append, Engine, Event, EventStore, Idempotency, Metadata, SealedSecret, in_stream
from commerce.ordering.events import OrderCancelled, OrderConfirmed, OrderShipped
from commerce.runtime.tasks import end_tasks
from commerce.webhooks import commands
from commerce.webhooks.deliveries import Delivery, find_deliveries
from commerce.webhooks.endpoint import EndpointTerms, NewSecret
from commerce.webhooks.secrets import PREFIX, SecretMaker
from tests.unit.audit.examples import example
from tests.waiting import LIMIT_S, eventually
from workers.gateways.mail import FileOutbox
from workers.webhook_deliveries import backlog, dispatcher, maintenance, queue, sender, subscription
from workers.webhook_deliveries.dispatcher import Dispatcher
from workers.webhook_deliveries.maintenance import DeliveryCollector, DeliveryMaintenance
from workers.webhook_deliveries.sender import Sender

BY_TEST = Metadata("operator:test")
SECRET, NEXT_SECRET = (SecretMaker(b"for tests").new_secret(name) for name in ("one", "two"))
EVENTS: list[type[Event]] = [OrderConfirmed, OrderShipped]
HOUR = timedelta(hours=1)

Answer = Callable[[web.Request], Any]


@dataclass
class Receiver:
    """Another system: what it was sent at each path, and how it answers there."""

    base: str = ""
    received: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    headers: dict[str, list[dict[str, str]]] = field(default_factory=lambda: defaultdict(list))
    answers: dict[str, Answer] = field(default_factory=dict)

    async def take(self, request: web.Request) -> web.StreamResponse:
        """Check a delivery, note it, and answer as the path is to."""
        body = await request.text()
        told = Webhook(request.query.get("secret", SECRET)).verify(body, dict(request.headers))
        self.received[request.path].append(told)
        self.headers[request.path].append(dict(request.headers))
        answered: web.StreamResponse | None = None
        if answer := self.answers.get(request.path):
            answered = answer(request)
            if asyncio.iscoroutine(answered):
                answered = await answered
        return answered or web.Response(text="thank you")

    def positions(self, path: str) -> list[int]:
        """The places in the log of what came to a path, in the order in which it came."""
        return [told["data"]["position"] for told in self.received[path]]


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    found = Receiver()
    app = web.Application()
    app.router.add_post("/{name:.*}", found.take)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    found.base = f"http://{host}:{port}"
    yield found
    await runner.cleanup()


@dataclass(frozen=True)
class Desk:
    """The log, and what a test does to it."""

    store: EventStore
    outbox: Path

    async def endpoint(self, url: str, *event_types: str, notice_to: str | None = None) -> UUID:
        """Add an endpoint."""
        endpoint_id = uuid4()
        key = self.store.keys.fresh(endpoint_id)
        terms = EndpointTerms(url, event_types, key.seal(notice_to) if notice_to else None)
        secret = SealedSecret(key.seal(SECRET))
        once = Idempotency("test", str(uuid4()), b"", b"")
        await commands.add_endpoint(self.store, endpoint_id, terms, secret, BY_TEST, key=key, idempotency=once)
        return endpoint_id

    async def happens(self, *kinds: type[Event], order: UUID | None = None) -> list[int]:
        """Have something happen to an order, each by itself; answers the positions."""
        stream = order or uuid4()
        found = []
        for number, kind in enumerate(kinds, start=len(await self.store.read_stream(stream))):
            event = example(kind).model_copy(update={"originator_id": UUID(int=0), "originator_version": 0})
            found.append(await self.store.append(Append(in_stream([event], stream, after=number), stream, BY_TEST)))
        return found

    async def deliveries(self, endpoint_id: UUID) -> list[Delivery]:
        """What is delivered to an endpoint, oldest event first."""
        return (await find_deliveries(self.store.pool, endpoint_id, None, 2**62, 1000))[::-1]

    async def statuses(self, endpoint_id: UUID) -> list[str]:
        """How far each delivery has come, oldest event first."""
        return [each.status for each in await self.deliveries(endpoint_id)]

    async def all_delivered(self, endpoint_id: UUID, number: int) -> bool:
        return await self.statuses(endpoint_id) == ["delivered"] * number

    async def sql(self, statement: str, *values: object) -> list[Any]:
        """Do what tests alone do to the tables."""
        async with self.store.pool.connection() as connection:
            cursor = await connection.execute(statement.encode(), values)
            return await cursor.fetchall() if cursor.description else []

    async def time_passes(self, span: timedelta) -> None:
        """Move the clock of everything that waits: it all happened so much earlier."""
        await self.sql(
            """UPDATE commerce_webhook_deliveries SET due_at = due_at - %s, failing_since = failing_since - %s,
               ended_at = ended_at - %s, created_at = created_at - %s""",
            *[span] * 4,
        )


@pytest.fixture(autouse=True)
def looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test moves the clock, and does not wait for the next look; a busy machine is not a slow receiver."""
    for module in (dispatcher, maintenance):
        monkeypatch.setattr(module, "LOOK_INTERVAL_S", 0.05)
    monkeypatch.setattr(maintenance, "COUNT_INTERVAL_S", 0.05)
    monkeypatch.setattr(sender, "ATTEMPT_TIMEOUT_S", LIMIT_S)


@pytest.fixture
def desk(store: EventStore, tmp_path: Path) -> Desk:
    return Desk(store, tmp_path / "outbox")


@dataclass(frozen=True)
class Working:
    """The parts of a worker that runs."""

    dispatcher: Dispatcher
    maintenance: DeliveryMaintenance


@asynccontextmanager
async def working(desk: Desk, *, allow_private: bool = True) -> AsyncIterator[Working]:
    """Run what the worker runs, in this event loop."""
    written = asyncio.Event()
    async with Sender(allow_private=allow_private) as client, AsyncExitStack() as stack:
        sending = Dispatcher(desk.store, client, written)
        looking = DeliveryMaintenance(desk.store, FileOutbox(desk.outbox), written)
        engine = Engine(desk.store, [subscription.webhook_subscription(written)])
        await engine.start()
        stack.push_async_callback(engine.stop)
        for part in (sending, looking):
            task = asyncio.create_task(part.run())
            stack.push_async_callback(end_tasks, [task])
        yield Working(sending, looking)
        assert not engine.problems()
        assert (sending.problem, looking.problem) == (None, None)


async def test_an_endpoint_is_told_what_it_wants_signed_and_in_order_from_when_it_was_added(
    desk: Desk, receiver: Receiver
) -> None:
    order = uuid4()
    await desk.happens(OrderConfirmed, order=order)
    all_of_it = await desk.endpoint(f"{receiver.base}/all")
    some = await desk.endpoint(f"{receiver.base}/some", "ordering.OrderShipped")
    wanted = await desk.happens(OrderConfirmed, OrderShipped, OrderCancelled, order=order)
    async with working(desk):
        await eventually(lambda: desk.all_delivered(all_of_it, 3))
        await eventually(lambda: desk.all_delivered(some, 1))
        assert receiver.positions("/all") == wanted
        assert receiver.positions("/some") == [wanted[1]]
        headers, told = receiver.headers["/all"][0], receiver.received["/all"][0]
        assert headers["webhook-id"] == told["id"] == f"{order}:2"
        assert (told["type"], told["subject"]) == ("ordering.OrderConfirmed", str(order))
        assert headers["Content-Type"] == "application/cloudevents+json"
        assert len(headers["webhook-signature"].split()) == 1
        (attempt,) = (await desk.deliveries(some))[0].attempts
        assert (attempt["status"], attempt["problem"], attempt["excerpt"]) == (200, None, "thank you")

        key = await desk.store.keys.of(all_of_it)
        now = datetime.now(UTC)
        new = NewSecret(SealedSecret(key.seal(NEXT_SECRET)), now, now + HOUR)
        once = Idempotency("test", "rotation", b"", b"")
        await commands.rotate_secret(desk.store, all_of_it, new, BY_TEST, idempotency=once)
        await desk.happens(OrderShipped)
        await eventually(lambda: desk.all_delivered(all_of_it, 4))
        body = receiver.received["/all"][-1]
        headers = receiver.headers["/all"][-1]
        assert len(headers["webhook-signature"].split()) == 2  # the receiver checked one of them by the first secret
        assert body["type"] == "ordering.OrderShipped"

        await desk.sql("UPDATE commerce_webhook_endpoints SET previous_until = clock_timestamp()")
        await desk.happens(OrderShipped)
        await eventually(lambda: _has_failed(desk, all_of_it))  # signed with the new one alone, which it does not know
    with pytest.raises(WebhookVerificationError):
        Webhook(PREFIX + "b3RoZXI=").verify("{}", headers)


async def _has_failed(desk: Desk, endpoint_id: UUID) -> bool:
    return (await desk.deliveries(endpoint_id))[-1].failures > 0


async def test_while_a_receiver_is_down_for_an_hour_nothing_is_lost_and_others_are_unaffected(
    desk: Desk, receiver: Receiver
) -> None:
    receiver.answers["/down"] = lambda _request: web.Response(status=503, text="no\x00t now\n" + "x" * 10_000)
    receiver.answers["/moved"] = lambda _request: web.Response(status=307, headers={"Location": f"{receiver.base}/in"})
    down, moved = await desk.endpoint(f"{receiver.base}/down"), await desk.endpoint(f"{receiver.base}/moved")
    well = await desk.endpoint(f"{receiver.base}/well")
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        nowhere = await desk.endpoint(f"http://127.0.0.1:{reserved.getsockname()[1]}/")
        orders = [uuid4() for _ in range(3)]
        wanted = [await desk.happens(OrderConfirmed, OrderShipped, order=order) for order in orders]
        async with working(desk) as parts:
            await eventually(lambda: desk.all_delivered(well, 6))
            for endpoint in (down, moved, nowhere):
                await eventually(partial(_tried, desk, endpoint, 1))
            for _ in range(10):  # 5, 10, 20, … s: within the hour
                await desk.time_passes(HOUR)
                tried = len((await desk.deliveries(down))[0].attempts) + 1
                await eventually(partial(_tried, desk, down, tried))
            assert [each.failures for each in await desk.deliveries(down)] == [11] * 6
            (waits,) = {
                round((each.due_at - datetime.now(UTC)).total_seconds() / 60)
                for each in await desk.deliveries(down)
                if each.due_at
            }
            assert waits == round(5 * 2**10 / 60)
            receiver.answers.clear()
            await desk.time_passes(2 * HOUR)
            await eventually(lambda: desk.all_delivered(down, 6))
            (metrics,) = [
                each
                for each in DeliveryCollector(parts.dispatcher, parts.maintenance).collect()
                if each.name == "commerce_webhook_attempts"
            ]
            counted = {sample.labels["result"]: sample.value for sample in metrics.samples}
            assert counted["delivered"] >= 12
            assert counted["failed"] >= 66
    taken = receiver.received["/down"][-6:]
    assert {told["data"]["position"] for told in taken} == {position for one in wanted for position in one}
    assert receiver.received["/in"] == []
    assert sorted(receiver.positions("/well")) == sorted(position for one in wanted for position in one)
    assert len({told["id"] for told in receiver.received["/down"]}) == 6
    attempt = (await desk.deliveries(down))[0].attempts[0]
    assert (attempt["status"], attempt["problem"]) == (503, "answered 503")
    assert attempt["excerpt"].startswith("no")
    assert len(attempt["excerpt"]) <= 200
    assert "redirects are not followed" in (await desk.deliveries(moved))[0].attempts[0]["problem"]
    assert (await desk.deliveries(nowhere))[0].attempts[0]["problem"] == "cannot be reached"


async def _tried(desk: Desk, endpoint_id: UUID, times: int) -> bool:
    deliveries = await desk.deliveries(endpoint_id)
    return bool(deliveries) and all(len(each.attempts) >= times for each in deliveries)


async def test_a_slow_receiver_has_eight_calls_at_a_time_and_holds_up_nobody_else(
    desk: Desk, receiver: Receiver
) -> None:
    release, most, now = asyncio.Event(), 0, 0

    async def slow(_request: web.Request) -> None:
        nonlocal most, now
        now += 1
        most = max(most, now)
        await release.wait()
        now -= 1

    receiver.answers["/slow"] = slow
    slowly, well = await desk.endpoint(f"{receiver.base}/slow"), await desk.endpoint(f"{receiver.base}/well")
    for _ in range(20):
        await desk.happens(OrderConfirmed, OrderShipped)
    async with working(desk):
        await eventually(lambda: desk.all_delivered(well, 40))
        await eventually(lambda: len(receiver.received["/slow"]) == queue.CALLS_PER_ENDPOINT)
        assert {told["type"] for told in receiver.received["/slow"]} == {"ordering.OrderConfirmed"}
        release.set()
        await eventually(lambda: desk.all_delivered(slowly, 40))
    assert most == queue.CALLS_PER_ENDPOINT
    for path in ("/slow", "/well"):  # each once, and each order's in order
        by_order = defaultdict(list)
        for told in receiver.received[path]:
            by_order[told["subject"]].append(told["type"])
        assert list(by_order.values()) == [["ordering.OrderConfirmed", "ordering.OrderShipped"]] * 20


async def test_a_receiver_that_is_gone_or_takes_nothing_for_three_days_is_disabled_with_notice_and_goes_on_later(
    desk: Desk, receiver: Receiver
) -> None:
    receiver.answers["/gone"] = lambda _request: web.Response(status=410)
    receiver.answers["/dead"] = lambda _request: web.Response(status=500)
    receiver.answers["/picky"] = lambda _request: web.Response(
        status=400 if receiver.received["/picky"][-1]["type"] == "ordering.OrderConfirmed" else 200
    )
    gone = await desk.endpoint(f"{receiver.base}/gone", notice_to="it@shop.example")
    dead = await desk.endpoint(f"{receiver.base}/dead")
    picky = await desk.endpoint(f"{receiver.base}/picky")
    order = uuid4()
    wanted = await desk.happens(OrderConfirmed, OrderShipped, order=order)
    async with working(desk):
        await eventually(lambda: desk.outbox.exists() and any(desk.outbox.glob(f"{gone}-*")))
        (mail,) = [path.read_text() for path in desk.outbox.glob(f"{gone}-*.txt")]
        assert mail.startswith("To: it@shop.example\nSubject: A webhook endpoint is disabled\n")
        assert '{"enabled": true}' in mail
        for endpoint in (dead, picky):
            await eventually(partial(_tried, desk, endpoint, 1))
        await desk.time_passes(timedelta(days=3))
        await desk.sql(
            "UPDATE commerce_webhook_deliveries SET ended_at = clock_timestamp() WHERE endpoint_id = %s "
            "AND status = 'delivered'",
            picky,
        )
        await eventually(lambda: desk.outbox.exists() and any(desk.outbox.glob(f"{dead}-*")))
        await eventually(lambda: _is(desk, picky, ["failed", "delivered"]))  # one that others overtook disables nothing
        assert [(await commands.load_endpoint(desk.store, each)).disabled for each in (gone, dead, picky)] == [
            "gone",
            "failing",
            None,
        ]
        wanted += await desk.happens(OrderCancelled, order=order)
        await eventually(lambda: _is(desk, picky, ["failed", "delivered", "delivered"]))
        so_far = len(receiver.received["/gone"])
        await desk.time_passes(HOUR)
        assert await desk.statuses(gone) == ["waiting"] * 2
        receiver.answers.clear()
        for endpoint in (gone, dead):
            await commands.change_endpoint(desk.store, endpoint, lambda terms: terms, True, BY_TEST)
            await eventually(partial(desk.all_delivered, endpoint, 3))
        assert receiver.positions("/gone")[so_far:] == wanted
        assert so_far <= 2

        once = Idempotency("test", "replay", b"", b"")
        await commands.replay_deliveries(desk.store, picky, wanted[0] - 1, BY_TEST, idempotency=once)
        await eventually(lambda: len(receiver.received["/picky"]) >= 7)
        await eventually(lambda: desk.all_delivered(picky, 3))
        assert receiver.positions("/picky")[-3:] == wanted
        await commands.replay_delivery(desk.store, picky, wanted[1], BY_TEST)
        await eventually(lambda: receiver.positions("/picky")[-1] == wanted[1])
        await desk.time_passes(timedelta(days=8))
        await commands.remove_endpoint(desk.store, dead, BY_TEST)
        await eventually(lambda: _is(desk, dead, []))


async def _is(desk: Desk, endpoint_id: UUID, statuses: list[str]) -> bool:
    return await desk.statuses(endpoint_id) == statuses


async def test_what_there_is_no_room_for_waits_in_the_log_and_is_taken_over_without_gap_or_repeat(
    desk: Desk, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module, name, value in (
        (subscription, "MOST_WAITING_DELIVERIES", 4),
        (backlog, "MOST_WAITING_DELIVERIES", 4),
        (backlog, "BATCH_EVENTS", 2),
    ):
        monkeypatch.setattr(module, name, value)
    release = asyncio.Event()
    receiver.answers["/slow"] = lambda _request: _waited(release)
    slowly = await desk.endpoint(f"{receiver.base}/slow")
    wanted = await desk.happens(*EVENTS * 3)
    async with working(desk):
        await eventually(lambda: _has(desk, slowly, 6))
        for _ in range(10):
            wanted += await desk.happens(OrderConfirmed, OrderShipped)
        await eventually(lambda: _is_behind(desk))
        assert len(await desk.deliveries(slowly)) == 6
        release.set()
        await eventually(lambda: desk.all_delivered(slowly, 26))
        await eventually(lambda: _is_not_behind(desk))
        wanted += await desk.happens(OrderConfirmed)
        await eventually(lambda: desk.all_delivered(slowly, 27))
    assert sorted(receiver.positions("/slow")) == wanted


async def _waited(event: asyncio.Event) -> None:
    await event.wait()


async def _has(desk: Desk, endpoint_id: UUID, number: int) -> bool:
    return len(await desk.deliveries(endpoint_id)) == number


async def _is_not_behind(desk: Desk) -> bool:
    return await desk.sql("SELECT behind FROM commerce_webhook_endpoints") == [(None,)]


async def _is_behind(desk: Desk) -> bool:
    return await desk.sql("SELECT count(behind) FROM commerce_webhook_endpoints") == [(1,)]


async def test_nothing_is_sent_to_inner_addresses_by_whatever_name(
    desk: Desk, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = receiver.base.rpartition(":")[2]
    look_up = socket.getaddrinfo

    def resolved(host: Any, *arguments: Any, **options: Any) -> Any:
        return look_up("127.0.0.1" if host == "hooks.shop.example" else host, *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", resolved)
    hosts = ("hooks.shop.example", "localhost", "127.0.0.1", "[::ffff:127.0.0.1]")
    endpoints = [await desk.endpoint(f"https://{host}:{port}/inner") for host in hosts]
    await desk.happens(OrderConfirmed)
    async with working(desk, allow_private=False):
        for endpoint in endpoints:
            await eventually(partial(_tried, desk, endpoint, 1))
            (delivery,) = await desk.deliveries(endpoint)
            problem = delivery.attempts[0]["problem"]
            assert "inner address" in problem or "public Internet" in problem, problem
    assert receiver.received == {}


async def test_what_a_worker_took_and_did_not_end_is_sent_by_another(desk: Desk, receiver: Receiver) -> None:
    endpoint = await desk.endpoint(f"{receiver.base}/hooks")
    first, second = await desk.happens(OrderConfirmed, OrderShipped)
    async with working(desk):
        await eventually(lambda: desk.all_delivered(endpoint, 2))
    await desk.sql("UPDATE commerce_webhook_deliveries SET status = 'waiting', due_at = clock_timestamp()")
    (taken,) = await queue.take_due(desk.store.pool, {})
    assert taken.position == first
    assert await queue.take_due(desk.store.pool, {}) == []  # the second waits for the first
    async with working(desk):
        await desk.time_passes(timedelta(seconds=queue.LEASE_S))
        await eventually(lambda: desk.all_delivered(endpoint, 2))
    assert receiver.positions("/hooks") == [first, second] * 2
