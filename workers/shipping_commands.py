"""Carries out commands about parcels: the stream is read first, the carrier is called once an attempt is on record."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from enum import StrEnum
from typing import Literal, assert_never
from uuid import UUID

import structlog

from commerce import ids
from commerce.eventstore.event import Event
from commerce.eventstore.records import Metadata
from commerce.eventstore.store import EventStore
from commerce.ordering import order as ordering
from commerce.saga.events import ShipmentCancellationRequested, ShipmentRequested
from commerce.shipping import shipment as shipments
from commerce.shipping.errors import ShipmentNotOpen
from commerce.shipping.events import BookingAttempted, ShipmentCallPostponed, ShipmentCancellationAttempted
from commerce.shipping.shipment import Booking, Shipment, Status
from commerce.shipping.undo import Ask, Cancel, Close, Refuse, Undone, undo
from workers.gateways.calls import Postponed, RequestRejected
from workers.gateways.carrier import (
    CALL_TIMEOUT_S,
    Booked,
    BookingCancelled,
    Carrier,
    CarrierUnavailable,
    Outcome,
    Recipient,
    Refused,
)
from workers.journal import Journal
from workers.messages import Command
from workers.patience import (
    CREDENTIAL_PAUSE_S,
    KEY_WINDOW,
    LONGEST_PAUSE,
    MOST_ATTEMPTS,
    TryAgain,
    growing,
    in_flight,
)
from workers.recipient import recipient_of
from workers.shipping_answers import Asked, bound_for, difference, names_another_order


class Operation(StrEnum):
    """What is asked of the carrier; the last part of a command's subject."""

    SCHEDULE = "schedule"
    CANCEL = "cancel"


_STEPS = 8
_IN_FLIGHT = in_flight(CALL_TIMEOUT_S)
_ATTEMPTS = (BookingAttempted, ShipmentCancellationAttempted)
_REQUESTS: Mapping[Operation, type[Event]] = {
    Operation.SCHEDULE: ShipmentRequested,
    Operation.CANCEL: ShipmentCancellationRequested,
}
"""The event that the process asks for each operation with."""

_ACTOR = Metadata("service:shipping")
_log = structlog.stdlib.get_logger(__name__)

Case = Journal[Shipment]


