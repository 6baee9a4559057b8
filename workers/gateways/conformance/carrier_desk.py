"""The carrier under test, asked by the gateway itself; every success is compared with what was asked."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from uuid import UUID, uuid4

from commerce.outside.errors import RequestRejected
from commerce.shipping.comparison import AskedShipment, bound_for, shipment_difference
from commerce.shipping.ports import Booked, BookingCancelled, BookingOutcome, BookingRejected, Recipient
from workers.gateways.conformance.exchange import (
    FOUND,
    FOUND_NOTHING,
    Mismatch,
    RecordingCaller,
    answer,
    answer_or_rejection,
)
from workers.gateways.conformance.terms import Terms
from workers.gateways.http_caller import Reply, path
from workers.gateways.http_carrier import HttpCarrier

_Call = Callable[[], Awaitable[BookingOutcome]]

_BOOKED = "2xx with status booked, shipment_id, tracking_number, carrier, estimated_delivery"
_CANCELLED = "2xx with status cancelled, shipment_id"


@dataclass(frozen=True, slots=True)
class ShipmentUnderTest:
    """A shipment that a check has had booked, and the key that it was booked under."""

    key: UUID
    order_id: UUID
    booking: Booked


class CarrierDesk(HttpCarrier):
    """What the checks ask of a carrier; each raises `Mismatch` where the answer is not the right one."""

    def __init__(self, url: str, terms: Terms) -> None:
        """Raises `BadUsage` for an address that is not HTTP."""
        super().__init__(url, RecordingCaller)
        self.url = url
        self.terms = terms

    @property
    def caller(self) -> RecordingCaller:
        """The calls that were made."""
        assert isinstance(self._caller, RecordingCaller)
        return self._caller

    async def ship(self, key: UUID | None = None, order_id: UUID | None = None) -> ShipmentUnderTest:
        """Have a shipment booked."""
        key, order_id = key or uuid4(), order_id or uuid4()
        asked = AskedShipment("book", order_id, key)
        recipient = self.recipient(self.terms.country)
        outcome = await answer_or_rejection(lambda: self.book(key, order_id, recipient), _BOOKED)
        if not isinstance(outcome, RequestRejected):
            outcome = bound_for(self.terms.country, outcome)
        self._compare(asked, outcome, _BOOKED)
        if not isinstance(outcome, Booked):
            raise Mismatch(_BOOKED)
        return ShipmentUnderTest(key, order_id, outcome)

    async def call_off(self, shipment: ShipmentUnderTest, key: UUID | None = None) -> BookingCancelled:
        """Have a booking called off."""
        key, id_ = key or uuid4(), shipment.booking.booking_id
        outcome = await answer_or_rejection(lambda: self.cancel(key, id_), _CANCELLED)
        self._compare(AskedShipment("cancel", shipment.order_id, key, id_), outcome, _CANCELLED)
        if not isinstance(outcome, BookingCancelled):
            raise Mismatch(_CANCELLED)
        return outcome

    async def forbidden(self, call: _Call, code: str) -> None:
        """See that the carrier's rules forbid it, by the protocol's own code."""
        right = f'4xx with "code": "{code}"'
        if (await answer(call, BookingRejected, right)).reason != code:
            raise Mismatch(right)

    async def not_done(self, call: _Call, why: str) -> None:
        """See that nothing was done, and that the answer says so for certain."""
        right = f'4xx with "code" and "detail": {why}'
        if not isinstance(await answer_or_rejection(call, right), RequestRejected | BookingRejected):
            raise Mismatch(right)

    async def posted(self, body: Mapping[str, object]) -> BookingOutcome:
        """What a booking that the gateway itself would not send comes to."""
        return self._outcome(await self._caller.post("/v1/shipments", uuid4(), body))

    async def collected(self, shipment: ShipmentUnderTest) -> Reply:
        """Have it collected, where the test system has a way to say so."""
        return await self._caller.post(path("v1", "shipments", shipment.booking.booking_id, "collection"), uuid4(), {})

    async def found(self, key: UUID, expected: BookingOutcome | None) -> None:
        """See that what is found under a key is what was answered; None where nothing was."""
        right = FOUND if expected else FOUND_NOTHING
        if await answer_or_rejection(lambda: self.find_operation(key), right) != expected:
            raise Mismatch(right)

    @staticmethod
    def recipient(country: str, name: str = "Jürgen Groß 山田") -> Recipient:
        """Somebody who does not exist."""
        return Recipient(name, "1 Test Street", "Testville", "12345", country)

    @staticmethod
    def _compare(asked: AskedShipment, outcome: BookingOutcome | RequestRejected, right: str) -> None:
        if isinstance(outcome, RequestRejected | BookingRejected):
            raise Mismatch(right)
        differs = shipment_difference(asked, outcome)
        if differs is not None:
            raise Mismatch(f"{right}; we asked for {differs.asked}, and it says that it {differs.answered}")
