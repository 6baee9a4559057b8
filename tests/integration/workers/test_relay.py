"""The relay: what the log asks for is on the broker, until it is answered, whatever becomes of the broker."""

from __future__ import annotations

import json
from uuid import UUID

import psycopg
from nats.js import JetStreamContext
from nats.js.errors import NotFoundError

from commerce.embedded.nats import EmbeddedNats
from commerce.eventstore import Append, Metadata, in_stream
from commerce.payments import decisions
from commerce.payments import payment as payments
from commerce.saga.limits import ProcessLimits
from commerce.saga.subscription import saga_subscription
from commerce.values import ids
from commerce.values.money import Money
from tests.catch_up import catch_up
from tests.conftest import Database
from tests.integration.workers.shop import PRICE, Shop, running
from tests.waiting import eventually
from workers.relay import relay_app
from workers.runtime.app import WorkerApp

AUTHORIZE = "commands.payments.authorize"


async def test_a_request_is_published_once_and_forgotten_when_it_is_answered(
    shop: Shop, jetstream: JetStreamContext
) -> None:
    order = await _requested(shop)
    async with running(relay_app()):
        await eventually(lambda: _count(jetstream, "COMMANDS", 1))
        message = await jetstream.get_last_msg("COMMANDS", AUTHORIZE)
        assert json.loads(message.data or b"") == {
            "order_id": str(order),
            "process_id": str(ids.process_id(order)),
            "request_id": str(_request(order)),
            "position": 4,
        }
        await eventually(lambda: _open(shop, [AUTHORIZE]))  # remembered in the transaction that follows the publishing
        await _decline(shop, order)
        await eventually(lambda: _open(shop, []))
    async with running(relay_app()):
        assert (await jetstream.stream_info("COMMANDS")).state.messages == 1


async def test_an_undo_that_is_done_leaves_nothing_to_be_sent_again(shop: Shop, jetstream: JetStreamContext) -> None:
    order = await _requested(shop)
    async with running(relay_app()):
        await eventually(lambda: _count(jetstream, "COMMANDS", 1))
        closed = decisions.close(None, order, ids.request_id(ids.process_id(order), "void"))
        in_stream(closed, ids.payment_id(order), after=0)
        await shop.store.append(Append(closed, order, Metadata("service:payments")))
        await eventually(lambda: _open(shop, []))


async def test_events_are_published_as_cloud_events_without_personal_data(
    shop: Shop, jetstream: JetStreamContext
) -> None:
    order = await _requested(shop)
    async with running(relay_app()):
        await eventually(lambda: _count(jetstream, "EVENTS", 1))
    message = await jetstream.get_last_msg("EVENTS", "events.ordering.OrderPlaced")
    event = json.loads(message.data or b"")
    recorded = (await shop.store.read_stream(order))[0]
    assert event.pop("time") == recorded.recorded_at.isoformat().replace("+00:00", "Z")
    assert event == {
        "specversion": "1.0",
        "id": f"{order}:1",
        "source": "/commerce",
        "type": "ordering.OrderPlaced",
        "subject": str(order),
        "datacontenttype": "application/json",
        "data": {
            "order_id": str(order),
            "position": 1,
            "customer_id": None,
            "member_id": None,
            "amount": {"amount": "39.98", "currency": "EUR"},
        },
    }


async def test_a_request_of_which_nothing_is_heard_is_sent_again_as_another_message(
    shop: Shop, jetstream: JetStreamContext
) -> None:
    await _requested(shop)
    async with running(relay_app()):
        await eventually(lambda: _count(jetstream, "COMMANDS", 1))
        async with shop.store.pool.connection() as connection:
            await connection.execute("UPDATE commerce_requests SET sent_at = sent_at - interval '1 hour'")
        await eventually(lambda: _count(jetstream, "COMMANDS", 2))


async def test_streams_that_were_lost_are_filled_again_from_the_log(shop: Shop, jetstream: JetStreamContext) -> None:
    answered, open_ = await _requested(shop), await _requested(shop)
    await _decline(shop, answered)
    async with running(relay_app()):
        await eventually(lambda: _count(jetstream, "EVENTS", 3))
        await jetstream.delete_stream("COMMANDS")
        await jetstream.delete_stream("EVENTS")
        await eventually(lambda: _count(jetstream, "COMMANDS", 1))
        await eventually(lambda: _count(jetstream, "EVENTS", 3))
    message = await jetstream.get_last_msg("COMMANDS", AUTHORIZE)
    assert json.loads(message.data or b"")["order_id"] == str(open_)


async def test_a_lost_stream_is_filled_though_an_event_cannot_be_read(
    shop: Shop, jetstream: JetStreamContext, database: Database
) -> None:
    bad, _ = await _requested(shop), await _requested(shop)
    async with running(relay_app()):
        await eventually(lambda: _count(jetstream, "EVENTS", 2))
    with psycopg.connect(database.admin_url) as connection:
        connection.execute("UPDATE commerce_events SET state = 'not JSON' WHERE originator_id = %s", [bad])
    await jetstream.delete_stream("EVENTS")
    app = relay_app()
    async with running(app):
        await eventually(lambda: _count(jetstream, "EVENTS", 1))
        assert await app.problems() == {}


async def test_while_the_broker_is_away_the_relay_waits_and_says_so(
    shop: Shop, broker_server: EmbeddedNats, jetstream: JetStreamContext
) -> None:
    app = relay_app()
    async with running(app):
        broker_server.stop()
        await _requested(shop)
        await eventually(lambda: _says(app, "broker"))
        broker_server.start()
        await eventually(lambda: _count(jetstream, "COMMANDS", 1))
        assert await app.problems() == {}


async def _requested(shop: Shop) -> UUID:
    """An order whose process has asked for its authorisation."""
    order = await shop.place()
    await catch_up(shop.store, saga_subscription(ProcessLimits()))
    return order


def _request(order: UUID) -> UUID:
    return ids.request_id(ids.process_id(order), "authorize")


async def _decline(shop: Shop, order: UUID) -> None:
    request = _request(order)
    attempt = decisions.authorize(None, order, request, Money.of(PRICE, "EUR"), "pm_card_ok")
    payment = payments.fold(attempt)
    assert payment is not None
    decided = [*attempt, *decisions.declined(payment, request, "card_declined")]
    events = in_stream(decided, ids.payment_id(order), after=0)
    await shop.store.append(Append(events, order, Metadata("service:payments")))


async def _count(jetstream: JetStreamContext, stream: str, messages: int) -> bool:
    try:
        return bool((await jetstream.stream_info(stream)).state.messages == messages)
    except NotFoundError:
        return False


async def _open(shop: Shop, subjects: list[str]) -> bool:
    return await shop.open_requests() == subjects


async def _says(app: WorkerApp, part: str) -> bool:
    return part in await app.problems()
