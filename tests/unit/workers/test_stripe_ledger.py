"""Stripe's ledger, by shapes of its API reference: its disputes, its intents with their charges, then its balance
transactions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from commerce.outside.errors import PartyUnavailable
from commerce.outside.ledger import LedgerPage
from commerce.payments.disputes import Dispute
from commerce.payments.ports import PaymentAtProvider
from commerce.values.money import Money
from tests.unit.workers.stripe_shapes import INTENT, ORDER, Shape, dispute, intent, listed, refund
from tests.unit.workers.test_stripe import DISPUTES, FIVE, PRICE, Stub, provider, stub
from workers.gateways.stripe_provider import StripePaymentProvider

__all__ = ["provider", "stub"]
INTENTS, TRANSACTIONS = "GET /v1/payment_intents", "GET /v1/balance_transactions"
SINCE = datetime(2026, 11, 1, tzinfo=UTC)
NOTHING = Money.of("0", "EUR")


def charge(**changed: object) -> Shape:
    """A charge of 19.99 EUR for the order, of which 5.00 EUR were given back."""
    return {
        "id": "ch_3MtwBwLkdIwHu7ix1nhhHpbg",
        "object": "charge",
        "amount": 1999,
        "amount_captured": 1999,
        "amount_refunded": 500,
        "captured": True,
        "created": 1794990001,
        "currency": "eur",
        "metadata": {"order_id": str(ORDER)},
        "payment_intent": INTENT,
        **changed,
    }


def transaction(kind: str, source: Mapping[str, object], id_: str = "txn_1") -> Shape:
    """A change of the balance; what it comes to in the account's own currency is not looked at."""
    shape = {"id": id_, "object": "balance_transaction", "amount": 2100, "currency": "usd", "created": 1795000000}
    return {**shape, "source": source, "type": kind}


async def test_intents_are_listed_with_what_is_held_taken_and_given_back(
    stub: Stub, provider: StripePaymentProvider
) -> None:
    held, taken = intent("requires_capture"), intent("succeeded", id="pi_2", latest_charge=charge())
    stub.says(INTENTS, listed(held, taken, has_more=True))
    page = await provider.ledger(SINCE, "intents")
    assert page == LedgerPage(
        [
            PaymentAtProvider(INTENT, str(ORDER), PRICE, NOTHING, NOTHING),
            PaymentAtProvider("pi_2", str(ORDER), NOTHING, PRICE, FIVE),
        ],
        "intents:pi_2",
    )
    assert page.items[0].moved_at == datetime.fromtimestamp(1794990000, UTC)
    ((_, _, asked),) = stub.asked
    assert asked == {
        "created[gte]": [str(int(SINCE.timestamp()))],
        "limit": ["100"],
        "expand[0]": ["data.latest_charge"],
    }


async def test_disputes_come_first_those_of_a_payment_together_as_far_back_as_one_may_be_open(
    stub: Stub, provider: StripePaymentProvider
) -> None:
    newer = dispute("lost", id="dp_2", charge=charge(), evidence_details={"due_by": 0})
    stub.says(DISPUTES, listed(newer, dispute(charge=charge()), has_more=True), listed())
    page = await provider.ledger(SINCE)
    assert page.next_cursor == "disputes:du_1MtJUT2eZvKYlo2CNaw2HvEv"
    (found,) = page.items
    assert (found.authorization_id, found.captured, found.refunded) == (INTENT, PRICE, FIVE)
    due_by = datetime(2026, 11, 27, 12, 13, 19, tzinfo=UTC)
    assert found.disputes == (
        Dispute("du_1MtJUT2eZvKYlo2CNaw2HvEv", "open", PRICE, "fraudulent", due_by),
        Dispute("dp_2", "lost", PRICE, "fraudulent", None),
    )
    assert found.moved_at == datetime.fromtimestamp(1795000000, UTC)
    assert await provider.ledger(SINCE, page.next_cursor) == LedgerPage([], "intents")
    assert stub.asked[0][2] == {
        "created[gte]": [str(int((SINCE - timedelta(days=180)).timestamp()))],
        "limit": ["100"],
        "expand[0]": ["data.charge"],
    }
    assert stub.asked[1][2]["starting_after"] == ["du_1MtJUT2eZvKYlo2CNaw2HvEv"]


