"""The shipping worker: handles what processes ask of the carrier."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from faststream import AckPolicy
from faststream.nats import JStream
from prometheus_client import CollectorRegistry

from commerce.runtime.settings import load_settings
from workers.gateways.call_watch import CallWatch
from workers.gateways.carrier import HttpCarrier
from workers.gateways.watched import WatchedCarrier
from workers.outbox.broker import COMMANDS, Broker
from workers.outbox.messages import Command
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
from workers.runtime.subscriptions import worker_store
from workers.shipping_commands import ShippingCommands, ShippingOperation

NAME = "shipping"
REMEDY = "correct its name and password in COMMERCE_CARRIER_URL and restart shipping, or have them taken again there"
DURABLE = Durable(NAME, COMMANDS, "commands.shipping.*")


def shipping_app() -> WorkerApp:
    """The worker; nothing is opened before it runs."""
    registry = CollectorRegistry()
    broker = Broker(NAME, registry)
    orders = OneAtATime()
    failures = Failures(DURABLE.name)

    @broker.subscriber(
        "commands.shipping.{operation}",
        stream=JStream(COMMANDS, declare=False),
        durable=DURABLE.name,
        config=DURABLE.config(),
        pull_sub=PULL,
        max_workers=CONCURRENT_ORDERS,
        decoder=read_command,
        ack_policy=AckPolicy.REJECT_ON_ERROR,  # rejects what cannot be read; all else is kept, see one_delivery
        title="Shipping commands",
        description="Have a shipment collected, or not after all, for the request that the message names.",
    )
    async def carry_out(command: Command) -> None:
        shipping: ShippingCommands = broker.context.get("shipping")
        operation = ShippingOperation(broker.message.path["operation"])
        names = {"order_id": str(command.order_id), "request_id": str(command.request_id)}
        async with one_delivery(broker.message, failures, **names), orders.on(command.order_id):
            await shipping.handle(operation, command)

    @asynccontextmanager
    async def lifespan(app: WorkerApp) -> AsyncIterator[None]:
        settings = load_settings()
        watch = CallWatch("carrier", REMEDY)
        broker.use(settings)
        async with (
            worker_store(app, settings) as store,
            HttpCarrier(settings.required("carrier_url")) as carrier,
            consuming(app, broker, DURABLE, store, failures, calls=watch),
        ):
            app.context.set_global("shipping", ShippingCommands(store, WatchedCarrier(carrier, watch)))
            yield

    return WorkerApp(NAME, broker, lifespan=lifespan, registry=registry)


app = shipping_app()
