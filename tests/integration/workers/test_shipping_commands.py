"""Shipping commands on a real log and the real carrier: repeated, interrupted, overtaken by their undo."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

import psycopg
import pytest

from commerce.eventstore import Append, MissingKey, in_stream
from commerce.outside.errors import PartyUnavailable, TryAgain
from commerce.payments import decisions
from commerce.payments import payment as payments
from commerce.saga.limits import ProcessLimits
from commerce.saga.subscription import saga_subscription
from commerce.shipping import decisions as shipment_decisions
from commerce.shipping.commands import dispatch_shipment
from commerce.shipping.ports import CARRIER_CALLS, Booked, BookingCancelled, BookingOutcome, BookingRejected, Recipient
from commerce.shipping.shipment import ShippingOperation
from commerce.values import ids
from commerce.values.money import Money
from tests.catch_up import catch_up
from tests.conftest import Database
from tests.integration.gateways.ledger import entries
from tests.integration.workers.shop import BY_TEST, PRICE, Shop, missing_key, shipping_commands
from workers.gateways.http_carrier import HttpCarrier
from workers.outbox.message_schemas import Command

ATTEMPTED, SCHEDULED = "shipping.BookingAttempted", "shipping.Scheduled"


class DyingCarrier(HttpCarrier):
    """The process ends when the carrier has done it and nothing is on record yet."""

    async def book(self, key: UUID, order_id: UUID, recipient: Recipient, parcels: int = 1) -> Booked | BookingRejected:
        await super().book(key, order_id, recipient, parcels)
        raise asyncio.CancelledError


class SilentCarrier(HttpCarrier):
    """Answers neither the first two bookings nor any cancellation."""

    booked = 0

    async def book(self, key: UUID, order_id: UUID, recipient: Recipient, parcels: int = 1) -> BookingOutcome:
        self.booked += 1
        if self.booked > 2:
            return await super().book(key, order_id, recipient, parcels)
        raise PartyUnavailable("the carrier answered 500")

    async def cancel(self, key: UUID, booking_id: str) -> BookingCancelled | BookingRejected:
        raise PartyUnavailable("the carrier answered 500")


@pytest.fixture
async def carrier(shop: Shop) -> AsyncIterator[HttpCarrier]:
    async with HttpCarrier(shop.carrier_url) as gateway:
        yield gateway


async def test_a_booking_that_comes_twice_is_one_shipment(shop: Shop, carrier: HttpCarrier) -> None:
    order = await _authorized(shop)
    command = await shop.command(order, "schedule")
    await _handle(shop, carrier, ShippingOperation.SCHEDULE, command)
    await _handle(shop, carrier, ShippingOperation.SCHEDULE, command)
    assert await shop.shipment(order) == [ATTEMPTED, SCHEDULED]
    assert len(await entries(shop.carrier_url, order)) == 1


async def test_a_booking_whose_process_died_is_dropped_by_the_undo(shop: Shop, carrier: HttpCarrier) -> None:
    order = await _authorized(shop)
    async with DyingCarrier(shop.carrier_url) as dying:
        with pytest.raises(asyncio.CancelledError):
            await shipping_commands(shop.store, dying).handle(
                ShippingOperation.SCHEDULE, await shop.command(order, "schedule")
            )
    await _cancelled(shop, order)
    await _handle(shop, carrier, ShippingOperation.CANCEL, await shop.command(order, "cancel shipment"))
    assert await shop.shipment(order) == [
        ATTEMPTED,
        SCHEDULED,
        "shipping.CancellationAttempted",
        "shipping.Cancelled",
    ]


async def test_each_call_that_had_no_answer_is_on_record(shop: Shop) -> None:
    order = await _authorized(shop)
    schedule = await shop.command(order, "schedule")
    async with SilentCarrier(shop.carrier_url) as silent:
        await _handle(shop, silent, ShippingOperation.SCHEDULE, schedule)
        await _cancelled(shop, order)
        with pytest.raises(TryAgain):
            await _handle(shop, silent, ShippingOperation.CANCEL, await shop.command(order, "cancel shipment"))
    assert await shop.shipment(order) == [
        *[ATTEMPTED, "shipping.CallUnanswered"] * 2,
        ATTEMPTED,
        SCHEDULED,
        *["shipping.CancellationAttempted", "shipping.CallUnanswered"] * CARRIER_CALLS.attempts,
    ]


async def test_an_undo_that_comes_first_closes_the_shipment_to_the_booking(shop: Shop, carrier: HttpCarrier) -> None:
    order = await _authorized(shop)
    schedule = await shop.command(order, "schedule")
    await _cancelled(shop, order)
    await _handle(shop, carrier, ShippingOperation.CANCEL, await shop.command(order, "cancel shipment"))
    await _handle(shop, carrier, ShippingOperation.SCHEDULE, schedule)
    assert await shop.shipment(order) == ["shipping.Closed"]
    assert await entries(shop.carrier_url, order) == []


async def test_past_the_carriers_memory_of_a_key_a_booking_that_it_does_not_know_stays_open(
    shop: Shop, database: Database, carrier: HttpCarrier
) -> None:
    order = await _authorized(shop)
    request = ids.request_id(ids.process_id(order), "schedule")
    attempt = in_stream(shipment_decisions.book(None, order, request), ids.shipment_id(order), after=0)
    await shop.store.append(Append(attempt, order, BY_TEST))
    with psycopg.connect(database.admin_url) as owner:
        owner.execute("UPDATE commerce_events SET recorded_at = recorded_at - interval '25 hours'")
    await _cancelled(shop, order)
    await _handle(shop, carrier, ShippingOperation.CANCEL, await shop.command(order, "cancel shipment"))
    assert await shop.shipment(order) == [ATTEMPTED]


async def test_a_shipment_that_left_is_not_called_back(shop: Shop, carrier: HttpCarrier) -> None:
    order = await _authorized(shop)
    await _handle(shop, carrier, ShippingOperation.SCHEDULE, await shop.command(order, "schedule"))
    await _cancelled(shop, order)
    await dispatch_shipment(shop.store, order, BY_TEST)
    await _handle(shop, carrier, ShippingOperation.CANCEL, await shop.command(order, "cancel shipment"))
    assert (await shop.shipment(order))[-2:] == ["shipping.Dispatched", "shipping.CancellationRefused"]


async def test_an_order_whose_key_is_missing_waits_for_it_and_is_booked_once_it_is_back(
    shop: Shop, carrier: HttpCarrier, database: Database
) -> None:
    order = await _authorized(shop)
    schedule = await shop.command(order, "schedule")
    with missing_key(database, order):
        for _ in range(CARRIER_CALLS.attempts + 1):
            with pytest.raises(MissingKey):
                await _handle(shop, carrier, ShippingOperation.SCHEDULE, schedule)
        assert await shop.shipment(order) == []
    await _handle(shop, carrier, ShippingOperation.SCHEDULE, schedule)
    assert await shop.shipment(order) == [ATTEMPTED, SCHEDULED]


async def _handle(shop: Shop, carrier: HttpCarrier, operation: ShippingOperation, command: Command) -> None:
    await shipping_commands(shop.store, carrier).handle(operation, command)


async def _authorized(shop: Shop, phone: str | None = None) -> UUID:
    """An order whose process asks for a shipment."""
    order = await shop.place(phone=phone)
    await _follow(shop)
    request = ids.request_id(ids.process_id(order), "authorize")
    events = decisions.authorize(None, order, request, Money.of(PRICE, "EUR"), "pm_card_ok")
    payment = payments.fold(events)
    assert payment is not None
    events += decisions.authorized(payment, request, "auth_test")
    in_stream(events, ids.payment_id(order), after=0)
    await shop.store.append(Append(events, order, BY_TEST))
    await _follow(shop)
    return order


async def _cancelled(shop: Shop, order: UUID) -> None:
    await shop.cancel(order)
    await _follow(shop)


async def _follow(shop: Shop) -> None:
    await catch_up(shop.store, saga_subscription(ProcessLimits()))


async def test_the_carrier_is_told_whom_to_call(shop: Shop, carrier: HttpCarrier) -> None:
    asked: list[Recipient] = []

    class Asked(HttpCarrier):
        async def book(self, key: UUID, order_id: UUID, recipient: Recipient, parcels: int = 1) -> BookingOutcome:
            asked.append(recipient)
            return await super().book(key, order_id, recipient, parcels)

    order = await _authorized(shop, phone="+44 20 7946 0000")
    async with Asked(shop.carrier_url) as gateway:
        await shipping_commands(shop.store, gateway).handle(
            ShippingOperation.SCHEDULE, await shop.command(order, "schedule")
        )
    assert [recipient.phone for recipient in asked] == ["+44 20 7946 0000"]
    assert await shop.shipment(order) == [ATTEMPTED, SCHEDULED]
