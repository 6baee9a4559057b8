"""What a carrier must do: each function is one rule of the protocol, asked of its test system."""

from __future__ import annotations

from uuid import uuid4

from commerce.values.errors import Unavailable
from workers.gateways.conformance import credential
from workers.gateways.conformance.carrier_desk import CarrierDesk
from workers.gateways.conformance.check_run import ConformanceCheck
from workers.gateways.conformance.exchange import Mismatch, NotOffered, at_once

_FIRST_AGAIN = "the first answer again, and nothing booked"


async def _credential_asked_for(desk: CarrierDesk) -> None:
    await credential.is_asked_for(desk.url)


async def _book(desk: CarrierDesk) -> None:
    await desk.ship()


async def _cancel(desk: CarrierDesk) -> None:
    await desk.call_off(await desk.ship())


async def _unserved_country(desk: CarrierDesk) -> None:
    recipient = desk.recipient(desk.terms.unserved_country)
    await desk.forbidden(lambda: desk.book(uuid4(), uuid4(), recipient), "country_not_served")


async def _unknown_shipment(desk: CarrierDesk) -> None:
    await desk.forbidden(lambda: desk.cancel(uuid4(), "ship_that_is_not"), "shipment_not_found")


async def _cancel_after_collection(desk: CarrierDesk) -> None:
    shipment = await desk.ship()
    try:
        reply = await desk.collected(shipment)
    except Unavailable:
        raise NotOffered("it has no way to say that a shipment is collected") from None
    if not 200 <= reply.status < 300:
        raise NotOffered("it has no way to say that a shipment is collected")
    await desk.forbidden(lambda: desk.cancel(uuid4(), shipment.booking.booking_id), "already_collected")


async def _malformed_booking(desk: CarrierDesk) -> None:
    recipient = {"name": "Jane", "line1": "1 Test Street", "city": "Testville", "country": desk.terms.country}
    nowhere = {name: value for name, value in recipient.items() if name != "country"}
    for wrong, why in (
        ({"recipient": nowhere, "parcels": 1}, "a recipient has a country"),
        ({"recipient": recipient, "parcels": 0}, "a booking is of one parcel at least"),
        ({"parcels": 1}, "a booking has a recipient"),
    ):
        await _rejected(desk, {"order_id": str(uuid4()), **wrong}, why)


async def _rejected(desk: CarrierDesk, body: dict[str, object], why: str) -> None:
    await desk.not_done(lambda: desk.posted(body), why)


async def _same_book(desk: CarrierDesk) -> None:
    first = await desk.ship()
    if await desk.ship(first.key, first.order_id) != first:
        raise Mismatch(f"{_FIRST_AGAIN}: shipment_id {first.booking.booking_id}")


async def _same_cancel(desk: CarrierDesk) -> None:
    shipment, key = await desk.ship(), uuid4()
    await desk.call_off(shipment, key)
    await desk.call_off(shipment, key)


async def _other_body(desk: CarrierDesk) -> None:
    first = await desk.ship()
    other = desk.recipient(desk.terms.country, "Somebody Else")
    await desk.not_done(lambda: desk.book(first.key, first.order_id, other), "the key stands for another request")
    if await desk.ship(first.key, first.order_id) != first:
        raise Mismatch(f"{_FIRST_AGAIN}: shipment_id {first.booking.booking_id}")


async def _book_at_once(desk: CarrierDesk) -> None:
    key, order_id = uuid4(), uuid4()
    booked = await at_once(lambda: desk.ship(key, order_id))
    ids = sorted({f"{one.booking.booking_id} ({one.booking.tracking_number})" for one in booked})
    if len(ids) > 1:
        right = "one shipment under one key, also for calls at the same time (or 409 until the first is done)"
        raise Mismatch(right, answered=" and ".join(ids))


async def _find(desk: CarrierDesk) -> None:
    shipment, key = await desk.ship(), uuid4()
    await desk.found(shipment.key, shipment.booking)
    await desk.found(key, await desk.call_off(shipment, key))


async def _find_nothing(desk: CarrierDesk) -> None:
    await desk.found(uuid4(), None)


CARRIER_CHECKS = (
    ConformanceCheck(
        "credential", "a call without the name and password is rejected with 401, 403 or 407", _credential_asked_for
    ),
    ConformanceCheck(
        "book", "a shipment is booked; the answer names shipment, tracking number, carrier and day", _book
    ),
    ConformanceCheck("cancel", "a booking is called off", _cancel),
    ConformanceCheck("unserved-country", "a booking for a country that is not served is rejected", _unserved_country),
    ConformanceCheck("unknown-shipment", "an unknown shipment is not called off", _unknown_shipment),
    ConformanceCheck(
        "collected", "a shipment that is collected is not called off (where it can be tried)", _cancel_after_collection
    ),
    ConformanceCheck(
        "malformed-booking", "a booking without recipient, country or parcels is rejected", _malformed_booking
    ),
    ConformanceCheck("same-key-book", "the same booking under the same key is one", _same_book),
    ConformanceCheck("same-key-cancel", "the same cancellation under the same key is one", _same_cancel),
    ConformanceCheck(
        "same-key-other-body", "another booking under the same key is rejected; the first one stands", _other_body
    ),
    ConformanceCheck("at-once-book", "two equal bookings at the same time are one", _book_at_once),
    ConformanceCheck("find", "what was answered is found under its key: booking, cancellation", _find),
    ConformanceCheck("find-nothing", "under a key that was never used, nothing is found", _find_nothing),
)
