"""The consumers on a real broker: nothing is dropped, and what the broker loses is set up again."""

from __future__ import annotations

from uuid import UUID

from nats.js import JetStreamContext

from commerce.customers.mail_request import MailTokens
from commerce.embedded.nats import EmbeddedNats
from commerce.staff.accounts import invitation_tokens
from commerce.values import ids
from tests.conftest import Database
from tests.integration.workers.shop import Shop, missing_key, running
from tests.waiting import eventually
from workers.gateways.mail import FileOutbox
from workers.notifications import MailTerms, Notifications, notifications_app
from workers.outbox.message_schemas import IntegrationEvent
from workers.outbox.messages import integration_event_of
from workers.payments import payments_app
from workers.relay import relay_app
from workers.runtime.app import WorkerApp
from workers.runtime.durables import Durable
from workers.saga import saga_app
from workers.shipping import shipping_app

TERMS = MailTerms(MailTokens(b"s" * 32), invitation_tokens(b"s" * 32))


async def test_a_durable_that_was_deleted_is_created_again_and_goes_on(shop: Shop, jetstream: JetStreamContext) -> None:
    async with running(saga_app(), relay_app(), payments_app(), shipping_app()):
        await jetstream.delete_consumer("COMMANDS", "payments-capture")
        order = await shop.place()
        assert await shop.ended(order) == "ordering.OrderConfirmed"


async def test_a_broker_that_lost_everything_is_filled_and_read_again(shop: Shop, jetstream: JetStreamContext) -> None:
    async with running(saga_app(), relay_app(), payments_app(), shipping_app(), notifications_app()):
        first = await shop.place()
        await shop.ended(first)
        await jetstream.delete_stream("COMMANDS")
        await jetstream.delete_stream("EVENTS")
        second = await shop.place()
        assert await shop.ended(second) == "ordering.OrderConfirmed"
        await eventually(lambda: _has_mail(shop, f"{second}-confirmed"))


async def test_workers_that_start_before_the_broker_find_it_later(shop: Shop, broker_server: EmbeddedNats) -> None:
    broker_server.stop()
    order = await shop.place()
    apps = [saga_app(), relay_app(), payments_app(), shipping_app()]
    async with running(*apps, until_well=False):
        await eventually(lambda: _asks(shop, order))
        assert "broker" in await apps[2].problems()
        broker_server.start()
        assert await shop.ended(order) == "ordering.OrderConfirmed"
        await eventually(lambda: _all_well(apps))


async def test_messages_that_cannot_be_read_are_not_delivered_for_ever(shop: Shop, jetstream: JetStreamContext) -> None:
    async with running(payments_app(), notifications_app()):
        await jetstream.publish("commands.payments.authorize", b"not a command")
        await jetstream.publish("events.ordering.OrderConfirmed", b"not an event")
        await eventually(lambda: _is_done(jetstream, "COMMANDS", "payments-authorize"))
        await eventually(lambda: _is_done(jetstream, "EVENTS", "notifications"))


async def test_a_durable_of_an_older_version_is_changed_in_place_and_delivers_only_what_is_told(
    shop: Shop, jetstream: JetStreamContext
) -> None:
    older = Durable("notifications", "EVENTS", "events.ordering.*")
    async with running(relay_app()):
        await jetstream.add_consumer("EVENTS", config=older.config())
        await shop.place()
        await eventually(lambda: _holds(jetstream, "EVENTS", 1))
    async with running(notifications_app()):
        await eventually(lambda: _all_done(jetstream, "EVENTS", "notifications"))
        before = await _delivered(jetstream, "EVENTS", "notifications")
        await jetstream.publish("events.ordering.OrderPlaced", b"not delivered")
        await jetstream.publish("events.ordering.OrderConfirmed", b"not an event")
        await eventually(lambda: _all_done(jetstream, "EVENTS", "notifications"))
        assert await _delivered(jetstream, "EVENTS", "notifications") == before + 1


async def test_the_consumer_that_an_older_version_had_for_all_operations_is_replaced_and_nothing_is_lost(
    shop: Shop, jetstream: JetStreamContext
) -> None:
    async with running(saga_app(), relay_app()):
        await jetstream.add_consumer("COMMANDS", config=Durable("payments", "COMMANDS", "commands.payments.*").config())
        order = await shop.place()
        await eventually(lambda: _holds(jetstream, "COMMANDS", 1))
    async with running(saga_app(), relay_app(), payments_app(), shipping_app()):
        assert await shop.ended(order) == "ordering.OrderConfirmed"
        names = {info.name for info in await jetstream.consumers_info("COMMANDS")}
    assert names == {
        "payments-authorize", "payments-capture", "payments-void", "payments-refund", "payments-webhook",
        "shipping-schedule", "shipping-cancel",
    }  # fmt: skip


async def test_an_event_that_comes_twice_is_one_mail(shop: Shop) -> None:
    order = await shop.place("pm_card_declined", email="ada@example.org")
    async with running(saga_app(), relay_app(), payments_app()):
        await shop.ended(order)
    rejected = (await shop.store.read_stream(order))[-1]
    published = integration_event_of(rejected)
    assert published is not None
    event = IntegrationEvent.model_validate_json(published.body)
    notifications = Notifications(shop.store, FileOutbox(shop.outbox), TERMS)
    await notifications.tell(event)
    path = shop.outbox / f"{order}-rejected.txt"
    assert path.read_text().startswith("To: ada@example.org\n")
    path.write_text("as it was")
    await notifications.tell(event)
    assert [file.name for file in shop.outbox.iterdir()] == [path.name]
    assert path.read_text() == "as it was"


async def test_one_mail_waits_for_a_key_that_is_missing_and_the_others_are_written(
    shop: Shop, database: Database
) -> None:
    first, second = await shop.place("pm_card_declined"), await shop.place("pm_card_declined")
    notifications = notifications_app()
    with missing_key(database, first):
        async with running(saga_app(), relay_app(), payments_app(), notifications):
            await eventually(lambda: _has_mail(shop, f"{second}-rejected"))
            assert not await _has_mail(shop, f"{first}-rejected")
    order = await shop.store.read_stream(first)
    published = integration_event_of(order[-1])
    assert published is not None
    await Notifications(shop.store, FileOutbox(shop.outbox), TERMS).tell(
        IntegrationEvent.model_validate_json(published.body)
    )
    assert await _has_mail(shop, f"{first}-rejected")


async def _asks(shop: Shop, order: UUID) -> bool:
    return "saga.AuthorizationRequested" in await shop.topics(ids.process_id(order))


async def _all_well(apps: list[WorkerApp]) -> bool:
    return not any([await app.problems() for app in apps])


async def _has_mail(shop: Shop, name: str) -> bool:
    return (shop.outbox / f"{name}.txt").exists()


async def _is_done(jetstream: JetStreamContext, stream: str, durable: str) -> bool:
    info = await jetstream.consumer_info(stream, durable)
    return info.delivered is not None and info.delivered.consumer_seq == 1 and info.num_ack_pending == 0


async def _holds(jetstream: JetStreamContext, stream: str, messages: int) -> bool:
    return bool((await jetstream.stream_info(stream)).state.messages == messages)


async def _all_done(jetstream: JetStreamContext, stream: str, durable: str) -> bool:
    info = await jetstream.consumer_info(stream, durable)
    return bool(info.num_pending == 0 and info.num_ack_pending == 0)


async def _delivered(jetstream: JetStreamContext, stream: str, durable: str) -> int:
    info = await jetstream.consumer_info(stream, durable)
    return int(info.delivered.consumer_seq) if info.delivered else 0
