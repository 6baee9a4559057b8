"""How an authorisation at the provider differs from what is on record: every kind of difference, and none."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from commerce.eventstore import Event
from commerce.outside.ledger import DifferenceKind, LedgerDifference
from commerce.payments.disputes import Dispute
from commerce.payments.events import (
    CaptureAttempted,
    PaymentDeclined,
    PaymentDisputeClosed,
    PaymentDisputed,
    SecondAuthorizationFound,
    SecondAuthorizationVoided,
    VoidAttempted,
)
from commerce.payments.ledger import payment_ledger_difference, payment_without_order
from commerce.payments.ports import PaymentAtProvider
from commerce.values.money import Money
from tests.unit.payments.test_webhook import AUTHORIZED, FOUR, GIVEN_BACK, LET_GO, ORDER, REQUEST, TAKEN, TEN, payment
from tests.unit.payments.test_webhook import NOTHING as NONE
from tests.unit.payments.test_webhook import says as at_provider

SIX = TEN - FOUR
TEN_USD, NO_USD = Money.of("10.00", "USD"), Money.of("0.00", "USD")
CAPTURING = CaptureAttempted(**REQUEST, attempt=1, amount=TEN)
VOIDING = VoidAttempted(**REQUEST, attempt=1)
DECLINED = PaymentDeclined(**REQUEST, decline_reason="card_declined")
OPEN = Dispute("dp_1", "open", FOUR, "fraudulent", datetime(2026, 12, 10, tzinfo=UTC))
LOST = replace(OPEN, status="lost")
DISPUTED = PaymentDisputed(
    order_id=ORDER,
    authorization_id="auth_1",
    dispute_id="dp_1",
    amount=FOUR,
    reason="fraudulent",
    answer_by=OPEN.answer_by,
)
DISPUTE_LOST = PaymentDisputeClosed(order_id=ORDER, authorization_id="auth_1", dispute_id="dp_1", outcome="lost")


def difference(
    events: list[Event], found: PaymentAtProvider | None, id_: str = "auth_1", *, is_over: bool = False
) -> LedgerDifference | None:
    return payment_ledger_difference(payment(*events), id_, found, is_over=is_over)


@pytest.mark.parametrize(
    ("events", "found", "is_over"),
    [
        ([AUTHORIZED], at_provider(held=TEN), False),
        ([AUTHORIZED, CAPTURING], at_provider(held=TEN), False),
        ([AUTHORIZED, VOIDING], at_provider(held=TEN), False),
        ([AUTHORIZED, *TAKEN], at_provider(captured=TEN), False),
        ([AUTHORIZED, *TAKEN], at_provider(captured=TEN), True),
        ([AUTHORIZED, *TAKEN, *GIVEN_BACK], at_provider(captured=TEN, refunded=FOUR), False),
        ([AUTHORIZED, *LET_GO], at_provider(), True),
        ([AUTHORIZED, *LET_GO], None, True),
        ([AUTHORIZED], at_provider(), True),
        ([DECLINED], None, True),
        ([DECLINED], at_provider(), True),
        ([], at_provider(), False),
    ],
)
def test_ledgers_that_say_the_same_agree(events: list[Event], found: PaymentAtProvider | None, is_over: bool) -> None:
    assert difference(events, found, is_over=is_over) is None


@pytest.mark.parametrize(
    ("events", "found", "is_over", "kind", "words"),
    [
        ([AUTHORIZED], at_provider(captured=TEN), False, "captured_there", "took 10.00 EUR, 0.00 EUR on record"),
        ([AUTHORIZED, *TAKEN], at_provider(), False, "captured_here", "took 0.00 EUR, 10.00 EUR on record"),
        ([AUTHORIZED, *TAKEN], at_provider(held=TEN), False, "captured_here", "took 0.00 EUR, 10.00 EUR on record"),
        ([AUTHORIZED, *TAKEN], at_provider(captured=SIX), False, "amount_differs", "took 6.00 EUR, 10.00 EUR"),
        ([AUTHORIZED], at_provider(held=SIX), False, "amount_differs", "holds 6.00 EUR, 10.00 EUR on record"),
        (
            [AUTHORIZED, *TAKEN],
            PaymentAtProvider("auth_1", str(ORDER), NO_USD, TEN_USD, NO_USD),
            False,
            "currency_differs",
            "10.00 USD at the payment provider, 10.00 EUR on record",
        ),
        (
            [AUTHORIZED, *TAKEN],
            at_provider(captured=TEN, refunded=FOUR),
            False,
            "refunded_more",
            "gave 4.00 EUR back, 0.00 EUR on record",
        ),
        (
            [AUTHORIZED, *TAKEN, *GIVEN_BACK],
            at_provider(captured=TEN),
            False,
            "refunded_less",
            "gave 0.00 EUR back, 4.00 EUR on record",
        ),
        ([DECLINED], at_provider(held=TEN), False, "held_there", "nothing is on record as set aside"),
        ([AUTHORIZED, *LET_GO], at_provider(held=TEN), False, "held_there", "nothing is on record as set aside"),
        ([AUTHORIZED, *LET_GO], at_provider(held=TEN), True, "never_undone", "still holds 10.00 EUR for an order"),
        ([AUTHORIZED], at_provider(held=TEN), True, "never_undone", "still holds 10.00 EUR for an order"),
        ([AUTHORIZED], at_provider(), False, "hold_ended", "holds nothing any more, 10.00 EUR on record"),
        ([AUTHORIZED], None, False, "unknown_there", "10.00 EUR are on record as set aside"),
        ([AUTHORIZED, *TAKEN], None, False, "unknown_there", "10.00 EUR are on record as taken"),
    ],
)
def test_a_difference_says_of_what_kind_it_is(
    events: list[Event], found: PaymentAtProvider | None, is_over: bool, kind: str, words: str
) -> None:
    if not events or events == [DECLINED]:
        events = [AUTHORIZED.model_copy(update={"authorization_id": "auth_1"}), *LET_GO]
    seen = difference(events, found, is_over=is_over)
    assert seen is not None
    assert (seen.kind, seen.party_id) == (kind, "auth_1")
    assert seen.detail.startswith("authorisation auth_1: ")
    assert words in seen.detail
    assert seen.amount


def test_several_differences_of_one_authorisation_are_told_together() -> None:
    seen = difference([AUTHORIZED, *TAKEN, *GIVEN_BACK], at_provider(captured=SIX))
    assert seen is not None
    assert seen.kind == "amount_differs"
    assert seen.detail.count("on record") == 2


def test_what_nobody_asked_for_is_a_difference_for_as_long_as_it_is_about_money() -> None:
    second = PaymentAtProvider("auth_2", str(ORDER), NONE, TEN, NONE)
    seen = difference([AUTHORIZED, *TAKEN], second, "auth_2")
    assert seen is not None
    assert (seen.kind, seen.amount) == ("captured_twice", TEN)
    assert "took 10.00 EUR beside the 10.00 EUR that were taken" in seen.detail
    alone = payment_ledger_difference(None, "auth_2", second, is_over=False)
    assert alone is not None
    assert alone.kind == "captured_there"
    held = difference([AUTHORIZED], PaymentAtProvider("auth_2", str(ORDER), TEN, NONE, NONE), "auth_2")
    assert held is not None
    assert held.kind == "held_there"
    for settled in (NONE, TEN):
        given_back = PaymentAtProvider("auth_2", str(ORDER), NONE, settled, settled)
        assert difference([AUTHORIZED, *TAKEN], given_back, "auth_2") is None
    assert difference([AUTHORIZED], None, "auth_2") is None


def test_what_is_looked_after_already_is_none_unless_it_was_taken() -> None:
    found = SecondAuthorizationFound(**REQUEST, authorization_id="auth_2", amount=TEN)
    let_go = SecondAuthorizationVoided(**REQUEST, authorization_id="auth_2")
    held = PaymentAtProvider("auth_2", str(ORDER), TEN, NONE, NONE)
    assert difference([AUTHORIZED, found], held, "auth_2") is None
    taken = difference([AUTHORIZED, found, let_go], PaymentAtProvider("auth_2", None, NONE, TEN, NONE), "auth_2")
    assert taken is not None


def test_money_without_an_order_is_told_with_what_is_left_of_it() -> None:
    found = PaymentAtProvider("auth_9", None, NONE, TEN, FOUR)
    seen = payment_without_order(found)
    assert seen is not None
    assert (seen.kind, seen.amount) == ("no_order", SIX)
    assert "took 10.00 EUR and gave 4.00 EUR back, and it is no order's of ours" in seen.detail
    assert payment_without_order(PaymentAtProvider("auth_9", None, NONE, TEN, TEN)) is None


@pytest.mark.parametrize(
    ("events", "told"),
    [
        ([DISPUTED], [OPEN]),
        ([DISPUTED, DISPUTE_LOST], [LOST]),
        ([DISPUTED, DISPUTE_LOST], [OPEN]),  # an answer may be an old one
        ([DISPUTED, DISPUTE_LOST], []),
    ],
)
def test_disputes_that_are_on_record_as_they_are_told_agree(events: list[Event], told: list[Dispute]) -> None:
    found = replace(at_provider(captured=TEN), disputes=tuple(told))
    assert difference([AUTHORIZED, *TAKEN, *events], found) is None


@pytest.mark.parametrize(
    ("events", "told", "kind", "words"),
    [
        (
            [],
            [OPEN],
            "disputed_there",
            "the dispute dp_1 of 4.00 EUR (fraudulent) is open at the payment provider, not",
        ),
        ([], [LOST], "disputed_there", "is lost at the payment provider, not on record"),
        ([DISPUTED], [replace(OPEN, amount=TEN)], "disputed_there", "of 10.00 EUR (fraudulent) is open at the payment"),
        ([DISPUTED], [LOST], "dispute_ended", "is lost at the payment provider, open on record"),
        ([DISPUTED], [], "unknown_there", "the dispute dp_1 is open on record, and the payment provider tells of none"),
    ],
)
def test_a_dispute_that_only_one_of_the_ledgers_knows_so_is_a_difference(
    events: list[Event], told: list[Dispute], kind: DifferenceKind, words: str
) -> None:
    found = replace(at_provider(captured=TEN), disputes=tuple(told))
    seen = difference([AUTHORIZED, *TAKEN, *events], found)
    assert seen is not None
    assert seen.kind == kind
    assert words in seen.detail
