"""What a carrier must do: each function is one rule of the protocol, asked of its test system."""

from __future__ import annotations

from functools import partial
from uuid import uuid4

from commerce.shipping.ports import ShipmentAtCarrier
from commerce.values.errors import Unavailable
from workers.gateways.conformance import credential
from workers.gateways.conformance.carrier_desk import CarrierDesk, ShipmentUnderTest
from workers.gateways.conformance.check_run import CheckList
from workers.gateways.conformance.exchange import Mismatch, NotOffered, answer, one_at_once
from workers.gateways.conformance.moved_things import listed
from workers.gateways.conformance.party_desk import forbidden, not_done

CARRIER_CHECKS: CheckList[CarrierDesk] = CheckList()

CARRIER_CHECKS.check("credential", credential.RULE)(credential.is_asked_for)


@CARRIER_CHECKS.check("book", "a shipment is booked; the answer names shipment, tracking number, carrier and day")
async def _book(desk: CarrierDesk) -> None:
    await desk.ship()


@CARRIER_CHECKS.check("cancel", "a booking is called off")
async def _cancel(desk: CarrierDesk) -> None:
    await desk.call_off(await desk.ship())


@CARRIER_CHECKS.check("unserved-country", "a booking for a country that is not served is rejected")
async def _unserved_country(desk: CarrierDesk) -> None:
    recipient = desk.recipient(desk.terms.unserved_country)
    await forbidden(lambda: desk.book(uuid4(), uuid4(), recipient), "country_not_served")


@CARRIER_CHECKS.check("unknown-shipment", "an unknown shipment is not called off")
async def _unknown_shipment(desk: CarrierDesk) -> None:
    await forbidden(lambda: desk.cancel(uuid4(), "ship_that_is_not"), "shipment_not_found")


@CARRIER_CHECKS.check("collected", "a shipment that is collected is not called off (where it can be tried)")
async def _cancel_after_collection(desk: CarrierDesk) -> None:
    shipment = await desk.ship()
    try:
        reply = await desk.collected(shipment)
    except Unavailable:
        raise NotOffered("it has no way to say that a shipment is collected") from None
    if not 200 <= reply.status < 300:
        raise NotOffered("it has no way to say that a shipment is collected")
    await forbidden(lambda: desk.cancel(uuid4(), shipment.booking.booking_id), "already_collected")


@CARRIER_CHECKS.check("malformed-booking", "a booking without recipient, country or parcels is rejected")
async def _malformed_booking(desk: CarrierDesk) -> None:
    recipient = {"name": "Jane", "line1": "1 Test Street", "city": "Testville", "country": desk.terms.country}
    nowhere = {name: value for name, value in recipient.items() if name != "country"}
    for wrong, why in (
        ({"recipient": nowhere, "parcels": 1}, "a recipient has a country"),
        ({"recipient": recipient, "parcels": 0}, "a booking is of one parcel at least"),
        ({"parcels": 1}, "a booking has a recipient"),
    ):
        body: dict[str, object] = {"order_id": str(uuid4()), **wrong}
        await not_done(partial(desk.posted, "/v1/shipments", body), why)


@CARRIER_CHECKS.check("same-key-book", "the same booking under the same key is one")
async def _same_book(desk: CarrierDesk) -> None:
    await _stands(desk, await desk.ship())


async def _stands(desk: CarrierDesk, first: ShipmentUnderTest) -> None:
    if await desk.ship(first.key, first.order_id) != first:
        raise Mismatch(f"the first answer again, and nothing booked: shipment_id {first.booking.booking_id}")


@CARRIER_CHECKS.check("same-key-cancel", "the same cancellation under the same key is one")
async def _same_cancel(desk: CarrierDesk) -> None:
    shipment, key = await desk.ship(), uuid4()
    await desk.call_off(shipment, key)
    await desk.call_off(shipment, key)


@CARRIER_CHECKS.check("same-key-other-body", "another booking under the same key is rejected; the first one stands")
async def _other_body(desk: CarrierDesk) -> None:
    first = await desk.ship()
    other = desk.recipient(desk.terms.country, "Somebody Else")
    await not_done(lambda: desk.book(first.key, first.order_id, other), "the key stands for another request")
    await _stands(desk, first)


@CARRIER_CHECKS.check("at-once-book", "equal bookings at the same time are one")
async def _book_at_once(desk: CarrierDesk) -> None:
    key, order_id = uuid4(), uuid4()
    await one_at_once(
        lambda: desk.ship(key, order_id), lambda one: f"{one.booking.booking_id} ({one.booking.tracking_number})"
    )


@CARRIER_CHECKS.check("find", "what was answered is found under its key: booking, cancellation")
async def _find(desk: CarrierDesk) -> None:
    shipment, key = await desk.ship(), uuid4()
    await desk.found(shipment.key, shipment.booking)
    await desk.found(key, await desk.call_off(shipment, key))


@CARRIER_CHECKS.check("find-nothing", "under a key that was never used, nothing is found")
async def _find_nothing(desk: CarrierDesk) -> None:
    await desk.found(uuid4(), None)


@CARRIER_CHECKS.check("listing", "what moved is listed as it stands: booked, cancelled (optional)")
async def _listing(desk: CarrierDesk) -> None:
    booked, dropped = await desk.ship(), await desk.ship()
    await desk.call_off(dropped)
    wanted = (
        ShipmentAtCarrier(booked.booking.booking_id, str(booked.order_id), "booked"),
        ShipmentAtCarrier(dropped.booking.booking_id, str(dropped.order_id), "cancelled"),
    )
    named = " and ".join(one.booking_id for one in wanted)
    right = f"200 with {named} among the items of its pages, as they stand, or 404 with a JSON object"
    first = await answer(partial(desk.find_shipment, booked.booking.booking_id), object, right)
    since = first.moved_at if isinstance(first, ShipmentAtCarrier) else None
    await listed(desk.caller, desk.ledger, since, wanted, right)
