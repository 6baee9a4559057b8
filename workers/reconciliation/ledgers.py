"""The two ledgers that are compared with ours: how each is read, and what of ours belongs to it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Generic, Protocol, TypeVar, cast
from uuid import UUID

from commerce.eventstore import Event, EventStore
from commerce.outside.ledger import LedgerDifference, LedgerPage, LedgerParty
from commerce.payments import events as payments
from commerce.payments import ledger as payment_ledger
from commerce.payments import payment
from commerce.payments.dispute_commands import note_disputes
from commerce.payments.ports import PaymentAtProvider, PaymentProvider
from commerce.saga import process
from commerce.saga.case_events import CaseKind
from commerce.saga.events import ProcessEvent
from commerce.saga.process import Process, Stage
from commerce.saga.reconciliation import ACTOR
from commerce.shipping import events as shipping
from commerce.shipping import ledger as shipment_ledger
from commerce.shipping import shipment
from commerce.shipping.ports import Carrier, ShipmentAtCarrier
from commerce.values import ids


class AtParty(Protocol):
    """A thing as it stands at a party."""

    @property
    def party_id(self) -> str: ...
    @property
    def order_id(self) -> str | None: ...
    @property
    def moved_at(self) -> datetime | None: ...


Thing = TypeVar("Thing", bound=AtParty)


@dataclass(frozen=True, slots=True)
class OnRecord:
    """What is on record of an order: its process, and the stream that a party's ledger is compared with."""

    process: Process | None
    history: Sequence[Event]
    moved_at: datetime | None
    """When that stream was written last."""

    @property
    def is_over(self) -> bool:
        """Whether the order has ended unfulfilled."""
        return self.process is not None and self.process.stage is Stage.COMPENSATED


class PartyLedger(ABC, Generic[Thing]):
    """One party's ledger. What reads it raises `PartyUnavailable`, `RequestRejected`, `Postponed`."""

    party: ClassVar[LedgerParty]
    moves: ClassVar[tuple[type[Event], ...]]
    """Our events after which the party's ledger has to say the same."""
    awaits: ClassVar[CaseKind | None] = None
    """The kind of the cases about which the party's word is waited for."""

    @abstractmethod
    async def page(self, since: datetime, cursor: str | None) -> LedgerPage[Thing] | None:
        """A page of what moved there; None where the party shows no ledger."""

    @abstractmethod
    async def find(self, party_id: str) -> Thing | None:
        """One thing as it stands there now."""

    @abstractmethod
    def stream(self, order_id: UUID) -> UUID:
        """Where our side of it stands."""

    @abstractmethod
    def own_id(self, order: OnRecord) -> str | None:
        """What the party calls the thing that is on record; None where it is not known."""

    @abstractmethod
    def difference(self, order: OnRecord, party_id: str, found: Thing | None) -> LedgerDifference | None:
        """What differs about one thing of an order."""

    @abstractmethod
    def without_order(self, found: Thing) -> LedgerDifference | None:
        """What there is to say of a thing that is no order's."""

    @abstractmethod
    async def take_in(self, store: EventStore, order_id: UUID, found: Thing) -> None:
        """Put on record what of a thing that differs is the party's own to say, and follows from nothing that it was
        asked for. Raises `StaleVersion`, `Unavailable`."""

    @abstractmethod
    def stands_for(self, party_id: str) -> UUID:
        """What stands in an order's place for such a thing."""

    async def on_record(self, store: EventStore, orders: Sequence[UUID]) -> dict[UUID, OnRecord]:
        """What is on record of orders. Raises `Unavailable`."""
        streams = {order_id: (ids.process_id(order_id), self.stream(order_id)) for order_id in orders}
        found = await store.read_streams(stream for pair in streams.values() for stream in pair)
        return {
            order_id: OnRecord(
                process.fold(cast(ProcessEvent, recorded.event) for recorded in found[of_process]),
                [recorded.event for recorded in found[ours]],
                found[ours][-1].recorded_at if found[ours] else None,
            )
            for order_id, (of_process, ours) in streams.items()
        }