async def test_the_balance_transactions_follow_and_end_the_ledger(stub: Stub, provider: StripePaymentProvider) -> None:
    stub.says(INTENTS, listed())
    assert await provider.ledger(SINCE, "intents:pi_2") == LedgerPage([], "transactions")
    assert stub.asked[0][2]["starting_after"] == ["pi_2"]
    given_back, not_given = refund(charge=charge(amount_refunded=1999)), refund("failed", charge=charge())
    stub.says(
        TRANSACTIONS,
        listed(transaction("charge", charge()), transaction("payout", {"id": "po_1"}, "txn_2"), has_more=True),
        listed(transaction("refund", given_back)),
        listed(transaction("refund_failure", not_given)),
    )
    page = await provider.ledger(SINCE, "transactions")
    assert page == LedgerPage([PaymentAtProvider(INTENT, str(ORDER), NOTHING, PRICE, FIVE)], "transactions:txn_2")
    last = await provider.ledger(SINCE, "transactions:txn_2")
    assert last == LedgerPage([PaymentAtProvider(INTENT, str(ORDER), NOTHING, PRICE, PRICE)], None)
    failed = await provider.ledger(SINCE, "transactions:txn_3")
    assert failed.items == [PaymentAtProvider(INTENT, str(ORDER), NOTHING, PRICE, FIVE)]
    assert stub.asked[1][2]["expand[0]"] == ["data.source"]
    assert stub.asked[1][2]["expand[1]"] == ["data.source.charge"]


async def test_a_charge_without_an_intent_is_known_by_its_own_id(stub: Stub, provider: StripePaymentProvider) -> None:
    stub.says(TRANSACTIONS, listed(transaction("charge", charge(payment_intent=None, metadata={}))))
    page = await provider.ledger(SINCE, "transactions")
    assert page.items == [PaymentAtProvider("ch_3MtwBwLkdIwHu7ix1nhhHpbg", None, NOTHING, PRICE, FIVE)]


@pytest.mark.parametrize(
    ("call", "cursor", "shape"),
    [
        (DISPUTES, None, dispute(charge="ch_1")),  # which was to be expanded
        (DISPUTES, None, dispute(charge=charge(), amount="1999")),
        (DISPUTES, None, dispute(charge=charge(amount_captured=None))),
        (INTENTS, "intents", intent("succeeded")),  # its charge is not there
        (INTENTS, "intents", intent("requires_capture", amount_capturable="1999")),
        (TRANSACTIONS, "transactions", transaction("charge", charge(amount_refunded=None))),
    ],
)
async def test_what_is_an_orders_and_cannot_be_read_ends_the_comparison(
    stub: Stub, provider: StripePaymentProvider, call: str, cursor: str | None, shape: Shape
) -> None:
    stub.says(call, listed(shape))
    with pytest.raises(PartyUnavailable):
        await provider.ledger(SINCE, cursor)


async def test_what_is_no_orders_and_in_a_currency_that_we_do_not_know_is_left_out(
    stub: Stub, provider: StripePaymentProvider
) -> None:
    stub.says(INTENTS, listed(intent("requires_capture", currency="ugx", metadata={})))
    assert (await provider.ledger(SINCE, "intents")).items == []
    stub.says(DISPUTES, listed(dispute(amount="much", charge=charge(metadata={}))))
    assert (await provider.ledger(SINCE)).items == []


async def test_a_list_that_goes_on_after_nothing_is_none(stub: Stub, provider: StripePaymentProvider) -> None:
    stub.says(INTENTS, listed(has_more=True))
    with pytest.raises(PartyUnavailable):
        await provider.ledger(SINCE, "intents")
