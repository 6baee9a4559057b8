"""The payments worker: handles what processes ask of the payment provider."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from faststream import AckPolicy
from faststream.nats import JStream
from prometheus_client import CollectorRegistry

from commerce.payments.payment import PaymentOperation
from commerce.runtime.settings import load_settings
from workers.gateways.call_watch import CallWatch
from workers.gateways.payment_methods import keep_asking
from workers.gateways.provider import HttpPaymentProvider
from workers.gateways.watched import WatchedProvider
from workers.outbox.broker import COMMANDS, Broker
from workers.outbox.messages import Command
from workers.payment_commands import PaymentCommands
from workers.runtime.app import WorkerApp
from workers.runtime.consumers import (
    CONCURRENT_ORDERS,
    PULL,
    Durable,
    OneAtATime,
    consuming,
    one_delivery,
    read_command,
)
from workers.runtime.failures import Failures
from workers.runtime.subscriptions import in_background, worker_store

NAME = "payments"
REMEDY = "correct its name and password in COMMERCE_PROVIDER_URL and restart payments, or have them taken again there"
DURABLE = Durable(NAME, COMMANDS, "commands.payments.*")


def payments_app() -> WorkerApp:
    """The worker; nothing is opened before it runs."""
    registry = CollectorRegistry()
    broker = Broker(NAME, registry)
    orders = OneAtATime()
    failures = Failures(DURABLE.name)

    @broker.subscriber(
        "commands.payments.{operation}",
        stream=JStream(COMMANDS, declare=False),
        durable=DURABLE.name,
        config=DURABLE.config(),
        pull_sub=PULL,
        max_workers=CONCURRENT_ORDERS,
        decoder=read_command,
        ack_policy=AckPolicy.REJECT_ON_ERROR,  # rejects what cannot be read; all else is kept, see one_delivery
        title="Payment commands",
        description="Set money aside, take it, let it go or give it back, for the request that the message names.",
    )
    async def carry_out(command: Command) -> None:
        payments: PaymentCommands = broker.context.get("payments")
        operation = PaymentOperation(broker.message.path["operation"])
        names = {"order_id": str(command.order_id), "request_id": str(command.request_id)}
        async with one_delivery(broker.message, failures, **names), orders.on(command.order_id):
            await payments.handle(operation, command)

    @asynccontextmanager
    async def lifespan(app: WorkerApp) -> AsyncIterator[None]:
        settings = load_settings()
        watch = CallWatch("payment provider", REMEDY)
        broker.use(settings)
        async with (
            worker_store(app, settings) as store,
            HttpPaymentProvider(settings.required("provider_url")) as provider,
            consuming(app, broker, DURABLE, store, failures, calls=watch),
            in_background(keep_asking(provider, store.pool), "payment methods"),
        ):
            app.context.set_global("payments", PaymentCommands(store, WatchedProvider(provider, watch)))
            yield

    return WorkerApp(NAME, broker, lifespan=lifespan, registry=registry)


app = payments_app()