class ShippingCommands:
    """What the shipping worker does with a command; safe to repeat, in any process."""

    def __init__(self, store: EventStore, carrier: Carrier) -> None:
        self._store = store
        self._carrier = carrier

    async def carry_out(self, operation: Operation, command: Command) -> None:
        """Carry a command out to its outcome. Raises `TryAgain`, `Unavailable`, `CommerceError` where a person has to look."""
        case = Case(self._store, ids.shipment_id(command.order_id), shipments.fold, command, _ACTOR)
        await case.read(_REQUESTS[operation])
        if case.requested is None:
            _log.warning(
                "a command that the log does not know", operation=operation, request_id=str(command.request_id)
            )
            return
        try:
            if case.waits_for_credential():
                await self._check_credential(command.request_id)
            await self._carry_out(operation, case)
        except Postponed as error:
            await case.arrived()
            pause_s = CREDENTIAL_PAUSE_S if error.cause == "credential_refused" else error.pause_s
            raise TryAgain(str(error), pause_s, is_put_off=True) from None

    async def _check_credential(self, request: UUID) -> None:
        """Ask for something that changes nothing, so that no further call is put on record in vain. Raises `Postponed`."""
        with suppress(CarrierUnavailable):
            await self._carrier.find_operation(request)

    async def _carry_out(self, operation: Operation, case: Case) -> None:
        match operation:
            case Operation.SCHEDULE:
                await self._schedule(case)
            case Operation.CANCEL:
                await self._undo(case, case.command.request_id)
            case _:
                assert_never(operation)

    async def _schedule(self, case: Case) -> None:
        """Book; once there is an outcome, or an undo has taken over, only what is in doubt is asked about."""
        request = case.command.request_id
        if case.state is None or request not in case.state.answered:
            with suppress(ShipmentNotOpen):
                await self._book(case)
                return
        if case.is_doubtful(_ATTEMPTS, request, is_answered=request in _known(case).answered):
            await self._ask_again(case)

    async def _book(self, case: Case) -> None:
        request = case.command.request_id
        outcome = await self._attempt(case)
        if await _differs(case, "book", request, outcome):
            return
        match outcome:
            case Booked() as booked:
                await case.settle(lambda shipment: shipments.scheduled(shipment, request, _booking(booked)))
            case Refused(reason):
                await case.settle(lambda shipment: shipments.refused(shipment, request, reason))
            case _:
                await case.settle(lambda shipment: shipments.outcome_unknown(shipment, request))

    async def _attempt(self, case: Case) -> Outcome | None:
        """Put an attempt on record, then call; None where no call will tell the outcome any more.

        Raises `TryAgain`, and `MissingKey` before anything is on record: the order waits for its key until its deadline.
        """
        request, order_id = case.command.request_id, case.command.order_id
        facts = shipments.attempt_booking(case.state, order_id, request)
        put_off = case.count(ShipmentCallPostponed, request)
        if case.state is not None and case.state.attempts(request) - put_off >= MOST_ATTEMPTS:
            return None
        first, _ = await case.age(_ATTEMPTS, request)
        if first > KEY_WINDOW:
            return await self._carrier.find_operation(request)
        recipient = await self._recipient(order_id)
        await case.append(facts)
        attempts = _known(case).attempts(request) - put_off
        try:
            return bound_for(recipient.country, await self._carrier.book(request, order_id, recipient))
        except Postponed as error:
            await _put_off(case, request, error.cause, str(error))
            raise
        except CarrierUnavailable as error:
            await _note(case, request, str(error))
            if attempts >= MOST_ATTEMPTS:
                _log.warning("no outcome after the last attempt", request_id=str(request), reason=str(error))
                return None
            raise TryAgain(str(error), growing(attempts)) from None
        except RequestRejected as error:
            _log.error("the carrier rejects a request", request_id=str(request), code=error.code)
            await _note(case, request, f"the carrier rejects the request ({error.code})")
            return None

    async def _recipient(self, order_id: UUID) -> Recipient:
        """Where the parcel goes, in plain text for this call only. Raises `MissingKey`, `Unavailable`."""
        facts = (await self._store.read_together([order_id]))[order_id]
        order = ordering.fold(recorded.event for recorded in facts)
        assert order is not None  # a process begins with its order
        address, *phone = await self._store.keys.open_all(filter(None, (order.shipping_address, order.phone)))
        return recipient_of(address, *phone)

    async def _ask_again(self, case: Case) -> None:
        """A call may have been carried out though nobody heard so: what is found is put on record, and undone from there."""
        request, before = case.command.request_id, _known(case)
        found = await self._carrier.find_operation(request)
        is_ours = found is not None and not names_another_order(before.order_id, found)
        if is_ours and isinstance(found, Booked) and before.booking_id not in (None, found.booking_id):
            await self._cancel_second(case, found.booking_id)
            return
        if await _differs(case, "book", request, found):
            return
        if isinstance(found, Booked):
            await case.settle(lambda shipment: shipments.found_scheduled(shipment, request, _booking(found)))
        if _known(case).version > before.version:
            _log.warning("what nobody heard of was done all the same", operation="book", request_id=str(request))

    async def _cancel_second(self, case: Case, id_: str) -> None:
        """One key, and two parcels: the one that is not on record is dropped, under a key of its own. Raises `TryAgain`."""
        request = case.command.request_id
        await case.settle(lambda shipment: shipments.second_found(shipment, request, id_))
        if _known(case).seconds.get(id_, True):
            return
        _log.error("a parcel was booked twice for one request", request_id=str(request), booking_id=id_)
        found: Outcome
        try:
            found = await self._carrier.cancel(ids.request_id(request, f"cancel {id_}"), id_)
        except CarrierUnavailable as error:
            raise TryAgain(str(error)) from None
        except RequestRejected as error:
            found = Refused(error.code, str(error))
        match found:
            case BookingCancelled(booking_id) if booking_id == id_:
                await case.settle(lambda shipment: shipments.second_cancelled(shipment, request, id_))
            case _:
                reason = found.reason if isinstance(found, Refused) else "its answer differs from what it was asked"
                await case.settle(lambda shipment: shipments.second_kept(shipment, request, id_, reason))

    async def _undo(self, case: Case, request: UUID) -> None:
        """Step by step, until no parcel can leave, or it is known that it did."""
        for _ in range(_STEPS):
            if case.state is not None and request in case.state.answered:
                return
            step = undo(case.state)
            match step:
                case Close():
                    await self._close(case, request)
                case Ask():
                    if await self._ask(case, request, step):
                        return
                case Cancel(booking_id):
                    if await self._cancel(case, request, booking_id):
                        return
                case Refuse():
                    await case.settle(lambda shipment: shipments.refuse_cancellation(shipment, request, "dispatched"))
                case Undone():
                    await case.settle(lambda shipment: shipments.already_undone(shipment, request))
                    return
        raise TryAgain("the undo takes more steps")

    async def _close(self, case: Case, request: UUID) -> None:
        """So that a later attempt conflicts; one that was faster makes the undo begin again."""
        await case.append(shipments.close(case.state, case.command.order_id, request))

    async def _ask(self, case: Case, request: UUID, step: Ask) -> bool:
        """A booking has no known outcome: the carrier knows it, once no call can be under way any more.

        Answers whether what it says differs from what it was asked, and names nothing that could be dropped: see `_cancel`.
        """
        _, last = await case.age(_ATTEMPTS, step.request_id)
        found = await self._carrier.find_operation(step.request_id)
        if await _differs(case, "book", step.request_id, found):
            return undo(case.state) == step
        match found:
            case Booked() as booked:
                await case.settle(lambda shipment: shipments.scheduled(shipment, step.request_id, _booking(booked)))
                return False
            case None if last < _IN_FLIGHT and case.is_under_way(_ATTEMPTS, step.request_id):
                raise TryAgain("a call may be under way", (_IN_FLIGHT - last).total_seconds())
            case None if _known(case).status is Status.DIFFERED:
                return True  # it said before that it did something, and knows nothing of it now
        await self._close(case, request)
        return False

    async def _cancel(self, case: Case, request: UUID, booking_id: str) -> bool:
        """Have the booking dropped; tried without end. Raises `TryAgain` where no answer was had.

        Answers whether the carrier does not understand it, or says that it did something else: then a person has to look, and the
        relay sends the request again now and then.
        """
        first, _ = await case.age(_ATTEMPTS, request)
        found: Outcome | None
        if first > KEY_WINDOW:
            found = await self._carrier.find_operation(request)
        else:
            await case.append(shipments.attempt_cancellation(_known(case), request))
            try:
                found = await self._carrier.cancel(request, booking_id)
            except Postponed as error:
                await _put_off(case, request, error.cause, str(error))
                raise
            except RequestRejected as error:
                _log.error("the carrier rejects a request", request_id=str(request), code=error.code)
                await _put_off(case, request, "undo_refused", f"the carrier does not drop the parcel: {error.code}")
                return True
            except CarrierUnavailable as error:
                await _note(case, request, str(error))
                raise TryAgain(str(error), growing(_known(case).attempts(request))) from None
        if await _differs(case, "cancel", request, found, booking_id):
            return True
        match found:
            case BookingCancelled() | Refused(reason="shipment_not_found"):
                await case.settle(lambda shipment: shipments.cancelled(shipment, request))
            case Refused(reason):
                await case.settle(lambda shipment: shipments.refuse_cancellation(shipment, request, reason))
            case _:
                raise TryAgain(f"the carrier does not cancel: {found}", LONGEST_PAUSE)
        return False


