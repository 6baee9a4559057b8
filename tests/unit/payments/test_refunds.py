"""Refunds that people ask for: what is accepted, what is kept for them, and what an undo leaves of them."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID, uuid4

import pytest

from commerce.eventstore import Event, Sealed, in_stream
from commerce.payments import decisions
from commerce.payments.errors import (
    LineRefundExceedsOrder,
    NothingCaptured,
    PaymentNotOpen,
    RefundExceedsCapture,
    RefundPending,
    RefundRepeated,
    TooManyRefunds,
)
from commerce.payments.events import PaymentAnswerDiffered, PaymentClosed, RefundLine
from commerce.payments.payment import Payment, PaymentStatus, fold
from commerce.payments.payment_actions import MOST_REFUNDS
from commerce.payments.refund_decisions import NewRefund, accept_refund, refund_failed
from commerce.payments.requested_refunds import RefundStatus
from commerce.payments.undo_plan import AwaitRefund, PaymentUndone, Refund, next_undo_step
from commerce.values import ids
from commerce.values.errors import InvalidInput
from commerce.values.money import Money

ORDER = UUID("11111111-1111-5111-8111-111111111111")
AUTHORIZE, CAPTURE, UNDO, FIRST, SECOND, THIRD = (UUID(int=number) for number in range(1, 7))


def euros(amount: str) -> Money:
    return Money.of(amount, "EUR")


PRICE = euros("20.00")


class Paid:
    """The payment of an order that cost 20 EUR, as it goes on."""

    def __init__(self) -> None:
        self.payment: Payment | None = None
        self.events: list[Event] = []
        self.say(decisions.authorize(None, ORDER, AUTHORIZE, PRICE, "pm_card_ok"))
        self.say(decisions.authorized(self.now, AUTHORIZE, "auth-1"))
        self.say(decisions.capture(self.now, CAPTURE, PRICE))
        self.say(decisions.captured(self.now, CAPTURE))

    @property
    def now(self) -> Payment:
        assert self.payment is not None
        return self.payment

    def say(self, events: Sequence[Event]) -> None:
        version = self.payment.version if self.payment else 0
        self.events += in_stream(list(events), ids.payment_id(ORDER), after=version)
        self.payment = fold(self.events)

    def ask(self, refund: UUID, amount: str, *lines: RefundLine) -> None:
        self.say(accept_refund(self.payment, ORDER, new(refund, amount, *lines)))

    def give_back(self, refund: UUID, amount: str) -> None:
        self.say(decisions.refund(self.now, refund, euros(amount)))
        self.say(decisions.refunded(self.now, refund))

    def status_of(self, refund: UUID) -> RefundStatus:
        return self.now.refunds[refund].status


def new(refund: UUID, amount: str, *lines: RefundLine) -> NewRefund:
    ordered = {1: 3, 2: 1}
    return NewRefund(refund_id=refund, amount=euros(amount), reason=Sealed("sealed"), lines=lines, ordered=ordered)


def pieces(line: int, quantity: int) -> RefundLine:
    return RefundLine(line=line, sku="TEA", quantity=quantity, amount=euros("2.00") * quantity)


def test_refunds_are_accepted_one_after_the_other_up_to_what_was_captured() -> None:
    paid = Paid()
    paid.ask(FIRST, "5.00")
    paid.ask(SECOND, "5.00")
    assert paid.now.refundable == euros("10.00")
    paid.give_back(FIRST, "5.00")
    assert (paid.now.refundable, paid.now.refunded, paid.now.status) == (euros("10.00"), euros("5.00"), "captured")
    paid.ask(THIRD, "10.00")
    paid.give_back(SECOND, "5.00")
    paid.give_back(THIRD, "10.00")
    assert (paid.now.status, paid.now.refundable) == (PaymentStatus.REFUNDED, euros("0.00"))
    assert {refund.status for refund in paid.now.refunds.values()} == {RefundStatus.REFUNDED}


def test_what_is_asked_for_counts_before_it_is_given_back() -> None:
    paid = Paid()
    paid.ask(FIRST, "15.00")
    with pytest.raises(RefundExceedsCapture, match=r"5\.01 EUR cannot be refunded: 5\.00 EUR is left") as rejected:
        paid.ask(SECOND, "5.01")
    assert rejected.value.left == euros("5.00")
    paid.ask(SECOND, "5.00")


def test_the_same_refund_is_accepted_once() -> None:
    paid = Paid()
    paid.ask(FIRST, "15.00")
    with pytest.raises(RefundRepeated):
        paid.ask(FIRST, "15.00")


def test_a_line_is_refunded_no_more_than_it_was_ordered() -> None:
    paid = Paid()
    paid.ask(FIRST, "4.00", pieces(1, 2))
    with pytest.raises(LineRefundExceedsOrder, match="line 1: 2 cannot be refunded: 1 left"):
        paid.ask(SECOND, "4.00", pieces(1, 2))
    paid.ask(SECOND, "2.00", pieces(2, 1))
    paid.say(decisions.refund(paid.now, FIRST, euros("4.00")))
    paid.say(refund_failed(paid.now, FIRST, "insufficient_balance"))
    paid.ask(THIRD, "6.00", pieces(1, 3))


def test_what_failed_is_free_again() -> None:
    paid = Paid()
    paid.ask(FIRST, "20.00")
    paid.say(decisions.refund(paid.now, FIRST, PRICE))
    paid.say(refund_failed(paid.now, FIRST, "insufficient_balance"))
    assert (paid.now.status, paid.now.refundable) == (PaymentStatus.CAPTURED, PRICE)
    assert (paid.status_of(FIRST), paid.now.refunds[FIRST].failure) == (RefundStatus.FAILED, "insufficient_balance")
    assert refund_failed(paid.now, FIRST, "again") == []
    paid.ask(SECOND, "20.00")


@pytest.mark.parametrize("amount", ["0.00", "-1.00"])
def test_nothing_and_less_is_not_refunded(amount: str) -> None:
    with pytest.raises(InvalidInput, match="more than zero"):
        Paid().ask(FIRST, amount)


def test_another_currency_is_not_refunded() -> None:
    refund = NewRefund(refund_id=FIRST, amount=Money.of("1.00", "USD"), reason=Sealed("sealed"))
    with pytest.raises(InvalidInput, match=r"1\.00 USD is not in EUR"):
        accept_refund(Paid().payment, ORDER, refund)


def test_before_anything_was_captured_nothing_is_refunded() -> None:
    with pytest.raises(NothingCaptured):
        accept_refund(None, ORDER, new(FIRST, "1.00"))


def test_an_order_has_so_many_refunds_at_most() -> None:
    paid = Paid()
    for _ in range(MOST_REFUNDS):
        paid.ask(uuid4(), "0.01")
    with pytest.raises(TooManyRefunds):
        paid.ask(FIRST, "0.01")


def test_an_undo_waits_for_a_refund_under_way_and_gives_back_the_rest() -> None:
    paid = Paid()
    paid.ask(FIRST, "5.00")
    assert next_undo_step(paid.payment) == Refund("auth-1", PRICE)
    paid.say(decisions.refund(paid.now, FIRST, euros("5.00")))
    assert next_undo_step(paid.payment) == AwaitRefund()
    with pytest.raises(RefundPending):
        decisions.refund(paid.now, UNDO, PRICE)
    paid.say(decisions.refunded(paid.now, FIRST))
    assert next_undo_step(paid.payment) == Refund("auth-1", euros("15.00"))
    paid.give_back(UNDO, "15.00")
    assert next_undo_step(paid.payment) == PaymentUndone()


def test_while_an_undo_gives_everything_back_no_refund_is_accepted_and_none_is_made() -> None:
    paid = Paid()
    paid.ask(FIRST, "5.00")
    paid.say(decisions.refund(paid.now, UNDO, PRICE))
    with pytest.raises(PaymentNotOpen):
        paid.ask(SECOND, "5.00")
    with pytest.raises(RefundPending):
        decisions.refund(paid.now, FIRST, euros("5.00"))
    paid.say(decisions.refunded(paid.now, UNDO))
    with pytest.raises(RefundExceedsCapture):
        decisions.refund(paid.now, FIRST, euros("5.00"))
    paid.say(refund_failed(paid.now, FIRST, "given_back_before"))
    assert (paid.now.status, paid.status_of(FIRST)) == (PaymentStatus.REFUNDED, RefundStatus.FAILED)


def test_an_undo_of_what_was_refunded_in_parts_has_its_outcome_and_the_payment_stays_refunded() -> None:
    paid = Paid()
    paid.ask(FIRST, "20.00")
    paid.give_back(FIRST, "20.00")
    assert next_undo_step(paid.payment) == PaymentUndone()
    (closed,) = decisions.already_undone(paid.now, UNDO)
    assert isinstance(closed, PaymentClosed)
    paid.say([closed])
    assert (paid.now.status, paid.now.answered >= {UNDO}) == (PaymentStatus.REFUNDED, True)
    assert decisions.already_undone(paid.now, UNDO) == []


def test_what_was_given_back_otherwise_is_no_refund_and_counts_as_it_was() -> None:
    paid = Paid()
    paid.ask(FIRST, "5.00")
    paid.say(decisions.refund(paid.now, FIRST, euros("5.00")))
    differed = PaymentAnswerDiffered(
        order_id=ORDER,
        request_id=FIRST,
        operation="refund",
        asked="5.00 EUR",
        answered="6.00 EUR",
        status="refunded",
        authorization_id="auth-1",
        amount=euros("6.00"),
    )
    paid.say(decisions.answer_differed(paid.now, differed))
    assert (paid.status_of(FIRST), paid.now.refunds[FIRST].failure) == (RefundStatus.FAILED, "answer_differed")
    assert paid.now.refundable == euros("14.00")
    with pytest.raises(PaymentNotOpen):
        paid.ask(SECOND, "1.00")
