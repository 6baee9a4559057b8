"""Handles the commands for shipping: records an attempt and then calls the carrier; notes that a shipment leaves and
arrives."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Literal
from uuid import UUID

import structlog

from commerce.eventstore import Accepted, Event, EventStore, Idempotency, Metadata, StreamDecision, handle_command
from commerce.outside.breaker import Breakers, breakers_of
from commerce.outside.calls import PartyCalls
from commerce.outside.command_call import Call, CallEvents
from commerce.outside.errors import PersonNeeded, RequestRejected, TryAgain
from commerce.outside.retries import LONGEST_PAUSE_S
from commerce.outside.stream_session import Hint, RequestOf, StreamSession
from commerce.shipping import decisions
from commerce.shipping import shipment as shipments
from commerce.shipping.comparison import AskedShipment, bound_for, shipment_difference
from commerce.shipping.errors import ShipmentNotOpen
from commerce.shipping.events import ShipmentCallPostponed, ShipmentCallUnanswered, ShipmentEvent
from commerce.shipping.ports import (
    CARRIER,
    CARRIER_CALLED,
    CARRIER_CALLS,
    Booked,
    BookingCancelled,
    BookingOutcome,
    BookingRejected,
    Carrier,
    FindRecipient,
    Recipient,
)
from commerce.shipping.shipment import Booking, Shipment, ShipmentStatus, ShippingOperation, ShippingRequest
from commerce.shipping.undo_plan import (
    AskCarrier,
    CancelBooking,
    CloseShipment,
    ShipmentLeft,
    ShipmentUndone,
    next_undo_step,
)
from commerce.values import ids
from commerce.values.errors import existing

_ACTOR = Metadata("service:shipping")
_log = structlog.stdlib.get_logger(__name__)

ShipmentSession = StreamSession[Shipment]


class ShippingCommands:
    """What the shipping worker does with a command; safe to repeat, in any process."""

    def __init__(
        self,
        store: EventStore,
        carrier: Carrier,
        request_of: RequestOf[ShippingRequest],
        find_recipient: FindRecipient,
        breakers: Breakers | None = None,
    ) -> None:
        """`breakers` say how each `ShippingOperation` is called; without them, it is done by the usual rules."""
        breakers = breakers or breakers_of(CARRIER, CARRIER_CALLED, CARRIER_CALLS)
        self._store = store
        self._carrier = carrier
        self._request_of = request_of
        self._find_recipient = find_recipient
        self._calls: PartyCalls[BookingOutcome] = PartyCalls(
            "the carrier", carrier, breakers, CallEvents(ShipmentCallUnanswered, ShipmentCallPostponed)
        )

    async def handle(self, operation: ShippingOperation, hint: Hint) -> None:
        """Handle what the log says was asked, until there is an outcome.

        Raises `TryAgain`, `Unavailable`, and `CommerceError` where a person has to look.
        """
        session = ShipmentSession(self._store, ids.shipment_id(hint.order_id), shipments.fold, hint, _ACTOR)
        await self._calls.handle(session, operation, self._request_of, partial(self._handle, session))

    async def _handle(self, session: ShipmentSession, request: ShippingRequest) -> None:
        match request.operation:
            case ShippingOperation.SCHEDULE:
                go_on, ask_again = partial(self.book, session), partial(self._find_unheard, session)
                await self._calls.forward(session, ShipmentNotOpen, go_on, ask_again)
            case ShippingOperation.CANCEL:
                await self._calls.undo(session, partial(self._undo_step, session))

    async def book(self, session: ShipmentSession) -> None:
        """Have the shipment collected.

        Raises `TryAgain`, `ShipmentNotOpen` once an undo has taken over, and `MissingKey` before anything is on record:
        the order waits for its key until its deadline.
        """
        request_id, order_id = session.request_id, session.order_id

        def attempt() -> Sequence[Event]:
            return decisions.book(session.state, order_id, request_id)

        async def prepared() -> Call[BookingOutcome]:
            return partial(self._call_book, request_id, order_id, await self._find_recipient(order_id))

        outcome = await self._calls.attempt(session, ShippingOperation.SCHEDULE, attempt, prepared)
        if await _differs(session, "book", request_id, outcome):
            return
        match outcome:
            case Booked() as booked:
                await session.settle(lambda shipment: decisions.scheduled(shipment, request_id, _booking(booked)))
            case BookingRejected(reason):
                await session.settle(lambda shipment: decisions.refused(shipment, request_id, reason))
            case _:
                await session.settle(lambda shipment: decisions.unknown(shipment, request_id))

    async def cancel(self, session: ShipmentSession, booking_id: str) -> None:
        """Have the booking dropped. Raises `TryAgain`, `PersonNeeded`."""
        request_id = session.request_id

        def attempt() -> Sequence[Event]:
            return decisions.cancel(session.known, request_id)

        call = partial(self._carrier.cancel, request_id, booking_id)
        try:
            found = await self._calls.repeat(session, ShippingOperation.CANCEL, request_id, attempt, call)
        except RequestRejected as error:
            detail = f"the carrier does not drop the shipment: {error.code}"
            await self._calls.reject_undo(session, ShippingOperation.CANCEL, detail)
            return
        if await _differs(session, "cancel", request_id, found, booking_id):
            raise PersonNeeded
        match found:
            case BookingCancelled() | BookingRejected(reason="shipment_not_found"):
                await session.settle(lambda shipment: decisions.cancelled(shipment, request_id))
            case BookingRejected(reason):
                await session.settle(lambda shipment: decisions.cancellation_refused(shipment, request_id, reason))
            case _:
                raise TryAgain(f"the carrier does not cancel: {found}", LONGEST_PAUSE_S)

    async def _undo_step(self, session: ShipmentSession) -> bool:
        """Take the next step so that no shipment can leave, or it is known that it did; answers whether nothing is
        left to do."""
        request_id = session.request_id
        match next_undo_step(session.state):
            case CloseShipment():
                await _close(session)
            case AskCarrier() as step:
                await self._find_outcome(session, step)
            case CancelBooking(booking_id):
                await self.cancel(session, booking_id)
            case ShipmentLeft():
                await session.settle(
                    lambda shipment: decisions.cancellation_refused(shipment, request_id, "dispatched")
                )
            case ShipmentUndone():
                await session.settle(lambda shipment: decisions.already_undone(shipment, request_id))
                return True
        return False

    async def _call_book(self, key: UUID, order_id: UUID, recipient: Recipient) -> BookingOutcome:
        return bound_for(recipient.country, await self._carrier.book(key, order_id, recipient))

    async def _find_unheard(self, session: ShipmentSession) -> None:
        """A call may have been handled though nobody heard so: what is found is put on record, and undone from
        there."""
        request_id, before = session.request_id, session.known
        found = await self._calls.find(session, ShippingOperation.SCHEDULE, request_id)
        is_ours = found is not None and not found.carried.is_of_another_order(before.order_id)
        if is_ours and isinstance(found, Booked) and before.booking_id not in (None, found.booking_id):
            await self._cancel_second(session, found.booking_id)
            return
        if await _differs(session, "book", request_id, found):
            return
        if isinstance(found, Booked):
            booking = _booking(found)
            await session.settle(lambda shipment: decisions.scheduled(shipment, request_id, booking, overrules=True))
        if session.known.version > before.version:
            _log.warning("what nobody heard of was done all the same", operation="book", request_id=str(request_id))

    async def _cancel_second(self, session: ShipmentSession, id_: str) -> None:
        """One key, and two bookings: the one that is not on record is dropped, under a key of its own. Raises
        `TryAgain`."""
        request_id = session.request_id
        await session.settle(lambda shipment: decisions.second_found(shipment, request_id, id_))
        await self._calls.undo_second(
            session,
            id_,
            lambda: self._kept(ids.request_id(request_id, f"cancel {id_}"), id_),
            lambda shipment, reason: decisions.second_settled(shipment, request_id, id_, reason),
        )

    async def _kept(self, key: UUID, booking_id: str) -> str | None:
        """Have a second booking dropped; why it is not."""
        match await self._carrier.cancel(key, booking_id):
            case BookingCancelled(cancelled) if cancelled == booking_id:
                return None
            case BookingRejected(reason):
                return reason
        return "its answer differs from what it was asked"

    async def _find_outcome(self, session: ShipmentSession, step: AskCarrier) -> None:
        """A booking has no known outcome: the carrier knows it, once no call can be under way any more.

        Raises `PersonNeeded` where its answer differs from what it was asked, and names nothing that could be dropped.
        """
        found = await self._calls.ask(session, ShippingOperation.SCHEDULE, step.request_id)
        if await _differs(session, "book", step.request_id, found):
            if next_undo_step(session.state) == step:
                raise PersonNeeded
            return
        match found:
            case Booked() as booked:
                await session.settle(lambda shipment: decisions.scheduled(shipment, step.request_id, _booking(booked)))
                return
            case None if session.known.status is ShipmentStatus.DIFFERED:
                raise PersonNeeded  # it said before that it did something, and knows nothing of it now
            case None:
                await self._calls.require_known(session, step.request_id)
        await _close(session)


async def dispatch_shipment(
    store: EventStore, order_id: UUID, metadata: Metadata, *, idempotency: Idempotency | None = None
) -> Accepted:
    """Let the shipment of an order leave; that the order is confirmed is for the caller to check.

    Raises `NotFound`, `CancellationPending`, `ShipmentNotScheduled`, and what `EventStore.append` raises.
    """
    return await _move(store, order_id, shipments.dispatch, metadata, idempotency)


async def deliver_shipment(
    store: EventStore, order_id: UUID, metadata: Metadata, *, idempotency: Idempotency | None = None
) -> Accepted:
    """Note that the shipment of an order arrived.

    Raises `NotFound`, `ShipmentNotDispatched`, and what `EventStore.append` raises.
    """
    return await _move(store, order_id, shipments.deliver, metadata, idempotency)


async def _move(
    store: EventStore,
    order_id: UUID,
    decide: Callable[[Shipment], list[ShipmentEvent]],
    metadata: Metadata,
    idempotency: Idempotency | None,
) -> Accepted:
    def on_history(history: Sequence[Event]) -> Sequence[Event]:
        return decide(existing(shipments.fold(history), f"order {order_id} has no shipment"))

    decision = StreamDecision(
        ids.shipment_id(order_id), on_history, actions=lambda history: shipments.actions_now(shipments.fold(history))
    )
    return await handle_command(store, decision, metadata, correlation_id=order_id, idempotency=idempotency)


def _booking(booked: Booked) -> Booking:
    return Booking(booked.booking_id, booked.tracking_number, booked.carrier, booked.estimated_delivery)


async def _close(session: ShipmentSession) -> None:
    """So that a later attempt conflicts; one that was faster makes the undo begin again."""
    await session.append(decisions.close(session.state, session.order_id, session.request_id))


async def _differs(
    session: ShipmentSession,
    operation: Literal["book", "cancel"],
    request_id: UUID,
    outcome: BookingOutcome | None,
    booking_id: str | None = None,
) -> bool:
    """Whether an answer is about something else than was asked; that is put on record, and is no success."""
    found = shipment_difference(AskedShipment(operation, session.order_id, request_id, booking_id), outcome)
    if found is not None:
        await session.settle_difference(found, lambda shipment: decisions.answer_differed(shipment, found))
    return found is not None
