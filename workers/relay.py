"""The relay's worker: turns events of the log into messages on JetStream, and keeps its streams filled."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from faststream.nats import JStream

from commerce.integration_events import PUBLISHED
from commerce.runtime.settings import load_settings
from workers.outbox.broker import COMMANDS, EVENTS, Broker
from workers.outbox.message_schemas import Command, IntegrationEvent
from workers.outbox.messages import SUBJECTS
from workers.outbox.publisher import Publisher
from workers.outbox.refill import Refill
from workers.outbox.relay_subscription import RELAY, relay_subscription
from workers.runtime.app import WorkerApp
from workers.runtime.subscriptions import ended, following, in_background, worker_store


def relay_app() -> WorkerApp:
    """The worker; nothing is opened before it runs."""
    broker = Broker(RELAY)
    _document(broker)

    @asynccontextmanager
    async def lifespan(app: WorkerApp) -> AsyncIterator[None]:
        settings = load_settings()
        broker.use(settings)
        async with AsyncExitStack() as stack:
            store = await stack.enter_async_context(worker_store(app, settings))
            publisher = Publisher(store, broker)
            engine = await stack.enter_async_context(following(app, store, [relay_subscription(publisher)]))
            refill = Refill(store, broker, publisher, lambda: bool(engine.progress()))
            async with in_background(refill.run(), "refill") as refilling:

                async def health() -> dict[str, str]:
                    problems = engine.problems() | ended(refilling)
                    if not broker.is_connected:
                        problems["broker"] = "not connected"
                    elif refill.problem:
                        problems["streams"] = refill.problem
                    return problems

                app.health = health
                yield

    return WorkerApp(RELAY, broker, lifespan=lifespan, registry=broker.registry)


def _document(broker: Broker) -> None:
    """Say in the AsyncAPI document what is published where."""
    commands, events = JStream(COMMANDS, declare=False), JStream(EVENTS, declare=False)
    for kind, subject in SUBJECTS.items():
        broker.publisher(subject, stream=commands, schema=Command, description=kind.__doc__)
    for topic in sorted(PUBLISHED):
        broker.publisher(f"events.{topic}", stream=events, schema=IntegrationEvent)


app = relay_app()
