"""What a carrier must do: each function is one rule of the protocol, asked of its test system."""

from __future__ import annotations

import asyncio
from uuid import uuid4

from commerce.values.errors import Unavailable
from workers.gateways.conformance import credential
from workers.gateways.conformance.carrier_desk import CarrierDesk
from workers.gateways.conformance.check import Check
from workers.gateways.conformance.exchange import Mismatch, NotOffered

_FIRST_AGAIN = "the first answer again, and nothing booked"
_CALLS_AT_ONCE = 2


async def credential_asked_for(desk: CarrierDesk) -> None:
    await credential.is_asked_for(desk.url)


async def book(desk: CarrierDesk) -> None:
    await desk.ship()


async def cancel(desk: CarrierDesk) -> None:
    await desk.call_off(await desk.ship())


async def unserved_country(desk: CarrierDesk) -> None:
    recipient = desk.recipient(desk.terms.unserved_country)
    await desk.forbidden(lambda: desk.book(uuid4(), uuid4(), recipient), "country_not_served")


async def unknown_shipment(desk: CarrierDesk) -> None:
    await desk.forbidden(lambda: desk.cancel(uuid4(), "ship_that_is_not"), "shipment_not_found")


async def cancel_after_collection(desk: CarrierDesk) -> None:
    shipment = await desk.ship()
    try:
        reply = await desk.collected(shipment)
    except Unavailable:
        raise NotOffered("it has no way to say that a shipment is collected") from None
    if not 200 <= reply.status < 300:
        raise NotOffered("it has no way to say that a shipment is collected")
    await desk.forbidden(lambda: desk.cancel(uuid4(), shipment.booking.booking_id), "already_collected")


async def malformed_booking(desk: CarrierDesk) -> None:
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


async def same_book(desk: CarrierDesk) -> None:
    first = await desk.ship()
    if await desk.ship(first.key, first.order_id) != first:
        raise Mismatch(f"{_FIRST_AGAIN}: shipment_id {first.booking.booking_id}")


async def same_cancel(desk: CarrierDesk) -> None:
    shipment, key = await desk.ship(), uuid4()
    await desk.call_off(shipment, key)
    await desk.call_off(shipment, key)


async def other_body(desk: CarrierDesk) -> None:
    first = await desk.ship()
    other = desk.recipient(desk.terms.country, "Somebody Else")
    await desk.not_done(lambda: desk.book(first.key, first.order_id, other), "the key stands for another request")
    if await desk.ship(first.key, first.order_id) != first:
        raise Mismatch(f"{_FIRST_AGAIN}: shipment_id {first.booking.booking_id}")


async def book_at_once(desk: CarrierDesk) -> None:
    key, order_id = uuid4(), uuid4()
    booked = await asyncio.gather(*(desk.ship(key, order_id) for _ in range(_CALLS_AT_ONCE)))
    ids = sorted({f"{one.booking.booking_id} ({one.booking.tracking_number})" for one in booked})
    if len(ids) > 1:
        right = "one shipment under one key, also for calls at the same time (or 409 until the first is done)"
        raise Mismatch(right, answered=" and ".join(ids))


async def find(desk: CarrierDesk) -> None:
    shipment, key = await desk.ship(), uuid4()
    await desk.found(shipment.key, shipment.booking)
    await desk.found(key, await desk.call_off(shipment, key))


async def find_nothing(desk: CarrierDesk) -> None:
    await desk.found(uuid4(), None)


CHECKS = (
    Check("credential", "a call without the name and password is rejected with 401, 403 or 407", credential_asked_for),
    Check("book", "a shipment is booked; the answer names shipment, tracking number, carrier and day", book),
    Check("cancel", "a booking is called off", cancel),
    Check("unserved-country", "a booking for a country that is not served is rejected", unserved_country),
    Check("unknown-shipment", "an unknown shipment is not called off", unknown_shipment),
    Check(
        "collected", "a shipment that is collected is not called off (where it can be tried)", cancel_after_collection
    ),
    Check("malformed-booking", "a booking without recipient, country or parcels is rejected", malformed_booking),
    Check("same-key-book", "the same booking under the same key is one", same_book),
    Check("same-key-cancel", "the same cancellation under the same key is one", same_cancel),
    Check("same-key-other-body", "another booking under the same key is rejected; the first one stands", other_body),
    Check("at-once-book", "two equal bookings at the same time are one", book_at_once),
    Check("find", "what was answered is found under its key: booking, cancellation", find),
    Check("find-nothing", "under a key that was never used, nothing is found", find_nothing),
)
