"""Carries out commands about parcels: the stream is read first, the carrier is called once an attempt is on record."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from enum import StrEnum
from typing import Literal, assert_never
from uuid import UUID

import structlog

from commerce.eventstore import Event, EventStore, Metadata
from commerce.ordering import order as ordering
from commerce.saga.events import ShipmentCancellationRequested, ShipmentRequested
from commerce.shipping import shipment as shipments
from commerce.shipping.errors import ShipmentNotOpen
from commerce.shipping.events import BookingAttempted, ShipmentCallPostponed, ShipmentCancellationAttempted
from commerce.shipping.shipment import Booking, Shipment, ShipmentStatus
from commerce.shipping.undo import AskCarrier, CancelBooking, CloseShipment, Refuse, ShipmentUndone, undo
from commerce.values import ids
from workers.gateways.calls import Postponed, RequestRejected
from workers.gateways.carrier import (
    CALL_TIMEOUT_S,
    Booked,
    BookingCancelled,
    BookingRejected,
    Carrier,
    CarrierUnavailable,
    Outcome,
    Recipient,
)
from workers.gateways.recipient import recipient_of
from workers.gateways.shipping_comparison import AskedShipment, booking_of_another_order, bound_for, shipment_difference
from workers.outbox.messages import Command
from workers.runtime.retries import (
    CREDENTIAL_PAUSE_S,
    KEY_WINDOW,
    LONGEST_PAUSE_S,
    MOST_ATTEMPTS,
    TryAgain,
    growing,
    in_flight,
)
from workers.runtime.stream_session import StreamSession


class ShippingOperation(StrEnum):
    """What is asked of the carrier; the last part of a command's subject."""

    SCHEDULE = "schedule"
    CANCEL = "cancel"


_MOST_UNDO_STEPS = 8
_IN_FLIGHT = in_flight(CALL_TIMEOUT_S)
_ATTEMPTS = (BookingAttempted, ShipmentCancellationAttempted)
_REQUESTS: Mapping[ShippingOperation, type[Event]] = {
    ShippingOperation.SCHEDULE: ShipmentRequested,
    ShippingOperation.CANCEL: ShipmentCancellationRequested,
}
"""The event that the process asks for each operation with."""

_ACTOR = Metadata("service:shipping")
_log = structlog.stdlib.get_logger(__name__)

ShipmentSession = StreamSession[Shipment]


