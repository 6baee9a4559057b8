"""Payments and shipping as processes see them: messages arrive in any order, more than once, with any luck."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal
from uuid import UUID

from commerce.eventstore import Event, Sealed
from commerce.ordering import order as ordering
from commerce.ordering.order import OrderStatus
from commerce.payments import decisions as payment_decisions
from commerce.payments import payment as payments
from commerce.payments import refund_decisions
from commerce.payments import undo_plan as payment_undo
from commerce.payments.errors import RefundExceedsCapture
from commerce.payments.events import PaymentAnswerDiffered
from commerce.payments.payment import Payment, PaymentOperation, PaymentStatus
from commerce.saga.request_events import (
    AuthorizationRequested,
    CaptureRequested,
    PartialRefundRequested,
    RefundRequested,
    ShipmentCancellationRequested,
    ShipmentRequested,
    VoidRequested,
)
from commerce.shipping import decisions as shipment_decisions
from commerce.shipping import shipment as shipments
from commerce.shipping import undo_plan as shipment_undo
from commerce.shipping.events import ShipmentAnswerDiffered
from commerce.shipping.shipment import Booking, Shipment, ShippingOperation
from commerce.values import ids
from commerce.values.errors import RuleBroken
from commerce.values.money import Money
from tests.unit.saga.log import Log

Luck = Literal["works", "refused", "differs", "done unseen", "done late", "lost"]
"""What becomes of a call to the outside; the last three look alike to the caller. What `differs` is done
otherwise than asked; what is `done late` is done at any time after that, whatever became of the order meanwhile."""

Message = (
    AuthorizationRequested
    | CaptureRequested
    | VoidRequested
    | RefundRequested
    | PartialRefundRequested
    | ShipmentRequested
    | ShipmentCancellationRequested
)

CENT = Money.of("0.01", "EUR")
NOTHING = Money.zero("EUR")


@dataclass
class Account:
    """What provider and carrier really hold for an order."""

    held: bool = False
    taken: bool = False
    given: Money = NOTHING
    """What the provider gave back."""
    booked: bool = False
    differs: bool = False
    """Whether something was done otherwise than it was asked for."""
    known: set[UUID] = field(default_factory=set)
    """The requests that arrived there."""
    queued: list[tuple[str, UUID]] = field(default_factory=list)
    """What is still to be done: an attribute of this account, for a request."""
    was_late: bool = False


class Outside:
    """Carries out messages by the rules of payments and shipping, at a provider and a carrier that have luck or not."""

    def __init__(self, log: Log) -> None:
        self.accounts: dict[UUID, Account] = defaultdict(Account)
        self._log = log

    def arrive(self, message: Message, luck: Luck) -> None:
        """One message reaches its consumer; that a rule forbids it by now is an outcome too."""
        order_id, request = message.order_id, message.request_id
        try:
            match message:
                case AuthorizationRequested():
                    self._authorize(message, luck)
                case CaptureRequested():
                    self._capture(message, luck)
                case VoidRequested() | RefundRequested():
                    while luck == "works" and self._undo_payment(order_id, request):
                        pass
                case PartialRefundRequested():
                    self._refund_part(message, luck)
                case ShipmentRequested():
                    self._book(message, luck)
                case ShipmentCancellationRequested():
                    while luck in ("works", "refused") and self._undo_shipment(order_id, request, luck):
                        pass
        except RuleBroken:
            return

    def do_what_is_late(self, order_id: UUID) -> None:
        """The party gets to what it was asked for long ago."""
        account = self.accounts[order_id]
        for what, request in account.queued:
            setattr(account, what, True)
            account.held = account.held and what != "taken"
            account.known.add(request)
            account.was_late = True
        account.queued.clear()

    def ask_again(self, order_id: UUID) -> None:
        """The relay sends commands again whose calls nobody heard the end of: each party is asked what became of
        them."""
        account, payment, shipment = self.accounts[order_id], self._payment(order_id), self._shipment(order_id)
        if payment is not None:
            for operation, attempt in payment.attempted.items():
                if operation is PaymentOperation.AUTHORIZE and attempt.request_id in account.known:
                    found = payment_decisions.authorized(payment, attempt.request_id, "authorization", overrules=True)
                    self._say(order_id, found)
                elif operation is PaymentOperation.CAPTURE and attempt.request_id in account.known:
                    self._say(order_id, payment_decisions.captured(payment, attempt.request_id, overrules=True))
        booked = shipment.attempted.get(ShippingOperation.SCHEDULE) if shipment is not None else None
        if shipment is not None and booked is not None and booked.request_id in account.known:
            late = shipment_decisions.scheduled(shipment, booked.request_id, _BOOKING, overrules=True)
            self._say(order_id, late)

    def ask_for_refund(self, order_id: UUID, refund_id: UUID, amount: Money) -> None:
        """Somebody of the shop asks for money back."""
        new = refund_decisions.NewRefund(refund_id=refund_id, amount=amount, reason=Sealed("sealed"))
        self._unless_forbidden(order_id, lambda: refund_decisions.accept_refund(self._payment(order_id), order_id, new))

    def refunded(self, order_id: UUID) -> Money:
        """What payments knows to be given back."""
        payment = self._payment(order_id)
        return payment.refunded if payment is not None and payment.refunded is not None else NOTHING

    def dispatch(self, order_id: UUID) -> None:
        """The warehouse saw a confirmed order; its cancellation may be under way already."""
        order, shipment = ordering.fold(self._log.stream(order_id)), self._shipment(order_id)
        if order and shipment and OrderStatus.CONFIRMED in (order.status, order.status_before):
            self._unless_forbidden(order_id, lambda: shipments.dispatch(shipment))

    def deliver(self, order_id: UUID) -> None:
        """The courier rings."""
        if shipment := self._shipment(order_id):
            self._unless_forbidden(order_id, lambda: shipments.deliver(shipment))

    def differs(self, order_id: UUID, events: Sequence[Event]) -> None:
        """What was asked was done otherwise, and the answer says so."""
        self.accounts[order_id].differs |= bool(events)
        self._say(order_id, events)

    def _unless_forbidden(self, order_id: UUID, decide: Callable[[], Sequence[Event]]) -> None:
        try:
            self._say(order_id, decide())
        except RuleBroken:
            return

    def _say(self, order_id: UUID, events: Sequence[Event]) -> None:
        for event in events:
            stream = _STREAMS[event.TOPIC.partition(".")[0]](order_id)
            assert self._log.say(stream, [event], order_id)

    def _payment(self, order_id: UUID) -> Payment | None:
        return payments.fold(self._log.stream(ids.payment_id(order_id)))

    def _pay(self, order_id: UUID, events: Sequence[Event]) -> Payment:
        """Say it, and answer how the payment stands."""
        self._say(order_id, events)
        payment = self._payment(order_id)
        assert payment is not None
        return payment

    def _authorize(self, asked: AuthorizationRequested, luck: Luck) -> None:
        order_id, request, payment = asked.order_id, asked.request_id, self._payment(asked.order_id)
        attempt = payment_decisions.authorize(payment, order_id, request, asked.amount, asked.payment_method)
        if not attempt:
            return
        payment = self._pay(order_id, attempt)
        if luck in ("works", "differs", "done unseen"):
            self.accounts[order_id].held = True
            self.accounts[order_id].known.add(request)
        self._queue(order_id, "held", request, luck)
        if luck == "differs":
            self.differs(order_id, payment_decisions.answer_differed(payment, _another_amount(asked, "authorization")))
        elif luck == "works":
            self._say(order_id, payment_decisions.authorized(payment, request, "authorization"))
        elif luck == "refused":
            self._say(order_id, payment_decisions.declined(payment, request, "insufficient funds"))
        else:
            self._say(order_id, payment_decisions.unknown(payment, request))

    def _capture(self, asked: CaptureRequested, luck: Luck) -> None:
        order_id, request = asked.order_id, asked.request_id
        attempt = payment_decisions.capture(self._pay(order_id, ()), request, asked.amount)
        if not attempt:
            return
        payment = self._pay(order_id, attempt)
        if luck in ("works", "differs", "done unseen"):
            self.accounts[order_id].held = False
            self.accounts[order_id].taken = True
            self.accounts[order_id].known.add(request)
        self._queue(order_id, "taken", request, luck)
        if luck == "differs":
            self.differs(order_id, payment_decisions.answer_differed(payment, _another_amount(asked, None)))
            return
        known = luck == "works"
        self._say(
            order_id,
            payment_decisions.captured(payment, request) if known else payment_decisions.unknown(payment, request),
        )

    def _refund_part(self, asked: PartialRefundRequested, luck: Luck) -> None:
        order_id, request, account = asked.order_id, asked.request_id, self.accounts[asked.order_id]
        payment = self._pay(order_id, ())
        if request in payment.answered:
            return
        try:
            attempt = payment_decisions.refund(payment, request, asked.amount)
        except RefundExceedsCapture:
            self._say(order_id, refund_decisions.refund_failed(payment, request, "given_back_before"))
            return
        is_known = request in account.known
        payment = self._pay(order_id, () if is_known else attempt)
        if luck in ("works", "done unseen", "differs") and not is_known:
            account.known.add(request)
            account.given += asked.amount if luck != "differs" else CENT
        if luck == "works":
            self._say(order_id, payment_decisions.refunded(payment, request))
        elif luck == "refused" and not is_known:
            self._say(order_id, refund_decisions.refund_failed(payment, request, "insufficient_balance"))
        elif luck == "differs" and not is_known:
            wrong = _another_amount(asked, "authorization")
            self._say(order_id, payment_decisions.answer_differed(payment, wrong))

    def _queue(self, order_id: UUID, what: str, request: UUID, luck: Luck) -> None:
        if luck == "done late":
            self.accounts[order_id].queued.append((what, request))

    def _undo_payment(self, order_id: UUID, request: UUID) -> bool:
        """Take the next step back; whether there may be another."""
        payment, account = self._payment(order_id), self.accounts[order_id]
        if payment and request in payment.answered:
            return False
        todo = payment_undo.next_undo_step(payment)
        if isinstance(todo, payment_undo.PaymentUndone):
            account.taken = account.taken and (payment is None or payment.status is not PaymentStatus.REFUNDED)
            self._say(order_id, payment_decisions.already_undone(payment, request) if payment else ())
            return False
        if payment is None or isinstance(todo, payment_undo.ClosePayment):
            self._say(order_id, payment_decisions.close(payment, order_id, request))
        elif isinstance(todo, payment_undo.AwaitRefund):
            return False
        elif isinstance(todo, payment_undo.Refund):
            payment = self._pay(order_id, payment_decisions.refund(payment, request, todo.amount))
            account.taken = False
            account.given += todo.amount
            self._say(order_id, payment_decisions.refunded(payment, request))
        elif isinstance(todo, payment_undo.Void):
            self._void(payment, request)
        else:
            self._find_out(payment, todo, request)
        return True

    def _find_out(self, payment: Payment, todo: payment_undo.AskProvider, request: UUID) -> None:
        order_id, asked = payment.order_id, todo.request_id
        is_known = asked in self.accounts[order_id].known
        if todo.operation is PaymentOperation.CAPTURE and is_known:
            self._say(order_id, payment_decisions.captured(payment, asked))
        elif todo.operation is PaymentOperation.CAPTURE:
            self._void(payment, request)
        elif is_known:
            self._say(order_id, payment_decisions.authorized(payment, asked, "authorization"))
        else:
            self._say(order_id, payment_decisions.close(payment, order_id, request))

    def _void(self, payment: Payment, request: UUID) -> None:
        payment = self._pay(payment.order_id, payment_decisions.void(payment, request))
        self.accounts[payment.order_id].held = False
        self._say(payment.order_id, payment_decisions.voided(payment, request))

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
        if luck in ("works", "differs", "done unseen"):
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
        elif luck == "works":
            self._say(order_id, _scheduled(shipment, request))
        elif luck == "refused":
            self._say(order_id, shipment_decisions.refused(shipment, request, "not served"))
        else:
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


def _scheduled(shipment: Shipment, request: UUID) -> Sequence[Event]:
    return shipment_decisions.scheduled(shipment, request, _BOOKING)


_STREAMS = {"payments": ids.payment_id, "shipping": ids.shipment_id}
_BOOKING = Booking("booking", "TRACK", "Swift", date(2026, 11, 27))


_DONE: dict[
    type[Event], tuple[Literal["authorize", "capture", "refund"], Literal["authorized", "captured", "refunded"]]
] = {
    AuthorizationRequested: ("authorize", "authorized"),
    CaptureRequested: ("capture", "captured"),
    PartialRefundRequested: ("refund", "refunded"),
}


def _another_amount(
    asked: AuthorizationRequested | CaptureRequested | PartialRefundRequested, authorization_id: str | None
) -> PaymentAnswerDiffered:
    operation, status = _DONE[type(asked)]
    return PaymentAnswerDiffered(
        order_id=asked.order_id,
        request_id=asked.request_id,
        operation=operation,
        asked=str(asked.amount),
        answered="another amount",
        status=status,
        authorization_id=authorization_id,
        amount=CENT,
    )
