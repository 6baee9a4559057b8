"""Payments as processes see it, at a provider that holds, takes and gives back money, and sends word by itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Literal, cast
from uuid import UUID, uuid5

from commerce.eventstore import Event, Sealed
from commerce.outside.call_state import call_postponed
from commerce.payments import customer_decisions, refund_decisions
from commerce.payments import decisions as payment_decisions
from commerce.payments import payment as payments
from commerce.payments import undo_plan as payment_undo
from commerce.payments.attempt_commands import accept_attempt
from commerce.payments.disputes import Dispute
from commerce.payments.errors import RefundExceedsCapture
from commerce.payments.events import PaymentAnswerDiffered, PaymentCallPostponed
from commerce.payments.payment import Payment, PaymentOperation, PaymentStatus
from commerce.payments.webhook_events import WebhookUnexplained
from commerce.saga import process as processes
from commerce.saga.events import ProcessEvent
from commerce.saga.request_events import AuthorizationRequested, CaptureRequested, PartialRefundRequested
from commerce.values import ids
from commerce.values.dispute import DisputeStatus
from commerce.values.money import Money
from tests.unit.saga.party import CENT, DONE, NOTHING, Luck, Party

_AUTHORIZATION = "authorization"
_HELD_UNTIL = datetime(2026, 11, 23, 0, 5, tzinfo=UTC)


class Provider(Party):
    """The payment provider, and payments before it."""

    def ask_about_payment(self, order_id: UUID) -> None:
        """What became of the authorisation and the capture goes on record, whatever was done since."""
        account, payment = self.accounts[order_id], self._payment(order_id)
        for operation, attempt in payment.attempted.items() if payment is not None else ():
            assert payment is not None
            if payment.key_of(operation, attempt.request_id) not in account.known:
                continue
            if operation is PaymentOperation.AUTHORIZE:
                found = payment_decisions.authorized(payment, attempt.request_id, _AUTHORIZATION, overrules=True)
                self._say(order_id, found)
            elif operation is PaymentOperation.CAPTURE:
                self._say(order_id, payment_decisions.captured(payment, attempt.request_id, overrules=True))

    def send_word(self, order_id: UUID) -> None:
        """The provider sends a message about a payment: it is asked what became of all that has no outcome."""
        self.ask_about_payment(order_id)
        payment, known = self._payment(order_id), self.accounts[order_id].known
        if payment is None:
            return
        for operation, status, decide in (
            (PaymentOperation.VOID, PaymentStatus.VOIDING, payment_decisions.voided),
            (PaymentOperation.REFUND, PaymentStatus.REFUNDING, payment_decisions.refunded),
        ):
            if payment.status is status and payment.attempted[operation].request_id in known:
                self._unless_forbidden(order_id, partial(decide, payment, payment.attempted[operation].request_id))

    def send_word_of_something_else(self, order_id: UUID) -> None:
        """The provider tells of money that nobody asked it for: what is on record does not explain it."""
        webhook = uuid5(order_id, str(len(self._log.events)))
        self.accounts[order_id].was_told = True
        told = WebhookUnexplained(
            order_id=order_id,
            request_id=webhook,
            authorization_id="auth_else",
            detail="it tells of auth_else, which nobody asked it for",
        )
        assert self._log.say(webhook, [told], order_id)

    def act_as_customer(self, order_id: UUID, *, confirms: bool) -> None:
        """The customer comes back from where they were sent, if anything waits for them; only the first time counts."""
        account = self.accounts[order_id]
        if account.waits is not None and confirms:
            assert not account.held, "money is held once"
            account.held = True
            account.known.add(account.waits)
        account.waits = None

    def choose_another_card(self, order_id: UUID) -> None:
        """The customer wants to pay in another way."""
        self._unless_forbidden(order_id, lambda: accept_attempt(self._payment(order_id), order_id, "pm_card_other"))

    def let_go_in_time(self, order_id: UUID) -> None:
        """The provider holds money no longer than it said."""
        self.accounts[order_id].held = False

    def tell_of_dispute(self, order_id: UUID, status: DisputeStatus) -> None:
        """The customer has the bank take back what they paid, or that is over."""
        payment = self._payment(order_id)
        if payment is not None and payment.captured is not None:
            told = Dispute("dispute", status, payment.captured, "fraudulent")
            self.accounts[order_id].was_told = True
            self._say(order_id, payment_decisions.disputed(payment, _AUTHORIZATION, [told]))

    def ask_for_refund(self, order_id: UUID, refund_id: UUID, amount: Money) -> None:
        """Somebody of the shop asks for money back."""
        new = refund_decisions.NewRefund(refund_id=refund_id, amount=amount, reason=Sealed("sealed"))
        self._unless_forbidden(order_id, lambda: refund_decisions.accept_refund(self._payment(order_id), order_id, new))

    def refunded(self, order_id: UUID) -> Money:
        """What payments knows to be given back."""
        payment = self._payment(order_id)
        return payment.refunded if payment is not None and payment.refunded is not None else NOTHING

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
        if payment is not None and payment.status is PaymentStatus.ACTION_REQUIRED:
            payment = self._ask_about_customer(payment, request)
            if not payment.is_next_try:
                return
        attempt = payment_decisions.authorize(payment, order_id, request, asked.amount, asked.payment_method)
        if not attempt:
            return
        payment = self._pay(order_id, attempt)
        key, account = payment.key_of(PaymentOperation.AUTHORIZE, request), self.accounts[order_id]
        luck = self._done(order_id, key, luck)
        if luck in DONE and key not in account.known:
            assert not account.held, "money is held once"
            account.held = True
            account.known.add(key)
        self._queue(order_id, "held", key, luck)
        match luck:
            case "differs":
                wrong = _another_amount(asked, _AUTHORIZATION)
                self.differs(order_id, payment_decisions.answer_differed(payment, wrong))
            case "works":
                until = _HELD_UNTIL if order_id.int % 2 else None
                self._say(order_id, payment_decisions.authorized(payment, request, _AUTHORIZATION, until))
            case "refused" if payment.tries.action is not None:
                self._say(order_id, customer_decisions.action_failed(payment, request, "insufficient funds"))
                self._ask_about_customer(self._pay(order_id, ()), request)
            case "refused":
                self._say(order_id, payment_decisions.declined(payment, request, "insufficient funds"))
            case "needs the customer":
                account.waits = key
                where = ("waiting", "https://bank.example", _HELD_UNTIL)
                self._say(order_id, customer_decisions.action_required(payment, request, *where))
            case "not now":
                self._say(order_id, _put_off(payment, "authorize", request))
            case "not heard yet":
                pass
            case _:
                self._say(order_id, payment_decisions.unknown(payment, request))

    def _ask_about_customer(self, payment: Payment, request: UUID) -> Payment:
        """Whether the customer has acted; what nobody waits for any more is ended, and never holds money."""
        order_id, account = payment.order_id, self.accounts[payment.order_id]
        process = processes.fold(cast(Iterable[ProcessEvent], self._log.stream(ids.process_id(order_id))))
        is_over = process is None or not process.waits_for_customer
        if payment.is_waiting and payment.key_of(PaymentOperation.AUTHORIZE, request) in account.known:
            return self._pay(order_id, payment_decisions.authorized(payment, request, _AUTHORIZATION))
        if payment.is_waiting and (account.waits is None or is_over or payment.tries.chosen is not None):
            account.waits = None
            payment = self._pay(order_id, customer_decisions.action_failed(payment, request, "given up"))
        if is_over:
            payment = self._pay(order_id, payment_decisions.declined(payment, request, "customer_did_not_act"))
        return payment

    def _capture(self, asked: CaptureRequested, luck: Luck) -> None:
        order_id, request = asked.order_id, asked.request_id
        attempt = payment_decisions.capture(self._pay(order_id, ()), request, asked.amount)
        if not attempt:
            return
        payment, account = self._pay(order_id, attempt), self.accounts[order_id]
        luck = self._done(order_id, request, luck)
        if not account.held and request not in account.known:
            luck = "refused"  # the provider let go of it
        if luck in (*DONE, "needs the customer") and request not in account.known:
            account.held, account.taken = False, True
            account.known.add(request)
        self._queue(order_id, "taken", request, luck)
        match luck:
            case "differs":
                self.differs(order_id, payment_decisions.answer_differed(payment, _another_amount(asked, None)))
            case "works" | "needs the customer":
                self._say(order_id, payment_decisions.captured(payment, request))
            case "refused":
                self._say(order_id, payment_decisions.capture_refused(payment, request, "no longer held"))
            case "not now":
                self._say(order_id, _put_off(payment, "capture", request))
            case "not heard yet":
                pass
            case _:
                self._say(order_id, payment_decisions.unknown(payment, request))

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

    def _undo_payment(self, order_id: UUID, request: UUID, luck: Luck) -> bool:
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
            if luck != "lost" and request not in account.known:
                account.taken = False
                account.given += todo.amount
                account.known.add(request)
            if luck != "works":
                return False
            self._say(order_id, payment_decisions.refunded(payment, request))
        elif isinstance(todo, payment_undo.Void) and luck != "works":
            payment = self._pay(order_id, payment_decisions.void(payment, request))
            self._let_go(payment, request if luck != "lost" else None)
            return False
        elif isinstance(todo, payment_undo.Void):
            self._void(payment, request)
        else:
            self._find_out(payment, todo, request)
        return True

    def _find_out(self, payment: Payment, todo: payment_undo.AskProvider, request: UUID) -> None:
        order_id, asked = payment.order_id, todo.request_id
        is_known = payment.key_of(todo.operation, asked) in self.accounts[order_id].known
        if todo.operation is PaymentOperation.CAPTURE and is_known:
            self._say(order_id, payment_decisions.captured(payment, asked))
        elif todo.operation is PaymentOperation.CAPTURE:
            self._void(payment, request)
        elif is_known:
            self._say(order_id, payment_decisions.authorized(payment, asked, _AUTHORIZATION))
        else:
            self._say(order_id, payment_decisions.close(payment, order_id, request))

    def _void(self, payment: Payment, request: UUID) -> None:
        payment = self._pay(payment.order_id, payment_decisions.void(payment, request))
        self._let_go(payment, request)
        self._say(payment.order_id, payment_decisions.voided(payment, request))

    def _let_go(self, payment: Payment, request: UUID | None) -> None:
        """The provider voids, if the request for it arrives; what waited for its customer is ended with that."""
        account = self.accounts[payment.order_id]
        if request is None:
            return
        account.held, account.waits = False, None
        account.known.add(request)
        if payment.authorization_id is None:
            asked = payment.attempted[PaymentOperation.AUTHORIZE].request_id
            account.known.discard(payment.key_of(PaymentOperation.AUTHORIZE, asked))


def _put_off(payment: Payment, operation: str, request: UUID) -> Sequence[Event]:
    """The provider does not take our credential."""
    about = (payment, PaymentCallPostponed, operation, request)
    return call_postponed(*about, cause="credential_refused", detail="rejects our credential")


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