def _booking(booked: Booked) -> Booking:
    return Booking(booked.booking_id, booked.tracking_number, booked.carrier, booked.estimated_delivery)


async def _differs(
    case: Case,
    operation: Literal["book", "cancel"],
    request: UUID,
    outcome: Outcome | None,
    booking_id: str | None = None,
) -> bool:
    """Whether an answer is about something else than was asked; that is put on record, and is no success."""
    found = difference(Asked(operation, case.command.order_id, booking_id), outcome)
    if found is None:
        return False
    if shipments.answer_differed(_known(case), request, found):
        _log.error("an answer differs", request_id=str(request), asked=found.asked, answered=found.answered)
    await case.settle(lambda shipment: shipments.answer_differed(shipment, request, found))
    return True


async def _put_off(
    case: Case, request_id: UUID, cause: Literal["credential_refused", "busy", "undo_refused"], detail: str
) -> None:
    """Put on record that the carrier does not do it now, so that the call counts for nothing."""
    await case.settle(lambda shipment: shipments.call_postponed(shipment, request_id, cause, detail))


async def _note(case: Case, request_id: UUID, detail: str) -> None:
    """Put on record that a call told no outcome, for whoever asks later why it was called again."""
    await case.settle(lambda shipment: shipments.call_unanswered(shipment, request_id, detail))


def _known(case: Case) -> Shipment:
    assert case.state is not None  # what was never attempted is closed, and nothing else
    return case.state
