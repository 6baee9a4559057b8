"""What a carrier has to offer, and what it can answer. Adapters stand in `workers/gateways`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import ClassVar, Literal, Protocol
from uuid import UUID

from commerce.outside.ledger import LedgerPage
from commerce.outside.party import Carried, PartyPort
from commerce.outside.policy import CallPolicy

CARRIER = "carrier"
"""What it is called where calls to it are told of."""

CARRIER_CALLS = CallPolicy(timeout_s=5.0)
"""How each of its operations is called where nobody sets it otherwise."""

CarrierStatus = Literal["booked", "cancelled"]
"""What the carrier can say that it did."""

ShipmentState = Literal["booked", "collected", "cancelled"]
"""How a booking can stand at the carrier."""

CARRIER_OPERATIONS: dict[CarrierStatus, str] = {"booked": "book", "cancelled": "cancel"}
"""The operation that the carrier was asked for when it says that it did so."""

CARRIER_CALLED: dict[str, str] = {"schedule": "book", "cancel": "cancel"}
"""What we ask for, and the carrier's word for it."""


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


FindRecipient = Callable[[UUID], Awaitable[Recipient]]
"""Finds where the shipment of an order goes, in plain text for one call only. Raises `MissingKey`, `Unavailable`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CarriedBooking(Carried):
    """What an answer of the carrier names, beyond what was done."""

    country: str | None = None
    parcels: str | None = None


@dataclass(frozen=True, slots=True)
class Booked:
    """The carrier will take the parcels; `estimated_delivery` is a day where the recipient is."""

    status: ClassVar[CarrierStatus] = "booked"
    booking_id: str
    tracking_number: str
    carrier: str
    estimated_delivery: date
    carried: CarriedBooking = field(default=CarriedBooking(), compare=False)


@dataclass(frozen=True, slots=True)
class BookingCancelled:
    """The carrier will not come for the parcels."""

    status: ClassVar[CarrierStatus] = "cancelled"
    booking_id: str
    carried: CarriedBooking = field(default=CarriedBooking(), compare=False)


@dataclass(frozen=True, slots=True)
class BookingRejected:
    """The carrier will not do it; `reason` is its code, such as `country_not_served` or `already_collected`."""

    reason: str
    detail: str
    carried: CarriedBooking = field(default=CarriedBooking(), compare=False)


@dataclass(frozen=True, slots=True)
class UnclearBooking:
    """The carrier says that it did something, and leaves out or garbles what belongs to that."""

    status: CarrierStatus
    booking_id: str | None
    carried: CarriedBooking


BookingOutcome = Booked | BookingCancelled | BookingRejected | UnclearBooking
"""What can have happened under an idempotency key."""


@dataclass(frozen=True, slots=True)
class ShipmentAtCarrier:
    """A booking as it stands at the carrier, whatever led to that."""

    booking_id: str
    order_id: str | None
    status: ShipmentState
    moved_at: datetime | None = field(default=None, compare=False)
    """When anything became of it last, by the carrier's clock; None where it does not say."""

    @property
    def party_id(self) -> str:
        """What the carrier calls it."""
        return self.booking_id


class Carrier(PartyPort[BookingOutcome], Protocol):
    """Takes parcels to people."""

    async def book(self, key: UUID, order_id: UUID, recipient: Recipient, parcels: int = 1) -> BookingOutcome:
        """Have parcels collected. Raises `PartyUnavailable`, `RequestRejected`; safe to repeat with the same key."""

    async def cancel(self, key: UUID, booking_id: str) -> BookingOutcome:
        """Call a collection off; rejected once the parcels are collected. Raises and repeats like `book`."""

    async def find_shipment(self, booking_id: str) -> ShipmentAtCarrier | None:
        """A booking as it stands now; None where the carrier knows none, or does not tell.

        Raises `PartyUnavailable`, `RequestRejected`.
        """

    async def ledger(self, since: datetime, cursor: str | None = None) -> LedgerPage[ShipmentAtCarrier] | None:
        """A page of the bookings of which something became since a time, each as it stands now.

        None where the carrier shows no ledger. Raises `PartyUnavailable`, `RequestRejected`.
        """
