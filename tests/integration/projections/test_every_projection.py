"""What holds of every read model: rebuilt or live, batched or not, told once or twice, its rows are the same."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from commerce.catalog.events import (
    CurrencyPriceEnded,
    CurrencyPriceSet,
    PriceChanged,
    ProductAdded,
    ProductDescribed,
    ProductDiscontinued,
)
from commerce.customers.erasure_events import KeysDestroyed
from commerce.eventstore import EventStore, connection_from
from commerce.inventory.events import (
    Quantity,
    StockAdjusted,
    StockDispatched,
    StockItemRegistered,
    StockReceived,
    StockReleased,
    StockReserved,
)
from commerce.machines.events import ApiKeyReplaced, ApiKeyRevoked
from commerce.ordering.events import (
    OrderCancellationRefused,
    OrderCancellationRequested,
    OrderCancelled,
    OrderConfirmed,
    OrderDelivered,
    OrderRejected,
    OrderShipped,
)
from commerce.payments.events import (
    AuthorizationAttempted,
    CaptureAttempted,
    PaymentAuthorized,
    PaymentCaptured,
    PaymentDeclined,
    PaymentRefunded,
    PaymentRefundFailed,
    PaymentRefundRequested,
    RefundAttempted,
)
from commerce.saga.events import CompensationStarted, DeadlineSet, ProcessCompensated, ProcessCompleted, ProcessStarted
from commerce.saga.request_events import (
    AuthorizationRequested,
    CaptureRequested,
    ShipmentRequested,
    StockReservationRequested,
)
from commerce.saga.step_events import ShipmentBooked, StepFailed, StepSucceeded
from commerce.shipping.events import BookingAttempted, ShipmentDelivered, ShipmentDispatched, ShipmentScheduled
from commerce.staff.events import StaffDeactivated, StaffInvited, StaffRoleChanged
from commerce.values.errors import Unavailable
from commerce.values.money import Money
from commerce.webhooks.events import (
    DeliveryReplayRequested,
    EndpointAdded,
    EndpointChanged,
    EndpointDisabled,
    EndpointEnabled,
    EndpointRemoved,
    ReplayRequested,
    SecretRotated,
)
from projections import ALL
from projections.engine.projection import Folded, Key, Projection, make_table, make_tables
from projections.orders import ORDERS, find_orders
from projections.payments import PAYMENTS
from projections.processes import PROCESSES
from projections.sales import SALES
from projections.shipments import SHIPMENTS
from tests.catch_up import catch_up
from tests.conftest import MIGRATED
from tests.integration.projections.history import ADDRESS, History, eur, line, sealed

WHY = "my neighbour Byron wants it more"
BOOKED = {"tracking_number": "T1", "carrier": "Post", "estimated_delivery": date(2026, 12, 1)}
WANTED = (Quantity(sku="mug", quantity=2),)

each_projection = pytest.mark.parametrize("projection", ALL, ids=lambda projection: projection.name)


@pytest.fixture
async def orders(history: History) -> list[UUID]:
    """Three orders whose events are interleaved: one delivered, one rejected, one cancelled after a rejection,
    with stock."""
    delivered, rejected, cancelled = ids = [uuid4() for _ in range(3)]
    await history.happens(ProductAdded, "mug")
    await history.happens(StockItemRegistered, "mug")
    await history.happens(StockReceived, "mug", quantity=10)
    for order in ids:
        await history.is_placed(order, line("mug", 2, eur("9.99")), line("jug", 1, eur("0.02")))
    for order in ids:
        await history.happens(ProcessStarted, order, total=eur("20.00"), payment_method="pm", wanted=WANTED)
        await history.happens(DeadlineSet, order, name="order", due_at=datetime.now(UTC) + timedelta(hours=1))
        await history.happens(StockReservationRequested, order, wanted=WANTED)
        await history.happens(StockReserved, "mug", order_id=order, quantity=2)
    for order in ids:
        await history.happens(StepSucceeded, order, step="stock")
        await history.happens(AuthorizationRequested, order, amount=eur("20.00"), payment_method="pm")
        await history.happens(AuthorizationAttempted, order, amount=eur("20.00"), payment_method="pm")
    await history.happens(PaymentDeclined, rejected, decline_reason="no")
    await history.happens(StepFailed, rejected, step="authorization", reason="payment_declined")
    for order in (cancelled, delivered):
        await history.happens(PaymentAuthorized, order, authorization_id="a", amount=eur("20.00"))
        await history.happens(ShipmentRequested, order)
        await history.happens(BookingAttempted, order)
        await history.happens(ShipmentScheduled, order, booking_id="b", **BOOKED)
    await history.happens(CompensationStarted, rejected, reason="payment_declined", outcome="rejected")
    for order in (delivered, cancelled):
        await history.happens(ShipmentBooked, order, **BOOKED)
        await history.happens(CaptureRequested, order, amount=eur("20.00"))
        await history.happens(CaptureAttempted, order, amount=eur("20.00"))
        await history.happens(PaymentCaptured, order, amount=eur("20.00"))
    await history.happens(StockReleased, "mug", order_id=rejected, quantity=2)
    for order in (cancelled, delivered):
        await history.happens(ProcessCompleted, order)
        await history.happens(OrderConfirmed, order, **BOOKED)
        await history.happens(OrderCancellationRequested, order, reason=sealed(WHY))
    await history.happens(ProcessCompensated, rejected, outcome="rejected", reason="payment_declined")
    await history.happens(OrderRejected, rejected, reason="payment_declined")
    await history.happens(OrderCancellationRefused, delivered, cause="dispatched")
    refund = {"request_id": uuid4(), "amount": eur("1.00")}
    await history.happens(PaymentRefundRequested, delivered, **refund, lines=(), reason=sealed(WHY))
    await history.happens(RefundAttempted, cancelled, amount=eur("20.00"))
    await history.happens(RefundAttempted, delivered, **refund)
    await history.happens(ShipmentDispatched, delivered)
    await history.happens(PaymentRefunded, cancelled, amount=eur("20.00"))
    await history.happens(PaymentRefundFailed, delivered, **refund, reason="no")
    await history.happens(OrderCancelled, cancelled)
    await history.happens(OrderShipped, delivered)
    await history.happens(StockDispatched, "mug", order_id=delivered, quantity=2)
    await history.happens(StockAdjusted, "mug", quantity=-1, reason="broken")
    await history.happens(PriceChanged, "mug", price=eur("10.00"))
    await history.happens(CurrencyPriceSet, "mug", price=Money.of("11.00", "USD"))
    await history.happens(CurrencyPriceSet, "mug", price=Money.of("1600", "JPY"))
    await history.happens(CurrencyPriceEnded, "mug", currency="JPY")
    await history.happens(ProductDescribed, "mug", name="Mug", description="for tea")
    await history.happens(ShipmentDelivered, delivered)
    await history.happens(OrderDelivered, delivered)
    await history.happens(ProductDiscontinued, "mug")
    for service in ("till", "warehouse"):
        await history.has_key(service)
    until = datetime(2026, 12, 1, tzinfo=UTC)
    await history.happens(ApiKeyReplaced, "till", service="till", successor=uuid4(), ends_at=until)
    await history.happens(ApiKeyRevoked, "warehouse", service="warehouse")
    for member, role in (("olga", "operator"), ("anna", "auditor")):
        await history.has_staff(member, role)
    await history.happens(StaffRoleChanged, "anna", role="operator", scopes=("stock:read",))
    await history.happens(StaffDeactivated, "anna")
    invited = {"email": sealed("anna"), "role": "operator", "request_id": uuid4(), "expires_at": until}
    await history.happens(StaffInvited, "anna", **invited)
    terms = {"url": "https://erp.example/", "event_types": ("ordering.OrderPlaced",), "notice_to": sealed("it")}
    for system in ("erp", "crm"):
        await history.happens(EndpointAdded, system, **terms, secret=sealed("secret"))
    await history.happens(EndpointChanged, "erp", **terms)
    await history.happens(SecretRotated, "erp", secret=sealed("another"), previous_until=until)
    await history.happens(EndpointDisabled, "erp", reason="gone")
    await history.happens(EndpointEnabled, "erp")
    await history.happens(EndpointDisabled, "crm", reason="failing")
    await history.happens(ReplayRequested, "erp", after=1)
    await history.happens(DeliveryReplayRequested, "erp", position=1)
    await history.happens(EndpointRemoved, "crm")
    await history.erasure_is_requested(delivered)
    await history.happens(KeysDestroyed, delivered, person_id=delivered, keys=(delivered,))
    return ids


async def rows(store: EventStore, projection: Projection[Any], table: str | None = None) -> list[Folded[Any]]:
    return await projection.select(store.pool, "true ORDER BY first", [], table)


async def start_again(store: EventStore, at: int = 0) -> None:
    """Have all subscriptions forget what they have handled after a position."""
    async with connection_from(store.pool) as connection:
        await connection.execute("UPDATE commerce_tracking SET notification_id = least(notification_id, %s)", [at])


@each_projection
@pytest.mark.usefixtures("orders")
async def test_a_rebuilt_table_equals_the_one_that_was_folded_event_by_event(
    store: EventStore, projection: Projection[Any]
) -> None:
    await catch_up(store, replace(projection.subscription(), batch=1))
    async with connection_from(store.pool) as connection:
        await make_table(connection, projection, "projections.beside")
    await catch_up(store, replace(projection, partitions=7).subscription(name="beside", table="projections.beside"))
    live = await rows(store, projection)
    assert live
    assert live == await rows(store, projection, "projections.beside")


@each_projection
@pytest.mark.usefixtures("orders")
async def test_the_same_events_handled_twice_change_nothing(store: EventStore, projection: Projection[Any]) -> None:
    await catch_up(store, projection.subscription())
    once = await rows(store, projection)
    for again_from in (0, await store.head() // 2):
        await start_again(store, again_from)
        assert await catch_up(store, projection.subscription()) > 0
        assert await rows(store, projection) == once


@each_projection
@pytest.mark.usefixtures("orders")
async def test_a_event_twice_in_one_batch_counts_once(store: EventStore, projection: Projection[Any]) -> None:
    events = await store.read_log(0, await store.head(), topics=projection.topics)
    twice = [recorded for recorded in events for _ in range(2)]
    assert projection.fold_batch({}, twice) == projection.fold_batch({}, events)
    assert projection.fold_batch({}, [*events, *events]) == projection.fold_batch({}, events)


@pytest.mark.parametrize(
    "projection", [ORDERS, PAYMENTS, SHIPMENTS, PROCESSES, SALES], ids=lambda projection: projection.name
)
async def test_interleaved_orders_come_out_as_each_alone(
    store: EventStore, projection: Projection[Any], orders: list[UUID]
) -> None:
    await catch_up(store, projection.subscription())
    alone: dict[Key, Folded[Any]] = {}
    for order in orders:
        events = await store.read_correlated(order)
        alone |= projection.fold_batch({}, [each for each in events if each.topic in projection.topics])
    assert alone == {getattr(folded.row, projection.key): folded for folded in await rows(store, projection)}


@each_projection
@pytest.mark.usefixtures("orders")
async def test_nothing_personal_is_readable(store: EventStore, projection: Projection[Any]) -> None:
    await catch_up(store, projection.subscription())
    async with connection_from(store.pool) as connection:
        cursor = await connection.execute(f"SELECT row_to_json(r)::text FROM {projection.table} r")
        shown = "".join(row[0] for row in await cursor.fetchall())
    assert shown
    assert not [word for word in [*ADDRESS.split(", "), WHY] if word in shown]


@each_projection
async def test_a_row_written_from_an_older_fold_does_not_replace_a_newer_one(
    store: EventStore, projection: Projection[Any], orders: list[UUID]
) -> None:
    events = await store.read_log(0, await store.head(), topics=projection.topics)
    older, newer = projection.fold_batch({}, events[:-1]), projection.fold_batch({}, events)
    async with connection_from(store.pool) as connection:
        for folded in (newer, older):
            statement = projection.upsert(folded.values())
            await connection.execute(statement.sql, statement.parameters)
    assert {getattr(folded.row, projection.key): folded for folded in await rows(store, projection)} == newer
    assert len(orders) == 3


@pytest.mark.parametrize("template", [MIGRATED])
async def test_tables_can_be_made_by_several_processes_at_once(store: EventStore) -> None:
    await asyncio.gather(*(make_tables(store.pool, ALL) for _ in range(4)))
    assert [await rows(store, projection) for projection in ALL] == [[]] * len(ALL)


@pytest.mark.parametrize("template", [MIGRATED])
async def test_a_query_before_the_tables_are_made_says_that_they_are_missing(store: EventStore) -> None:
    with pytest.raises(Unavailable, match="projections worker"):
        await find_orders(store.pool)
