"""The carrier's gateway against the simulator's process: bookings, rejections, cancellation, kills, and no names
on disk."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import httpx2
import pytest

from commerce.outside.errors import PartyUnavailable, RequestRejected
from commerce.outside.party import RequestOnRecord
from commerce.shipping.ports import Booked, BookingCancelled, BookingRejected, Recipient
from tests.integration.gateways.ledger import entries, totals
from tests.integration.gateways.worker_process import WorkerProcess
from tests.plain_text import assert_sealed
from workers.gateways.http_carrier import HttpCarrier

JANE = Recipient("Jane Zweistein", "Quarzgasse 77", "Kleinkleckersdorf", "98765", "DE", line2="im Hinterhaus")
ANTARCTICA = Recipient("Jane Zweistein", "Research Station 1", "McMurdo", "96599", "AQ")


@pytest.fixture
def order() -> UUID:
    return uuid4()


async def booked(carrier: HttpCarrier, order: UUID) -> Booked:
    outcome = await carrier.book(uuid4(), order, JANE)
    assert isinstance(outcome, Booked)
    return outcome


async def kinds(url: str, order: UUID) -> list[str]:
    return [entry["kind"] for entry in await entries(url, order)]


def everything_in(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file())


async def test_a_shipment_is_booked(carrier: HttpCarrier, carrier_process: WorkerProcess, order: UUID) -> None:
    key = uuid4()
    today = datetime.now(UTC).date()
    booking = await carrier.book(key, order, JANE, parcels=2)
    assert isinstance(booking, Booked)
    assert today < booking.estimated_delivery <= today + timedelta(days=3)
    assert await carrier.find_operation(RequestOnRecord(key, "book")) == booking
    (entry,) = await entries(carrier_process.url, order)
    assert (entry["kind"], entry["country"], entry["tracking_number"]) == ("booked", "DE", booking.tracking_number)


async def test_a_country_not_served_is_a_definite_no(
    carrier: HttpCarrier, carrier_process: WorkerProcess, order: UUID
) -> None:
    key = uuid4()
    refusal = await carrier.book(key, order, ANTARCTICA)
    assert isinstance(refusal, BookingRejected)
    assert refusal.reason == "country_not_served"
    assert await carrier.find_operation(RequestOnRecord(key, "book")) == refusal
    assert await kinds(carrier_process.url, order) == ["refused"]


async def test_a_booking_is_called_off_once(carrier: HttpCarrier, carrier_process: WorkerProcess, order: UUID) -> None:
    booking = await booked(carrier, order)
    key = uuid4()
    outcomes = await asyncio.gather(*(carrier.cancel(key, booking.booking_id) for _ in range(20)))
    assert set(outcomes) == {BookingCancelled(booking.booking_id)}
    assert await carrier.cancel(uuid4(), booking.booking_id) == BookingCancelled(booking.booking_id)
    assert await kinds(carrier_process.url, order) == ["booked", "cancelled"]
    assert await totals(carrier_process.url, order) == {
        "order_id": str(order),
        "booked": 1,
        "collected": 0,
        "cancelled": 1,
        "open": 0,
    }


async def test_a_collected_shipment_is_not_called_off(
    carrier: HttpCarrier, carrier_process: WorkerProcess, order: UUID
) -> None:
    booking = await booked(carrier, order)
    async with httpx2.AsyncClient(base_url=carrier_process.url, trust_env=False, verify=False) as driver:
        scan = await driver.post(
            f"/v1/shipments/{booking.booking_id}/collection", headers={"Idempotency-Key": str(uuid4())}
        )
        assert scan.json()["status"] == "collected"
        assert (await driver.get(f"/v1/shipments/{booking.booking_id}")).json()["status"] == "collected"
    refusal = await carrier.cancel(uuid4(), booking.booking_id)
    assert isinstance(refusal, BookingRejected)
    assert refusal.reason == "already_collected"
    assert await kinds(carrier_process.url, order) == ["booked", "collected"]


async def test_twenty_equal_bookings_at_once_are_one(
    carrier: HttpCarrier, carrier_process: WorkerProcess, order: UUID
) -> None:
    key = uuid4()
    outcomes = await asyncio.gather(*(carrier.book(key, order, JANE) for _ in range(20)))
    assert len(set(outcomes)) == 1
    assert await kinds(carrier_process.url, order) == ["booked"]


async def test_a_booking_outlives_a_kill(order: UUID, new_carrier: WorkerProcess) -> None:
    worker = new_carrier
    worker.start()
    key = uuid4()
    async with HttpCarrier(worker.url) as carrier:
        before = await carrier.book(key, order, JANE)
        worker.kill()
        with pytest.raises(PartyUnavailable):
            await carrier.book(key, order, JANE)
    worker.start()
    async with HttpCarrier(worker.url) as carrier:
        assert await carrier.find_operation(RequestOnRecord(key, "book")) == before
        assert await carrier.book(key, order, JANE) == before
    assert await kinds(worker.url, order) == ["booked"]
    assert worker.stop() == 0


async def test_no_name_and_no_address_is_on_disk_or_in_the_log(order: UUID, new_carrier: WorkerProcess) -> None:
    worker = new_carrier
    worker.start()
    async with HttpCarrier(worker.url) as carrier:
        await carrier.book(uuid4(), order, JANE)
        await carrier.book(uuid4(), order, ANTARCTICA)
        with pytest.raises(RequestRejected):
            await carrier.book(uuid4(), order, Recipient("Jane Zweistein", "Quarzgasse 77", "K", "98765", "Mars"))
    on_disk = everything_in(worker.home)
    assert worker.stop() == 0
    on_disk += everything_in(worker.home)
    assert str(order).encode() in on_disk
    personal = (
        "Jane Zweistein",
        "Zweistein",
        "Quarzgasse",
        "Kleinkleckersdorf",
        '"98765"',
        "Hinterhaus",
        "McMurdo",
        "Research Station",
    )
    assert_sealed(personal, on_disk)
    assert "Jane" not in repr(JANE)


async def test_a_recipient_has_a_region_and_a_number_and_no_postcode_where_there_is_none(
    carrier: HttpCarrier, carrier_process: WorkerProcess, order: UUID
) -> None:
    dubai = Recipient("Jane", "Villa 7", "Dubai", None, "AE", region="Jumeirah 1", phone="+971 4 000 0000")
    key = uuid4()
    booking = await carrier.book(key, order, dubai)
    assert isinstance(booking, Booked)
    assert await carrier.book(key, order, dubai) == booking
    assert await kinds(carrier_process.url, order) == ["booked"]