class ProviderLedger(PartyLedger[PaymentAtProvider]):
    """The payment provider's; `adapter` is which one, as `COMMERCE_PROVIDER` names it."""

    party = "payment provider"
    moves = (
        payments.PaymentAuthorized,
        payments.PaymentCaptured,
        payments.PaymentVoided,
        payments.PaymentRefunded,
        payments.PaymentAnswerDiffered,
    )
    awaits = "dispute"

    def __init__(self, provider: PaymentProvider, adapter: str) -> None:
        self._provider = provider
        self._adapter = adapter

    async def page(self, since: datetime, cursor: str | None) -> LedgerPage[PaymentAtProvider] | None:
        """See `PartyLedger`."""
        return await self._provider.ledger(since, cursor)

    async def find(self, party_id: str) -> PaymentAtProvider | None:
        """See `PartyLedger`."""
        return await self._provider.find_payment(party_id)

    def stream(self, order_id: UUID) -> UUID:
        """See `PartyLedger`."""
        return ids.payment_id(order_id)

    def own_id(self, order: OnRecord) -> str | None:
        """See `PartyLedger`."""
        found = payment.fold(order.history)
        return found.party_id if found else None

    def difference(self, order: OnRecord, party_id: str, found: PaymentAtProvider | None) -> LedgerDifference | None:
        """See `PartyLedger`."""
        ours = payment.fold(order.history)
        return payment_ledger.payment_ledger_difference(ours, party_id, found, is_over=order.is_over)

    def without_order(self, found: PaymentAtProvider) -> LedgerDifference | None:
        """See `PartyLedger`."""
        return payment_ledger.payment_without_order(found)

    async def take_in(self, store: EventStore, order_id: UUID, found: PaymentAtProvider) -> None:
        """See `PartyLedger`: disputes, of which no word came."""
        await note_disputes(store, order_id, found, ACTOR)

    def stands_for(self, party_id: str) -> UUID:
        """See `PartyLedger`; the same for word that the provider sends of it."""
        return ids.unknown_payment_id(self._adapter, party_id)


class CarrierLedger(PartyLedger[ShipmentAtCarrier]):
    """The carrier's."""

    party = "carrier"
    moves = (shipping.ShipmentScheduled, shipping.ShipmentCancelled)

    def __init__(self, carrier: Carrier) -> None:
        self._carrier = carrier

    async def page(self, since: datetime, cursor: str | None) -> LedgerPage[ShipmentAtCarrier] | None:
        """See `PartyLedger`."""
        return await self._carrier.ledger(since, cursor)

    async def find(self, party_id: str) -> ShipmentAtCarrier | None:
        """See `PartyLedger`."""
        return await self._carrier.find_shipment(party_id)

    def stream(self, order_id: UUID) -> UUID:
        """See `PartyLedger`."""
        return ids.shipment_id(order_id)

    def own_id(self, order: OnRecord) -> str | None:
        """See `PartyLedger`."""
        found = shipment.fold(order.history)
        return found.booking_id if found else None

    def difference(self, order: OnRecord, party_id: str, found: ShipmentAtCarrier | None) -> LedgerDifference | None:
        """See `PartyLedger`."""
        ours = shipment.fold(order.history)
        return shipment_ledger.shipment_ledger_difference(ours, party_id, found, is_over=order.is_over)

    def without_order(self, found: ShipmentAtCarrier) -> LedgerDifference | None:
        """See `PartyLedger`."""
        return shipment_ledger.shipment_without_order(found)

    async def take_in(self, store: EventStore, order_id: UUID, found: ShipmentAtCarrier) -> None:
        """See `PartyLedger`: a carrier has nothing of that kind to say."""

    def stands_for(self, party_id: str) -> UUID:
        """See `PartyLedger`."""
        return ids.unknown_shipment_id(party_id)
