"""The webhooks worker: tells other systems' endpoints what happens."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from commerce.runtime.settings import load_settings
from workers.gateways.mail import FileOutbox
from workers.runtime.app import WorkerApp
from workers.runtime.subscriptions import ended, following, in_background, worker_store
from workers.webhook_deliveries.dispatcher import Dispatcher
from workers.webhook_deliveries.maintenance import DeliveryCollector, DeliveryMaintenance
from workers.webhook_deliveries.sender import Sender
from workers.webhook_deliveries.subscription import WEBHOOKS, webhook_subscription


@asynccontextmanager
async def lifespan(app: WorkerApp) -> AsyncIterator[None]:
    """Follow the log, send, and look after what waits."""
    settings = load_settings()
    written = asyncio.Event()
    async with (
        worker_store(app, settings) as store,
        Sender(allow_private=settings.webhook_allow_private) as sender,
    ):
        dispatcher = Dispatcher(store, sender, written)
        maintenance = DeliveryMaintenance(store, FileOutbox(settings.outbox_folder), written)
        with app.measured_by(DeliveryCollector(dispatcher, maintenance)):
            async with (
                following(app, store, [webhook_subscription(written)]) as engine,
                in_background(dispatcher.run(), "deliveries") as sending,
                in_background(maintenance.run(), "maintenance") as looking,
            ):

                async def health() -> dict[str, str]:
                    found = {"deliveries": dispatcher.problem, "maintenance": maintenance.problem}
                    problems = {part: problem for part, problem in found.items() if problem}
                    return engine.problems() | ended(sending) | ended(looking) | problems

                app.health = health
                yield


def webhooks_app() -> WorkerApp:
    """The worker; nothing is opened before it runs."""
    return WorkerApp(WEBHOOKS, lifespan=lifespan)


app = webhooks_app()
