"""The carrier: what we ask of one, and one that is asked over HTTP."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Protocol
from uuid import UUID

from commerce.errors import Unavailable
from workers.gateways.calls import Caller, Gateway, Reply, path

CALL_TIMEOUT_S = 5.0
"""For the whole answer to one call."""


class CarrierUnavailable(Unavailable):
    """The carrier gave no answer: what was asked may have happened or not. Ask again with the same key."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """Where a parcel goes; `country` is ISO alpha-2. All else is personal data and stays out of its `repr`."""

    name: str = field(repr=False)
    line1: str = field(repr=False)
    city: str = field(repr=False)
    postcode: str = field(repr=False)
    country: str
    line2: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Booked:
    """The carrier will take the parcels; `estimated_delivery` is a day where the recipient is."""

    booking_id: str
    tracking_number: str
    carrier: str
    estimated_delivery: date


@dataclass(frozen=True, slots=True)
class BookingCancelled:
    """The carrier will not come for the parcels."""

    booking_id: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The carrier will not do it; `reason` is its code, such as `country_not_served` or `already_collected`."""

    reason: str
    detail: str


Outcome = Booked | BookingCancelled | Refused
"""What can have happened under an idempotency key."""

_REFUSALS = frozenset({"country_not_served", "already_collected", "shipment_not_found"})


class Carrier(Protocol):
    """Takes parcels to people.

    Every operation carries an idempotency key: repeated with the same key and arguments it is not done again, and the first
    answer is given again, so that after `CarrierUnavailable` it can be repeated, at any time and by any process. Every one
    raises `CarrierUnavailable` where the outcome is unknown, and `RequestRejected` where the key stands for another request
    or the request makes no sense: nothing happened then, and a person has to look. `Postponed` means that it was not done now.
    """

    async def book(self, key: UUID, order_id: UUID, recipient: Recipient, parcels: int = 1) -> Booked | Refused:
        """Have parcels collected. Raises `CarrierUnavailable`, `RequestRejected`; safe to repeat with the same key."""
        ...

    async def cancel(self, key: UUID, booking_id: str) -> BookingCancelled | Refused:
        """Call a collection off; refused once the parcels are collected. Raises and repeats like `book`."""
        ...

    async def find_operation(self, key: UUID) -> Outcome | None:
        """What happened under a key, without doing anything; None where nothing did. Raises `CarrierUnavailable`.

        A call whose answer was not awaited to its end may still happen after this says None.
        """
        ...


class HttpCarrier(Gateway):
    """`Carrier` over HTTP; used as an async context manager, which closes its connections."""

    def __init__(self, url: str) -> None:
        """Raises `BadUsage` for an address that is not HTTP."""
        super().__init__(Caller(url, _unavailable, CALL_TIMEOUT_S))

    async def book(self, key: UUID, order_id: UUID, recipient: Recipient, parcels: int = 1) -> Booked | Refused:
        """See `Carrier`. Raises `CarrierUnavailable`, `RequestRejected`; the key makes repeating safe."""
        request = {"order_id": str(order_id), "recipient": asdict(recipient), "parcels": parcels}
        reply = await self._caller.post("/v1/shipments", key, request)
        return self._caller.either(self._outcome(reply), Booked, Refused)

    async def cancel(self, key: UUID, booking_id: str) -> BookingCancelled | Refused:
        """See `Carrier`. Raises `CarrierUnavailable`, `RequestRejected`; the key makes repeating safe."""
        reply = await self._caller.post(path("v1", "shipments", booking_id, "cancellation"), key, {})
        return self._caller.either(self._outcome(reply), BookingCancelled, Refused)

    async def find_operation(self, key: UUID) -> Outcome | None:
        """See `Carrier`. Raises `CarrierUnavailable`; it does nothing, so repeating is safe."""
        reply = await self._caller.get(path("v1", "operations", str(key)))
        match reply.body:
            case {"code": "operation_not_found"}:
                return None
            case {"status_code": int(status), "answer": dict(answer)}:
                return self._outcome(Reply(status, answer))
        raise _unavailable("gave an answer that we do not understand")

    def _outcome(self, reply: Reply) -> Outcome:
        return self._problem(reply) if reply.status >= 400 else _success(reply)

    def _problem(self, reply: Reply) -> Outcome:
        code = reply.body.get("code")
        if isinstance(code, str) and code in _REFUSALS:
            return Refused(code, str(reply.body.get("detail", "")))
        raise self._caller.problem_without_code(reply)


def _unavailable(what: str) -> CarrierUnavailable:
    return CarrierUnavailable(f"the carrier {what}")


def _success(reply: Reply) -> Outcome:
    match reply.body:
        case {
            "status": "booked",
            "shipment_id": str(booking),
            "tracking_number": str(tracking),
            "carrier": str(carrier),
            "estimated_delivery": str(estimate),
        }:
            return Booked(booking, tracking, carrier, _day(estimate))
        case {"status": "cancelled", "shipment_id": str(booking)}:
            return BookingCancelled(booking)
    raise _unavailable("gave an answer that we do not understand")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise _unavailable("named a day that we do not understand") from None
