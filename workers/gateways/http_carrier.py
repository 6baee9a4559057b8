"""The carrier over HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from commerce.outside.ledger import LedgerPage
from commerce.shipping.ports import CARRIER_CALLS, BookingOutcome, Recipient, ShipmentAtCarrier
from workers.gateways.call_watch import ASKING
from workers.gateways.http_caller import Reply, path
from workers.gateways.http_carrier_answers import booking_rejection, booking_state, booking_success
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

    async def find_shipment(self, booking_id: str) -> ShipmentAtCarrier | None:
        """See `Carrier`."""
        with self._watched(ASKING):
            reply = await self._caller.get(path("v1", "shipments", booking_id))
            if reply.status == 404:
                return None
            found = booking_state(reply.body) if reply.status == 200 else None
            if found is None or found.booking_id != booking_id:
                raise self._unavailable("gave an answer that we do not understand")
            return found

    async def ledger(self, since: datetime, cursor: str | None = None) -> LedgerPage[ShipmentAtCarrier] | None:
        """See `Carrier`."""
        return await self._ledger_page(path("v1", "shipments"), since, cursor, booking_state)

    def _success(self, body: Mapping[str, object], operation: object, *, is_of_another: bool) -> BookingOutcome | None:
        return booking_success(body, operation, is_of_another=is_of_another)

    def _rejection(self, reply: Reply, *, is_of_another: bool) -> BookingOutcome | None:
        return booking_rejection(reply.body, is_of_another=is_of_another)
