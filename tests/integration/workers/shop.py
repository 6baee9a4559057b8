"""A shop for tests: places orders, runs workers, and waits for what becomes of it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from uuid import UUID, uuid4

import psycopg

from commerce.eventstore import EventStore, Metadata
from commerce.ordering.commands import place_order, request_cancellation
from commerce.ordering.order import NewOrder
from commerce.outside.breaker import breakers_of
from commerce.payments.commands import PaymentCommands
from commerce.payments.customer_actions import CUSTOMER_TIME
from commerce.payments.ports import PROVIDER, PROVIDER_CALLED, PROVIDER_CALLS, PaymentProvider
from commerce.saga.request_events import payment_request, shipping_request
from commerce.shipping.commands import ShippingCommands
from commerce.shipping.ports import CARRIER, CARRIER_CALLED, CARRIER_CALLS, Carrier
from commerce.shipping.shipment import Booking
from commerce.values import ids
from commerce.values.money import Money
from commerce.values.order_line import OrderLine
from tests.conftest import Database
from tests.integration.gateways.ledger import movements
from tests.waiting import LIMIT_S, eventually
from workers.gateways.recipient import find_recipient
from workers.outbox.message_schemas import Command
from workers.outbox.messages import request_of
from workers.runtime.app import WorkerApp
from workers.runtime.shared_process import sharing

ADDRESS = {
    "name": "Erika Mustermann",
    "line1": "Heidestraße 17",
    "line2": None,
    "city": "Köln",
    "postcode": "51147",
    "country": "DE",
}
PRICE = "39.98"
"""What the one thing that is sold costs."""

BOOKING = Booking("booking-1", "TRACK-1", "The Carrier", date(2026, 12, 1))
ENDS = {"ordering.OrderConfirmed", "ordering.OrderRejected", "ordering.OrderCancelled"}
BY_TEST = Metadata("operator:test")


def payment_commands(
    store: EventStore, provider: PaymentProvider, customer_time: timedelta = CUSTOMER_TIME
) -> PaymentCommands:
    """The handlers as the payments worker has them."""
    breakers = breakers_of(PROVIDER, PROVIDER_CALLED, replace(PROVIDER_CALLS, retry_pause_s=0.01))
    return PaymentCommands(store, provider, payment_request, breakers, customer_time)


def shipping_commands(store: EventStore, carrier: Carrier) -> ShippingCommands:
    """The handlers as the shipping worker has them."""
    breakers = breakers_of(CARRIER, CARRIER_CALLED, replace(CARRIER_CALLS, retry_pause_s=0.01))
    return ShippingCommands(store, carrier, shipping_request, partial(find_recipient, store), breakers)


@contextmanager
def missing_key(database: Database, owner: UUID) -> Iterator[None]:
    """Somebody's key is missing, until the block ends."""
    rename = "UPDATE commerce_keys SET owner_id = %s WHERE owner_id = %s"
    elsewhere = uuid4()
    with psycopg.connect(database.admin_url, autocommit=True) as connection:
        assert connection.execute(rename, [elsewhere, owner]).rowcount == 1
        yield
        connection.execute(rename, [owner, elsewhere])


@dataclass(frozen=True)
class Shop:
    """One log with workers on it."""

    store: EventStore
    provider_url: str
    carrier_url: str
    outbox: Path

    async def place(
        self,
        payment_method: str = "pm_card_ok",
        country: str = "DE",
        *,
        email: str | None = None,
        phone: str | None = None,
        metadata: Metadata = BY_TEST,
    ) -> UUID:
        """Place an order for one thing that needs no stock."""
        order_id = uuid4()
        key = self.store.keys.fresh(order_id)
        line = OrderLine(sku="ADVICE", name="Good advice", quantity=1, unit_price=Money.of(PRICE, "EUR"), stocked=False)
        await place_order(
            self.store,
            order_id,
            NewOrder(
                customer_id=None,
                currency="EUR",
                lines=[line],
                shipping_address=key.seal(json.dumps(ADDRESS | {"country": country})),
                payment_method=payment_method,
                email=key.seal(email) if email else None,
                phone=key.seal(phone) if phone else None,
            ),
            metadata,
            keys=key.new,
        )
        return order_id

    async def cancel(self, order_id: UUID) -> None:
        """Ask for an order to be undone."""
        await request_cancellation(self.store, order_id, self.store.keys.fresh(order_id).seal("why not"), BY_TEST)

    async def topics(self, *streams: UUID) -> list[str]:
        """The events of some streams, by topic, one stream after the other."""
        found = await self.store.read_streams(streams)
        return [recorded.topic for stream in streams for recorded in found[stream]]

    async def command(self, order_id: UUID, command: str) -> Command:
        """The message that the relay makes of a process's request."""
        process = ids.process_id(order_id)
        requests = [request_of(recorded) for recorded in await self.store.read_stream(process)]
        found = (one.command for one in requests if one and one.request_id == ids.request_id(process, command))
        return next(found)

    async def asked(self, order_id: UUID, request: str) -> Command:
        """As `command`, once the process has asked."""
        process = ids.process_id(order_id)
        wanted = ids.request_id(process, request)

        async def has_asked() -> bool:
            stream = await self.store.read_stream(process)
            return any(getattr(recorded.event, "request_id", None) == wanted for recorded in stream)

        await eventually(has_asked)
        return await self.command(order_id, request)

    async def payment(self, order_id: UUID) -> list[str]:
        """The events of an order's payment."""
        return await self.topics(ids.payment_id(order_id))

    async def shipment(self, order_id: UUID) -> list[str]:
        """The events of an order's shipment."""
        return await self.topics(ids.shipment_id(order_id))

    async def ended(self, order_id: UUID, seconds: float = LIMIT_S) -> str:
        """Wait for an order's last event: its topic, with the reason of a rejection."""

        await eventually(lambda: self._end(order_id), seconds)
        return await self._end(order_id)

    async def _end(self, order_id: UUID) -> str:
        last = (await self.store.read_stream(order_id))[-1]
        return f"{last.topic} {getattr(last.event, 'reason', '')}".strip() if last.topic in ENDS else ""

    async def money(self, order_id: UUID) -> list[tuple[str, str]]:
        """What the provider's ledger says."""
        return await movements(self.provider_url, order_id)

    async def open_requests(self) -> list[str]:
        """The subjects of the requests that the relay remembers as unanswered."""
        async with self.store.pool.connection() as connection:
            cursor = await connection.execute("SELECT subject FROM commerce_requests ORDER BY position")
            return [row[0] for row in await cursor.fetchall()]

    async def streams_are_filled(self) -> bool:
        """Whether the relay has put into the broker's new streams what the log says belongs there."""
        async with self.store.pool.connection() as connection:
            cursor = await connection.execute("SELECT count(*) FROM commerce_streams")
            return await cursor.fetchone() == (2,)


@asynccontextmanager
async def running(*apps: WorkerApp, until_well: bool = True) -> AsyncIterator[None]:
    """Run workers in this event loop; the block begins when all of them say that they are well.

    Several of them share a store, as they do in the process of all workers; replicas do not.
    """
    async with AsyncExitStack() as stack:
        if len({app.name for app in apps}) == len(apps) > 1:
            await stack.enter_async_context(sharing(WorkerApp("workers"), apps))
        else:
            for app in apps:
                await stack.enter_async_context(app.start_lifespan_context())
        for app in apps if until_well else ():
            await eventually(partial(_well, app))
        yield


async def _well(app: WorkerApp) -> bool:
    return not await app.problems()
