"""A payment at the provider that is no order's of ours: a case in the place of an order, told once."""

from __future__ import annotations

from commerce.eventstore import in_stream
from commerce.payments.webhook_events import UnknownPaymentTold
from commerce.saga.case_events import CaseOpened
from commerce.saga.decide import react
from commerce.saga.events import UnclaimedMoneyFound
from commerce.saga.process import Process, Stage, fold
from commerce.values import ids
from commerce.values.money import Money
from tests.unit.saga.inputs import EUR_30, LATER, LIMITS, ORDER, PROCESS

EUR_40 = Money.of("40.00", "EUR")


def told(amount: Money | None = EUR_30, detail: str = "it holds 30.00 EUR") -> UnknownPaymentTold:
    return UnknownPaymentTold(
        stands_for=ORDER,
        request_id=ids.request_id(PROCESS, "webhook"),
        authorization_id="auth-9",
        amount=amount,
        detail=detail,
    )


FOUND = UnclaimedMoneyFound(order_id=ORDER, amount=EUR_30)
OPENED = CaseOpened(
    order_id=ORDER, kind="unknown_payment", detail="payment provider: it holds 30.00 EUR", outlasts_undoing=True
)


def test_it_begins_with_the_money_and_a_case() -> None:
    reaction = react(None, told(), LATER, LIMITS)
    assert list(reaction.events) == in_stream([FOUND.model_copy(), OPENED.model_copy()], PROCESS, after=0)
    process = fold(reaction.events)
    assert process == reaction.process
    assert process is not None
    assert (process.id, process.order_id, process.version, process.stage) == (PROCESS, ORDER, 2, Stage.NO_ORDER)
    assert (process.total, process.payment_method, process.wanted) == (EUR_30, "", ())


def begun() -> Process:
    process = react(None, told(), LATER, LIMITS).process
    assert process is not None
    return process


def test_what_is_told_again_is_followed_by_nothing() -> None:
    assert react(begun(), told(), LATER, LIMITS).events == ()


def test_another_amount_is_recorded_and_another_detail_told() -> None:
    reaction = react(begun(), told(EUR_40, "it took 40.00 EUR"), LATER, LIMITS)
    assert list(reaction.events) == in_stream(
        [
            FOUND.model_copy(update={"amount": EUR_40}),
            OPENED.model_copy(update={"detail": "payment provider: it took 40.00 EUR"}),
        ],
        PROCESS,
        after=2,
    )
    assert reaction.process is not None
    assert (reaction.process.total, reaction.process.version) == (EUR_40, 4)
