"""Shipping as processes see it, at a carrier that books and stops shipments; and what becomes of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from commerce.eventstore import Event
from commerce.ordering import order as ordering
from commerce.ordering.order import OrderStatus
from commerce.outside.call_state import call_postponed
from commerce.saga.request_events import ShipmentRequested
from commerce.shipping import decisions as shipment_decisions
from commerce.shipping import shipment as shipments
from commerce.shipping import undo_plan as shipment_undo
from commerce.shipping.events import ShipmentAnswerDiffered, ShipmentCallPostponed
from commerce.shipping.shipment import Booking, Shipment, ShippingOperation
from commerce.values import ids
from tests.unit.saga.party import DONE, Luck, Party

_BOOKING = Booking("booking", "TRACK", "Swift", date(2026, 11, 27))


class Carrier(Party):
    """The carrier, and shipping before it."""

    def ask_about_shipment(self, order_id: UUID) -> None:
        """What became of the booking goes on record, whatever was done since."""
        shipment, known = self._shipment(order_id), self.accounts[order_id].known
        booked = shipment.attempted.get(ShippingOperation.SCHEDULE) if shipment is not None else None
        if shipment is not None and booked is not None and booked.request_id in known:
            late = shipment_decisions.scheduled(shipment, booked.request_id, _BOOKING, overrules=True)
            self._say(order_id, late)

    def dispatch(self, order_id: UUID) -> None:
        """The warehouse saw a confirmed order; its cancellation may be under way already."""
        order, shipment = ordering.fold(self._log.stream(order_id)), self._shipment(order_id)
        if order and shipment and OrderStatus.CONFIRMED in (order.status, order.status_before):
            self._unless_forbidden(order_id, lambda: shipments.dispatch(shipment))

    def deliver(self, order_id: UUID) -> None:
        """The courier rings."""
        if shipment := self._shipment(order_id):
            self._unless_forbidden(order_id, lambda: shipments.deliver(shipment))

    def _shipment(self, order_id: UUID) -> Shipment | None:
        return shipments.fold(self._log.stream(ids.shipment_id(order_id)))

    def _ship(self, order_id: UUID, events: Sequence[Event]) -> Shipment:
        """Say it, and answer how the shipment stands."""
        self._say(order_id, events)
        shipment = self._shipment(order_id)
        assert shipment is not None
        return shipment

    def _book(self, asked: ShipmentRequested, luck: Luck) -> None:
        order_id, request = asked.order_id, asked.request_id
        attempt = shipment_decisions.book(self._shipment(order_id), order_id, request)
        if not attempt:
            return
        shipment = self._ship(order_id, attempt)
        luck = self._done(order_id, request, luck)
        if luck in (*DONE, "needs the customer"):
            self.accounts[order_id].booked = True
            self.accounts[order_id].known.add(request)
        self._queue(order_id, "booked", request, luck)
        if luck == "differs":
            wrong = ShipmentAnswerDiffered(
                order_id=order_id,
                request_id=request,
                operation="book",
                asked="a shipment",
                answered="another shipment",
                booking_id="booking",
            )
            self.differs(order_id, shipment_decisions.answer_differed(shipment, wrong))
        elif luck in ("works", "needs the customer"):
            self._say(order_id, _scheduled(shipment, request))
        elif luck == "refused":
            self._say(order_id, shipment_decisions.refused(shipment, request, "not served"))
        elif luck == "not now":
            self._say(order_id, _put_off(shipment, request))
        elif luck != "not heard yet":
            self._say(order_id, shipment_decisions.unknown(shipment, request))

    def _undo_shipment(self, order_id: UUID, request: UUID, luck: Luck) -> bool:
        """Take the next step back; whether there may be another."""
        shipment = self._shipment(order_id)
        todo = shipment_undo.next_undo_step(shipment)
        if shipment and request in shipment.answered:
            return False
        if isinstance(todo, shipment_undo.ShipmentUndone):
            self._say(order_id, shipment_decisions.already_undone(shipment, request) if shipment else ())
            return False
        if shipment is None or isinstance(todo, shipment_undo.CloseShipment):
            self._say(order_id, shipment_decisions.close(shipment, order_id, request))
        elif isinstance(todo, shipment_undo.ShipmentLeft):
            self._say(order_id, shipment_decisions.cancellation_refused(shipment, request, "dispatched"))
        elif isinstance(todo, shipment_undo.CancelBooking):
            self._stop(shipment, request, luck)
        elif todo.request_id in self.accounts[order_id].known:
            self._say(order_id, _scheduled(shipment, todo.request_id))
        else:
            self._say(order_id, shipment_decisions.close(shipment, order_id, request))
        return True

    def _stop(self, shipment: Shipment, request: UUID, luck: Luck) -> None:
        """The carrier drops the booking; only a confirmed order's shipment may be in its hands already."""
        order_id = shipment.order_id
        order = ordering.fold(self._log.stream(order_id))
        shipment = self._ship(order_id, shipment_decisions.cancel(shipment, request))
        if luck == "refused" and order and order.status_before is OrderStatus.CONFIRMED:
            self._say(order_id, shipment_decisions.cancellation_refused(shipment, request, "on the van"))
        else:
            self.accounts[order_id].booked = False
            self._say(order_id, shipment_decisions.cancelled(shipment, request))


def _put_off(shipment: Shipment, request: UUID) -> Sequence[Event]:
    """The carrier does not take our credential."""
    about = (shipment, ShipmentCallPostponed, "schedule", request)
    return call_postponed(*about, cause="credential_refused", detail="rejects our credential")


def _scheduled(shipment: Shipment, request: UUID) -> Sequence[Event]:
    return shipment_decisions.scheduled(shipment, request, _BOOKING)
