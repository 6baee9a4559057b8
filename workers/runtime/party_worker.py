"""A worker that hands the commands for one party outside to the context that handles them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Protocol, TypeVar

from pydantic import TypeAdapter
from stamina.instrumentation import set_on_retry_hooks

from commerce.eventstore import EventStore
from commerce.outside.breaker import Breaker, Breakers, breakers_of
from commerce.outside.call_identity import CLIENT_REQUEST_HEADER, led_to_by
from commerce.outside.policy import CallPolicy
from commerce.runtime.settings import MOST_CONCURRENT_COMMANDS, CallSettings, Settings, load_settings
from workers.gateways.breaker_watch import BreakerWatch
from workers.gateways.call_watch import CallWatch
from workers.outbox.broker import COMMANDS, Broker
from workers.outbox.message_schemas import Command
from workers.runtime.app import WorkerApp
from workers.runtime.consumers import (
    OneAtATime,
    consuming,
    one_delivery,
    read_command,
    subscribe,
)
from workers.runtime.durables import Durable
from workers.runtime.failures import Failures
from workers.runtime.parked_messages import MessageHint, ParkedMessages
from workers.runtime.subscriptions import worker_store

_POLICY = TypeAdapter(CallPolicy)

Operation = TypeVar("Operation", bound=StrEnum)
Handled_contra = TypeVar("Handled_contra", bound=StrEnum, contravariant=True)


class CommandHandlers(Protocol[Handled_contra]):
    """A context's handlers of commands."""

    async def handle(self, operation: Handled_contra, hint: Command) -> None:
        """Handle what the log says was asked under the request that the message names."""


@dataclass(frozen=True, slots=True)
class Party:
    """The party as a worker knows it: `called` has its word for each of our operations, `policy` how it is called where
    nobody sets it otherwise.

    `credential` says what our credential is, and which environment variable holds it.
    """

    name: str
    called: Mapping[str, str]
    policy: CallPolicy
    settings: Callable[[Settings], CallSettings]
    credential: Callable[[Settings], str]


@dataclass(frozen=True, slots=True)
class PartyAccess:
    """What a context's handlers need to call the party: how each operation is called, and who counts the calls."""

    breakers: Breakers
    watch: CallWatch

    @property
    def call_timeouts_s(self) -> dict[str, float]:
        """Seconds for each operation, by the party's word for it."""
        return {breaker.operation: breaker.policy.timeout_s for breaker in self.breakers.values()}


Connect = Callable[[Settings, EventStore, PartyAccess], AbstractAsyncContextManager[CommandHandlers[Operation]]]
"""Connects a context's handlers with their party."""


class CommandFlow:
    """How many commands of one operation are under way in this process, and whether more are to be taken now."""

    def __init__(self) -> None:
        self.breaker: Breaker | None = None
        self._under_way = 0

    def is_paused(self) -> bool:
        """Whether the party is left alone, or as many commands are under way as may be; never where nothing is to be
        done by the party, which is only asked."""
        if self.breaker is None:
            return False
        return self.breaker.is_paused or self._under_way >= self.breaker.policy.concurrency

    @contextmanager
    def command(self) -> Iterator[None]:
        """A command is under way until the block ends."""
        self._under_way += 1
        try:
            yield
        finally:
            self._under_way -= 1


def durable_of(name: str, operation: str) -> Durable:
    """The consumer that the broker keeps for one operation of a party's workers: each goes on when another waits."""
    return Durable(f"{name}-{operation}", COMMANDS, f"commands.{name}.{operation}")


def policies_of(party: Party, settings: Settings) -> dict[str, CallPolicy]:
    """The rules for each operation, by the party's word for it: what is set for it, or for the party, or the usual."""
    given = party.settings(settings)
    names = set(CallSettings.model_fields)
    common = {**asdict(party.policy), **given.model_dump(include=names, exclude_none=True)}
    return {
        word: _POLICY.validate_python({**common, **getattr(given, word).model_dump(exclude_none=True)})
        for word in party.called.values()
    }


def party_app(
    name: str,
    operations: type[Operation],
    connect: Connect[Operation],
    party: Party,
    *,
    title: str,
    description: str,
) -> WorkerApp:
    """The worker; nothing is opened before it runs. `operations` are the last parts of its commands' subjects."""
    broker = Broker(name, replaced=[name])
    failures, orders = Failures(name), OneAtATime()
    durables = {operation: durable_of(name, operation) for operation in operations}
    flows = {operation: CommandFlow() for operation in operations}
    for operation, durable in durables.items():
        handle = _handler(broker, operation, flows[operation], failures, orders)
        broker.pauses[durable.name] = flows[operation].is_paused
        words = {"title": f"{title}: {operation}", "description": description}
        subscribe(broker, durable, durable.subject, read_command, handle, most=MOST_CONCURRENT_COMMANDS, **words)

    @asynccontextmanager
    async def lifespan(app: WorkerApp) -> AsyncIterator[None]:
        settings = load_settings()
        set_on_retry_hooks([])  # each attempt is an event already, and says more than a line of the log
        corrected = f"correct {party.credential(settings)} and restart {name}"
        watch = CallWatch(party.name, f"{corrected}, or have them taken again there")
        breakers = breakers_of(party.name, party.called, policies_of(party, settings))
        for operation, flow in flows.items():
            flow.breaker = breakers.get(operation)
        broker.use(settings)
        async with (
            worker_store(app, settings) as store,
            connect(settings, store, PartyAccess(breakers, watch)) as handlers,
        ):

            async def handle_parked(hint: MessageHint) -> None:
                async with orders.on(hint.order_id):
                    operation = operations(hint.subject.rpartition(".")[2])
                    await handlers.handle(operation, Command.model_validate_json(hint.body))

            parked = ParkedMessages(store, name, handle_parked)
            app.context.set_global("handlers", handlers)
            app.context.set_global("parked", parked)
            calls = (watch, BreakerWatch(breakers))
            async with consuming(app, broker, list(durables.values()), store, failures, *calls, parked=parked):
                yield

    return WorkerApp(name, broker, lifespan=lifespan, registry=broker.registry)


def _handler(
    broker: Broker, operation: Operation, flow: CommandFlow, failures: Failures, orders: OneAtATime
) -> Callable[[Command], Awaitable[None]]:
    async def handle(command: Command) -> None:
        handlers: CommandHandlers[Operation] = broker.context.get("handlers")
        parked: ParkedMessages = broker.context.get("parked")
        message = broker.message
        hint = MessageHint(message.raw_message.subject, message.body, command.position, command.order_id)
        names = {"order_id": str(command.order_id), "request_id": str(command.request_id)}
        with flow.command():
            async with (
                one_delivery(message, failures, parked, hint, **names) as is_due,
                orders.on(command.order_id),
            ):
                if is_due:
                    with led_to_by(message.headers.get(CLIENT_REQUEST_HEADER)):
                        await handlers.handle(operation, command)

    return handle