class ShippingCommands:
    """What the shipping worker does with a command; safe to repeat, in any process."""

    def __init__(self, store: EventStore, carrier: Carrier) -> None:
        self._store = store
        self._carrier = carrier

    async def handle(self, operation: ShippingOperation, command: Command) -> None:
        """Carry a command out to its outcome. Raises `TryAgain`, `Unavailable`, `CommerceError` where a person
        has to look."""
        session = ShipmentSession(self._store, ids.shipment_id(command.order_id), shipments.fold, command, _ACTOR)
        await session.read(_REQUESTS[operation])
        if session.requested is None:
            _log.warning(
                "a command that the log does not know", operation=operation, request_id=str(command.request_id)
            )
            return
        try:
            if session.waits_for_credential():
                await self._check_credential(command.request_id)
            await self._handle(operation, session)
        except Postponed as error:
            await session.arrived()
            pause_s = CREDENTIAL_PAUSE_S if error.cause == "credential_refused" else error.pause_s
            raise TryAgain(str(error), pause_s, is_put_off=True) from None

    async def _check_credential(self, request: UUID) -> None:
        """Ask for something that changes nothing, so that no further call is put on record in vain. Raises
        `Postponed`."""
        with suppress(CarrierUnavailable):
            await self._carrier.find_operation(request)

    async def _handle(self, operation: ShippingOperation, session: ShipmentSession) -> None:
        match operation:
            case ShippingOperation.SCHEDULE:
                await self._schedule(session)
            case ShippingOperation.CANCEL:
                await self._undo(session, session.command.request_id)
            case _:
                assert_never(operation)

    async def _schedule(self, session: ShipmentSession) -> None:
        """Book; once there is an outcome, or an undo has taken over, only what is in doubt is asked about."""
        request = session.command.request_id
        if session.state is None or request not in session.state.answered:
            with suppress(ShipmentNotOpen):
                await self._book(session)
                return
        if session.is_doubtful(_ATTEMPTS, request, is_answered=request in _known(session).answered):
            await self._ask_again(session)

    async def _book(self, session: ShipmentSession) -> None:
        request = session.command.request_id
        outcome = await self._attempt(session)
        if await _differs(session, "book", request, outcome):
            return
        match outcome:
            case Booked() as booked:
                await session.settle(lambda shipment: shipments.scheduled(shipment, request, _booking(booked)))
            case BookingRejected(reason):
                await session.settle(lambda shipment: shipments.refused(shipment, request, reason))
            case _:
                await session.settle(lambda shipment: shipments.outcome_unknown(shipment, request))

    async def _attempt(self, session: ShipmentSession) -> Outcome | None:
        """Put an attempt on record, then call; None where no call will tell the outcome any more.

        Raises `TryAgain`, and `MissingKey` before anything is on record: the order waits for its key until its
        deadline.
        """
        request, order_id = session.command.request_id, session.command.order_id
        events = shipments.attempt_booking(session.state, order_id, request)
        put_off = session.count(ShipmentCallPostponed, request)
        if session.state is not None and session.state.attempts(request) - put_off >= MOST_ATTEMPTS:
            return None
        first, _ = await session.age(_ATTEMPTS, request)
        if first > KEY_WINDOW:
            return await self._carrier.find_operation(request)
        recipient = await self._recipient(order_id)
        await session.append(events)
        attempts = _known(session).attempts(request) - put_off
        try:
            return bound_for(recipient.country, await self._carrier.book(request, order_id, recipient))
        except Postponed as error:
            await _put_off(session, request, error.cause, str(error))
            raise
        except CarrierUnavailable as error:
            await _note(session, request, str(error))
            if attempts >= MOST_ATTEMPTS:
                _log.warning("no outcome after the last attempt", request_id=str(request), reason=str(error))
                return None
            raise TryAgain(str(error), growing(attempts)) from None
        except RequestRejected as error:
            _log.error("the carrier rejects a request", request_id=str(request), code=error.code)
            await _note(session, request, f"the carrier rejects the request ({error.code})")
            return None

    async def _recipient(self, order_id: UUID) -> Recipient:
        """Where the shipment goes, in plain text for this call only. Raises `MissingKey`, `Unavailable`."""
        events = (await self._store.read_together([order_id]))[order_id]
        order = ordering.fold(recorded.event for recorded in events)
        assert order is not None  # a process begins with its order
        address, *phone = await self._store.keys.open_all(filter(None, (order.shipping_address, order.phone)))
        return recipient_of(address, *phone)

    async def _ask_again(self, session: ShipmentSession) -> None:
        """A call may have been handled though nobody heard so: what is found is put on record, and undone from
        there."""
        request, before = session.command.request_id, _known(session)
        found = await self._carrier.find_operation(request)
        is_ours = found is not None and not booking_of_another_order(before.order_id, found)
        if is_ours and isinstance(found, Booked) and before.booking_id not in (None, found.booking_id):
            await self._cancel_second(session, found.booking_id)
            return
        if await _differs(session, "book", request, found):
            return
        if isinstance(found, Booked):
            await session.settle(lambda shipment: shipments.found_scheduled(shipment, request, _booking(found)))
        if _known(session).version > before.version:
            _log.warning("what nobody heard of was done all the same", operation="book", request_id=str(request))

    async def _cancel_second(self, session: ShipmentSession, id_: str) -> None:
        """One key, and two parcels: the one that is not on record is dropped, under a key of its own. Raises
        `TryAgain`."""
        request = session.command.request_id
        await session.settle(lambda shipment: shipments.second_found(shipment, request, id_))
        if _known(session).seconds.get(id_, True):
            return
        _log.error("a shipment was booked twice for one request", request_id=str(request), booking_id=id_)
        found: Outcome
        try:
            found = await self._carrier.cancel(ids.request_id(request, f"cancel {id_}"), id_)
        except CarrierUnavailable as error:
            raise TryAgain(str(error)) from None
        except RequestRejected as error:
            found = BookingRejected(error.code, str(error))
        match found:
            case BookingCancelled(booking_id) if booking_id == id_:
                await session.settle(lambda shipment: shipments.second_cancelled(shipment, request, id_))
            case _:
                reason = (
                    found.reason if isinstance(found, BookingRejected) else "its answer differs from what it was asked"
                )
                await session.settle(lambda shipment: shipments.second_kept(shipment, request, id_, reason))

    async def _undo(self, session: ShipmentSession, request: UUID) -> None:
        """Step by step, until no shipment can leave, or it is known that it did."""
        for _ in range(_MOST_UNDO_STEPS):
            if session.state is not None and request in session.state.answered:
                return
            step = undo(session.state)
            match step:
                case CloseShipment():
                    await self._close(session, request)
                case AskCarrier():
                    if await self._ask(session, request, step):
                        return
                case CancelBooking(booking_id):
                    if await self._cancel(session, request, booking_id):
                        return
                case Refuse():
                    await session.settle(
                        lambda shipment: shipments.refuse_cancellation(shipment, request, "dispatched")
                    )
                case ShipmentUndone():
                    await session.settle(lambda shipment: shipments.already_undone(shipment, request))
                    return
        raise TryAgain("the undo takes more steps")

    async def _close(self, session: ShipmentSession, request: UUID) -> None:
        """So that a later attempt conflicts; one that was faster makes the undo begin again."""
        await session.append(shipments.close(session.state, session.command.order_id, request))

    async def _ask(self, session: ShipmentSession, request: UUID, step: AskCarrier) -> bool:
        """A booking has no known outcome: the carrier knows it, once no call can be under way any more.

        Answers whether what it says differs from what it was asked, and names nothing that could be dropped: see
        `_cancel`.
        """
        _, last = await session.age(_ATTEMPTS, step.request_id)
        found = await self._carrier.find_operation(step.request_id)
        if await _differs(session, "book", step.request_id, found):
            return undo(session.state) == step
        match found:
            case Booked() as booked:
                await session.settle(lambda shipment: shipments.scheduled(shipment, step.request_id, _booking(booked)))
                return False
            case None if last < _IN_FLIGHT and session.is_under_way(_ATTEMPTS, step.request_id):
                raise TryAgain("a call may be under way", (_IN_FLIGHT - last).total_seconds())
            case None if _known(session).status is ShipmentStatus.DIFFERED:
                return True  # it said before that it did something, and knows nothing of it now
        await self._close(session, request)
        return False

    async def _cancel(self, session: ShipmentSession, request: UUID, booking_id: str) -> bool:
        """Have the booking dropped; tried without end. Raises `TryAgain` where no answer was had.

        Answers whether the carrier does not understand it, or says that it did something else: then a person has to
        look, and the relay sends the request again now and then.
        """
        first, _ = await session.age(_ATTEMPTS, request)
        found: Outcome | None
        if first > KEY_WINDOW:
            found = await self._carrier.find_operation(request)
        else:
            await session.append(shipments.attempt_cancellation(_known(session), request))
            try:
                found = await self._carrier.cancel(request, booking_id)
            except Postponed as error:
                await _put_off(session, request, error.cause, str(error))
                raise
            except RequestRejected as error:
                _log.error("the carrier rejects a request", request_id=str(request), code=error.code)
                await _put_off(
                    session, request, "undo_refused", f"the carrier does not drop the shipment: {error.code}"
                )
                return True
            except CarrierUnavailable as error:
                await _note(session, request, str(error))
                raise TryAgain(str(error), growing(_known(session).attempts(request))) from None
        if await _differs(session, "cancel", request, found, booking_id):
            return True
        match found:
            case BookingCancelled() | BookingRejected(reason="shipment_not_found"):
                await session.settle(lambda shipment: shipments.cancelled(shipment, request))
            case BookingRejected(reason):
                await session.settle(lambda shipment: shipments.refuse_cancellation(shipment, request, reason))
            case _:
                raise TryAgain(f"the carrier does not cancel: {found}", LONGEST_PAUSE_S)
        return False


