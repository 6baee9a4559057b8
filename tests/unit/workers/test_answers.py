"""Whatever a party says: it is an outcome, a difference or no answer, in bounded words on one line; never an
error of ours."""

from __future__ import annotations

import json
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commerce.payments.comparison import AskedPayment, payment_difference
from commerce.payments.payment import PaymentOperation
from commerce.payments.ports import Authorized, PaymentRejected, Refunded, UnclearPayment
from commerce.shipping.comparison import AskedShipment, shipment_difference
from commerce.shipping.ports import Booked
from commerce.values.errors import CommerceError
from commerce.values.money import Money
from workers.gateways import http_carrier_answers, http_provider_answers
from workers.gateways.http_caller import _parsed
from workers.gateways.party_text import LONGEST_ID_CHARACTERS, cleaned_answer, usable

ORDER = UUID("11111111-1111-4111-8111-111111111111")
PRICE = Money.of("89.00", "EUR")

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.decimals()
    | st.sampled_from(["EUR", "89.00", str(ORDER)]),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=3,
)
STATUSES = st.sampled_from(["authorized", "captured", "voided", "refunded", "booked", "cancelled", "declined"]) | VALUES
NAMES = ["authorization_id", "shipment_id", "amount", "currency", "order_id", "tracking_number", "carrier"]
NAMES += ["estimated_delivery", "country", "parcels", "code", "detail", "refund_id", "reason"]
BODIES = st.fixed_dictionaries({"status": STATUSES}, optional=dict.fromkeys(NAMES, VALUES))


@settings(max_examples=100, deadline=None)
@given(BODIES, st.sampled_from(PaymentOperation), st.integers(200, 499), VALUES)
def test_a_provider_may_say_what_it_will(
    body: dict[str, object], asked: PaymentOperation, status: int, named: object
) -> None:
    outcome = (
        http_provider_answers.payment_success(body, named)
        if status < 300
        else http_provider_answers.payment_rejection(body, status)
    )
    found = payment_difference(AskedPayment(asked, ORDER, UUID(int=1), "auth-1", PRICE), outcome)
    if found is not None:
        _is_presentable(found.answered)
        assert found.amount is None or found.amount.amount > 0
        assert found.authorization_id is None or usable(found.authorization_id)
    elif isinstance(outcome, Authorized):
        assert outcome.amount == PRICE


@settings(max_examples=100, deadline=None)
@given(BODIES, st.sampled_from(["book", "cancel"]), st.integers(200, 499), VALUES)
def test_a_carrier_may_say_what_it_will(body: dict[str, object], asked: str, status: int, named: object) -> None:
    outcome = (
        http_carrier_answers.booking_success(body, named)
        if status < 300
        else http_carrier_answers.booking_rejection(body)
    )
    question = AskedShipment(asked, ORDER, UUID(int=1), "booking-1")  # type: ignore[arg-type]
    found = shipment_difference(question, outcome)
    if found is not None:
        _is_presentable(found.answered)
    elif isinstance(outcome, Booked):
        assert usable(outcome.tracking_number)
        _is_presentable(outcome.carrier)


def _is_presentable(text: str) -> None:
    assert "\n" not in text
    assert not any(character < " " for character in text)
    assert len(text) < 1_000
    text.encode()


@pytest.mark.parametrize("number", ["1e999999999999", "1e-999999999", "8.9e400", "-0.0", "89.001"])
def test_a_number_that_is_no_amount_is_none(number: str) -> None:
    body = _parsed(json.dumps({"status": "authorized", "authorization_id": "a", "currency": "EUR"}).encode())
    assert isinstance(body, dict)
    outcome = http_provider_answers.payment_success({**body, "amount": Decimal(number)})
    assert isinstance(outcome, UnclearPayment)


@pytest.mark.parametrize("said", [{}, {"refund_id": None}, {"refund_id": ""}, {"refund_id": "\x00"}])
def test_a_refund_without_an_id_is_unclear(said: dict[str, object]) -> None:
    refund = {"status": "refunded", "authorization_id": "a", "amount": "1.00", "currency": "EUR"}
    outcome = http_provider_answers.payment_success({**refund, **said})
    assert isinstance(outcome, UnclearPayment)
    assert outcome.carried.unreadable == ("without naming its refund_id",)
    assert isinstance(http_provider_answers.payment_success({**refund, "refund_id": "re_1"}), Refunded)


def test_a_detail_that_is_null_is_no_text() -> None:
    paid = http_provider_answers.payment_rejection({"code": "already_voided", "detail": None}, 409)
    booked = http_carrier_answers.booking_rejection({"code": "already_collected", "detail": None})
    assert isinstance(paid, PaymentRejected)
    assert booked is not None
    assert paid.detail == booked.detail == ""


@pytest.mark.parametrize(
    "given_id",
    ["", " a", "a ", ".", "..", "a\x00", "a\u202eb", "a\u200b", "\ud800", "a" * (LONGEST_ID_CHARACTERS + 1), 7],
)
def test_an_id_is_usable_whole_or_not_at_all(given_id: object) -> None:
    assert usable(given_id) is None


@pytest.mark.parametrize("given_id", ["auth_1", "Ä 1/2", "日本", "a" * LONGEST_ID_CHARACTERS])
def test_an_id_that_can_be_shown_is_kept_exactly(given_id: str) -> None:
    assert usable(given_id) == given_id


def test_what_is_no_text_is_told_bounded() -> None:
    assert len(cleaned_answer({"a": "b" * 9_000})) <= 100
    assert CommerceError(cleaned_answer(None)).args == ("None",)
