"""The carrier: what we ask of one, and one that is asked over HTTP."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Protocol
from uuid import UUID

from commerce.values.errors import Unavailable
from workers.gateways.calls import Gateway, HttpCaller, Reply, path
from workers.gateways.carrier_answers import (
    Booked,
    BookingCancelled,
    BookingRejected,
    CarriedBooking,
    Outcome,
    UnclearBooking,
    booking_rejection,
    booking_success,
)
from workers.gateways.text import cleaned_answer

__all__ = [
    "CALL_TIMEOUT_S",
    "Booked",
    "BookingCancelled",
    "BookingRejected",
    "CarriedBooking",
    "Carrier",
    "CarrierUnavailable",
    "HttpCarrier",
    "Outcome",
    "Recipient",
    "UnclearBooking",
]

CALL_TIMEOUT_S = 5.0
"""For the whole answer to one call."""


class CarrierUnavailable(Unavailable):
    """The carrier gave no answer: what was asked may have happened or not. Ask again with the same key."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """Where a shipment goes; `country` is ISO alpha-2 or XK. All else is personal data and stays out of its `repr`."""

    name: str = field(repr=False)
    line1: str = field(repr=False)
    city: str = field(repr=False)
    postcode: str | None = field(repr=False)
    country: str
    line2: str | None = field(default=None, repr=False)
    region: str | None = field(default=None, repr=False)
    phone: str | None = field(default=None, repr=False)


class Carrier(Protocol):
    """Takes parcels to people.

    Every operation carries an idempotency key: repeated with the same key and arguments it is not done again, and the
    first answer is given again, so that after `CarrierUnavailable` it can be repeated, at any time and by any process.
    Every one raises `CarrierUnavailable` where the outcome is unknown, and `RequestRejected` where the key stands for
    another request or the request makes no sense: nothing happened then, and a person has to look. `Postponed` means
    that it was not done now. An answer is what the carrier says, be it what it was asked or not: whoever calls compares
    the two.
    """

    async def book(self, key: UUID, order_id: UUID, recipient: Recipient, parcels: int = 1) -> Outcome:
        """Have parcels collected. Raises `CarrierUnavailable`, `RequestRejected`; safe to repeat with the same key."""
        ...

    async def cancel(self, key: UUID, booking_id: str) -> Outcome:
        """Call a collection off; rejected once the parcels are collected. Raises and repeats like `book`."""
        ...

    async def find_operation(self, key: UUID) -> Outcome | None:
        """What happened under a key, without doing anything; None where nothing did. Raises `CarrierUnavailable`.

        A call whose answer was not awaited to its end may still happen after this says None.
        """
        ...


class HttpCarrier(Gateway):
    """`Carrier` over HTTP; used as an async context manager, which closes its connections."""

    def __init__(self, url: str, caller: type[HttpCaller] = HttpCaller) -> None:
        """Raises `BadUsage` for an address that is not HTTP."""
        super().__init__(caller(url, _unavailable, CALL_TIMEOUT_S))

    async def book(self, key: UUID, order_id: UUID, recipient: Recipient, parcels: int = 1) -> Outcome:
        """See `Carrier`. Raises `CarrierUnavailable`, `RequestRejected`; the key makes repeating safe."""
        known = {name: value for name, value in asdict(recipient).items() if value is not None}
        request = {"order_id": str(order_id), "recipient": known, "parcels": parcels}
        reply = await self._caller.post("/v1/shipments", key, request)
        return self._outcome(reply)

    async def cancel(self, key: UUID, booking_id: str) -> Outcome:
        """See `Carrier`. Raises `CarrierUnavailable`, `RequestRejected`; the key makes repeating safe."""
        reply = await self._caller.post(path("v1", "shipments", booking_id, "cancellation"), key, {})
        return self._outcome(reply)

    async def find_operation(self, key: UUID) -> Outcome | None:
        """See `Carrier`. Raises `CarrierUnavailable`; it does nothing, so repeating is safe."""
        reply = await self._caller.get(path("v1", "operations", str(key)))
        match reply.body:
            case {"code": "operation_not_found"} if reply.status == 404:
                return None
            case {"status_code": int(status), "answer": dict(answer), **found} if reply.status == 200:
                is_of_another = found.get("idempotency_key", str(key)) != str(key)
                return self._outcome(Reply(status, answer), found.get("operation"), is_of_another=is_of_another)
        raise _unavailable("gave an answer that we do not understand")

    def _outcome(self, reply: Reply, operation: object = None, *, is_of_another: bool = False) -> Outcome:
        if 200 <= reply.status < 300:
            outcome = booking_success(reply.body, operation, is_of_another=is_of_another)
            if outcome is None:
                raise _unavailable(f"gave an answer that we do not understand{_status_of(reply)}")
            return outcome
        if reply.status < 400:
            raise _unavailable(f"answered {reply.status}: nobody is led elsewhere")
        refusal = booking_rejection(reply.body, is_of_another=is_of_another)
        if refusal is None:
            raise self._caller.problem_without_code(reply)
        return refusal


def _status_of(reply: Reply) -> str:
    return f" ({cleaned_answer(reply.body['status'], 40)!r})" if "status" in reply.body else ""


def _unavailable(what: str) -> CarrierUnavailable:
    return CarrierUnavailable(f"the carrier {what}")
