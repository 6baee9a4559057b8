"""The notifications worker: writes the mails that customers get when something has become of their order."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from faststream.nats import NatsMessage

from commerce.eventstore import EventStore
from commerce.ordering import order as ordering
from commerce.outside.errors import TryAgain
from commerce.runtime.settings import load_settings
from workers.gateways.mail import FileOutbox, Kind, Outbox, compose
from workers.gateways.recipient import recipient_of
from workers.outbox.broker import EVENTS, Broker
from workers.outbox.message_schemas import IntegrationEvent
from workers.runtime.app import WorkerApp
from workers.runtime.consumers import OneAtATime, consuming, one_delivery, subscribe
from workers.runtime.durables import Durable
from workers.runtime.failures import Failures
from workers.runtime.parked_messages import MessageHint, ParkedMessages
from workers.runtime.subscriptions import worker_store

NAME = "notifications"
_KINDS: dict[str, Kind] = {
    "ordering.OrderConfirmed": "confirmed",
    "ordering.OrderRejected": "rejected",
    "ordering.OrderCancelled": "cancelled",
    "ordering.OrderCancellationRefused": "cancellation-refused",
    "ordering.OrderShipped": "shipped",
    "ordering.OrderDelivered": "delivered",
}
DURABLE = Durable(NAME, EVENTS, "events.ordering.*", tuple(f"events.{topic}" for topic in _KINDS))
_log = structlog.stdlib.get_logger(__name__)


class Notifications:
    """What the worker does with an integration event; safe to repeat, in any process."""

    def __init__(self, store: EventStore, outbox: Outbox) -> None:
        self._store = store
        self._outbox = outbox

    async def tell(self, event: IntegrationEvent) -> None:
        """Write the mail about the order as it was then, if there is one. Raises `TryAgain`, `Unavailable`,
        `MissingKey`.

        The message is only a hint: what it names has to stand in the order's stream, at that position.
        """
        kind = _KINDS.get(event.type)
        if kind is None:
            return
        stream = (await self._store.read_together([event.data.order_id]))[event.data.order_id]
        then = [recorded for recorded in stream if recorded.position <= event.data.position]
        order = ordering.fold(recorded.event for recorded in then)
        if order is None or (then[-1].position, then[-1].topic) != (event.data.position, event.type):
            _log.warning("an event that the log does not know", order_id=event.subject, topic=event.type)
            return
        address, *email = await self._store.keys.open_all(filter(None, (order.shipping_address, order.email)))
        try:
            is_new = await self._outbox.put(compose(order, kind, recipient_of(address).name, *email))
        except OSError as error:
            raise TryAgain(f"the outbox does not take a mail: {error.strerror}") from None
        if is_new:
            _log.info("mail written", order_id=event.subject, kind=kind)


async def read_integration_event(message: NatsMessage) -> IntegrationEvent:
    """Decode a CloudEvent in structured JSON mode."""
    return IntegrationEvent.model_validate_json(message.body)


def notifications_app() -> WorkerApp:
    """The worker; nothing is opened before it runs."""
    broker = Broker(NAME)
    orders = OneAtATime()
    failures = Failures(DURABLE.name)

    async def tell(event: IntegrationEvent) -> None:
        notifications: Notifications = broker.context.get("notifications")
        parked: ParkedMessages = broker.context.get("parked")
        message = broker.message
        hint = MessageHint(message.raw_message.subject, message.body, event.data.position, event.data.order_id)
        async with (
            one_delivery(message, failures, parked, hint, order_id=event.subject) as is_due,
            orders.on(event.data.order_id),
        ):
            if is_due:
                await notifications.tell(event)

    subscribe(
        broker,
        DURABLE,
        DURABLE.subject,
        read_integration_event,
        tell,
        title="Events about orders",
        description="Each end of an order, each rejected cancellation, and each step of its shipment has one mail.",
    )

    @asynccontextmanager
    async def lifespan(app: WorkerApp) -> AsyncIterator[None]:
        settings = load_settings()
        broker.use(settings)
        async with worker_store(app, settings) as store:
            notifications = Notifications(store, FileOutbox(settings.outbox_folder))

            async def tell_parked(hint: MessageHint) -> None:
                async with orders.on(hint.order_id):
                    await notifications.tell(IntegrationEvent.model_validate_json(hint.body))

            parked = ParkedMessages(store, DURABLE.name, tell_parked)
            app.context.set_global("notifications", notifications)
            app.context.set_global("parked", parked)
            async with consuming(app, broker, [DURABLE], store, failures, parked=parked):
                yield

    return WorkerApp(NAME, broker, lifespan=lifespan, registry=broker.registry)


app = notifications_app()
