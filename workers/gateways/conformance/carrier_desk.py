"""The carrier under test, asked by the gateway itself; every success is compared with what was asked."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from uuid import UUID, uuid4

from commerce.shipping.comparison import AskedShipment, bound_for, shipment_difference
from commerce.shipping.ports import Booked, BookingCancelled, BookingOutcome, Recipient
from workers.gateways.conformance.party_desk import PartyDesk
from workers.gateways.http_caller import Reply, path
from workers.gateways.http_carrier import HttpCarrier


@dataclass(frozen=True, slots=True)
class ShipmentUnderTest:
    """A shipment that a check has had booked, and the key that it was booked under."""

    key: UUID
    order_id: UUID
    booking: Booked


class CarrierDesk(PartyDesk[BookingOutcome], HttpCarrier):
    """What the checks ask of a carrier; each raises `Mismatch` where the answer is not the right one."""

    async def ship(self, key: UUID | None = None, order_id: UUID | None = None) -> ShipmentUnderTest:
        """Have a shipment booked."""
        key, order_id = key or uuid4(), order_id or uuid4()
        asked, country = AskedShipment("book", order_id, key), self.terms.country
        booked = await self._done(
            lambda: self.book(key, order_id, self.recipient(country)),
            Booked,
            "2xx with status booked, shipment_id, tracking_number, carrier, estimated_delivery",
            lambda outcome: shipment_difference(asked, bound_for(country, outcome)),
        )
        return ShipmentUnderTest(key, order_id, booked)

    async def call_off(self, shipment: ShipmentUnderTest, key: UUID | None = None) -> BookingCancelled:
        """Have a booking called off."""
        key, id_ = key or uuid4(), shipment.booking.booking_id
        compare = partial(shipment_difference, AskedShipment("cancel", shipment.order_id, key, id_))
        right = "2xx with status cancelled, shipment_id"
        return await self._done(lambda: self.cancel(key, id_), BookingCancelled, right, compare)

    async def collected(self, shipment: ShipmentUnderTest) -> Reply:
        """Have it collected, where the test system has a way to say so."""
        return await self._caller.post(path("v1", "shipments", shipment.booking.booking_id, "collection"), uuid4(), {})

    @staticmethod
    def recipient(country: str, name: str = "Jürgen Groß 山田") -> Recipient:
        """Somebody who does not exist."""
        return Recipient(name, "1 Test Street", "Testville", "12345", country)
