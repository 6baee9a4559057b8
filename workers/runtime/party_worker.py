"""A worker that hands the commands for one party outside to the context that handles them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from enum import StrEnum
from typing import Protocol, TypeVar

from commerce.eventstore import EventStore
from commerce.runtime.settings import Settings, load_settings
from workers.gateways.call_watch import CallWatch
from workers.outbox.broker import COMMANDS, Broker
from workers.outbox.message_schemas import Command
from workers.runtime.app import WorkerApp
from workers.runtime.consumers import (
    Durable,
    OneAtATime,
    consuming,
    one_delivery,
    read_command,
    subscribe,
)
from workers.runtime.failures import Failures
from workers.runtime.parked_messages import MessageHint, ParkedMessages
from workers.runtime.subscriptions import worker_store

Operation = TypeVar("Operation", bound=StrEnum)
Handled_contra = TypeVar("Handled_contra", bound=StrEnum, contravariant=True)


class CommandHandlers(Protocol[Handled_contra]):
    """A context's handlers of commands."""

    async def handle(self, operation: Handled_contra, hint: Command) -> None:
        """Handle what the log says was asked under the request that the message names."""


Connect = Callable[[Settings, EventStore, CallWatch], AbstractAsyncContextManager[CommandHandlers[Operation]]]
"""Connects a context's handlers with their party."""


def durable_of(name: str) -> Durable:
    """The consumer that the broker keeps for the workers of one party."""
    return Durable(name, COMMANDS, f"commands.{name}.*")


def party_app(
    name: str,
    operations: type[Operation],
    connect: Connect[Operation],
    *,
    party: str,
    credential: Callable[[Settings], str],
    title: str,
    description: str,
) -> WorkerApp:
    """The worker; nothing is opened before it runs.

    `operations` are the last parts of its commands' subjects. `credential` says what our credential is and which
    environment variable holds it.
    """
    broker = Broker(name)
    durable = durable_of(name)
    failures, orders = Failures(durable.name), OneAtATime()
    handle = _handler(broker, operations, failures, orders)
    subject = f"commands.{name}.{{operation}}"
    subscribe(broker, durable, subject, read_command, handle, title=title, description=description)

    @asynccontextmanager
    async def lifespan(app: WorkerApp) -> AsyncIterator[None]:
        settings = load_settings()
        corrected = f"correct {credential(settings)} and restart {name}"
        watch = CallWatch(party, f"{corrected}, or have them taken again there")
        broker.use(settings)
        async with (
            worker_store(app, settings) as store,
            connect(settings, store, watch) as handlers,
        ):

            async def handle_parked(hint: MessageHint) -> None:
                async with orders.on(hint.order_id):
                    operation = operations(hint.subject.rpartition(".")[2])
                    await handlers.handle(operation, Command.model_validate_json(hint.body))

            parked = ParkedMessages(store, durable.name, handle_parked)
            app.context.set_global("handlers", handlers)
            app.context.set_global("parked", parked)
            async with consuming(app, broker, durable, store, failures, parked=parked, calls=watch):
                yield

    return WorkerApp(name, broker, lifespan=lifespan, registry=broker.registry)


def _handler(
    broker: Broker, operations: type[Operation], failures: Failures, orders: OneAtATime
) -> Callable[[Command], Awaitable[None]]:
    async def handle(command: Command) -> None:
        handlers: CommandHandlers[Operation] = broker.context.get("handlers")
        parked: ParkedMessages = broker.context.get("parked")
        message = broker.message
        operation = operations(message.path["operation"])
        hint = MessageHint(message.raw_message.subject, message.body, command.position, command.order_id)
        names = {"order_id": str(command.order_id), "request_id": str(command.request_id)}
        async with (
            one_delivery(message, failures, parked, hint, **names) as is_due,
            orders.on(command.order_id),
        ):
            if is_due:
                await handlers.handle(operation, command)

    return handle
