"""The carrier over HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from uuid import UUID

from commerce.shipping.ports import CARRIER_CALLS, BookingOutcome, Recipient
from workers.gateways.http_caller import Reply, path
from workers.gateways.http_carrier_answers import booking_rejection, booking_success
from workers.gateways.http_gateway import HttpGateway


class HttpCarrier(HttpGateway[BookingOutcome]):
    """A `Carrier` over HTTP."""

    party = "the carrier"
    service = "shipping"
    policy = CARRIER_CALLS

    async def book(self, key: UUID, order_id: UUID, recipient: Recipient, parcels: int = 1) -> BookingOutcome:
        """See `Carrier`. Raises `PartyUnavailable`, `RequestRejected`; the key makes repeating safe."""
        known = {name: value for name, value in asdict(recipient).items() if value is not None}
        request = {"order_id": str(order_id), "recipient": known, "parcels": parcels}
        return await self._called("book", "/v1/shipments", key, request)

    async def cancel(self, key: UUID, booking_id: str) -> BookingOutcome:
        """See `Carrier`. Raises `PartyUnavailable`, `RequestRejected`; the key makes repeating safe."""
        where = path("v1", "shipments", booking_id, "cancellation")
        return await self._called("cancel", where, key, {})

    def _success(self, body: Mapping[str, object], operation: object, *, is_of_another: bool) -> BookingOutcome | None:
        return booking_success(body, operation, is_of_another=is_of_another)

    def _rejection(self, reply: Reply, *, is_of_another: bool) -> BookingOutcome | None:
        return booking_rejection(reply.body, is_of_another=is_of_another)