def _booking(booked: Booked) -> Booking:
    return Booking(booked.booking_id, booked.tracking_number, booked.carrier, booked.estimated_delivery)


async def _differs(
    session: ShipmentSession,
    operation: Literal["book", "cancel"],
    request: UUID,
    outcome: Outcome | None,
    booking_id: str | None = None,
) -> bool:
    """Whether an answer is about something else than was asked; that is put on record, and is no success."""
    found = shipment_difference(AskedShipment(operation, session.command.order_id, booking_id), outcome)
    if found is None:
        return False
    if shipments.answer_differed(_known(session), request, found):
        _log.error("an answer differs", request_id=str(request), asked=found.asked, answered=found.answered)
    await session.settle(lambda shipment: shipments.answer_differed(shipment, request, found))
    return True


async def _put_off(
    session: ShipmentSession,
    request_id: UUID,
    cause: Literal["credential_refused", "busy", "undo_refused"],
    detail: str,
) -> None:
    """Put on record that the carrier does not do it now, so that the call counts for nothing."""
    await session.settle(lambda shipment: shipments.call_postponed(shipment, request_id, cause, detail))


async def _note(session: ShipmentSession, request_id: UUID, detail: str) -> None:
    """Put on record that a call told no outcome, for whoever asks later why it was called again."""
    await session.settle(lambda shipment: shipments.call_unanswered(shipment, request_id, detail))


def _known(session: ShipmentSession) -> Shipment:
    assert session.state is not None  # what was never attempted is closed, and nothing else
    return session.state
