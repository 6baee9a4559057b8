"""Stripe's answers, through its own SDK, as outcomes: each shape that it gives, and each that it should not."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from commerce.cli.system.signals import signals_wake
from commerce.cli.system.startup import LocalSystem
from commerce.outside.errors import PartyUnavailable, Postponed, RequestRejected
from commerce.outside.party import RequestOnRecord
from commerce.payments.comparison import AskedPayment, payment_difference
from commerce.payments.disputes import Dispute
from commerce.payments.payment import PaymentOperation
from commerce.payments.ports import (
    ActionRequired,
    Authorized,
    Captured,
    Declined,
    OpenedAuthorization,
    PaymentAtProvider,
    PaymentOutcome,
    PaymentRejected,
    Refunded,
    UnclearPayment,
    Voided,
)
from commerce.runtime.settings import Settings
from commerce.values import ids
from commerce.values.dispute import DisputeStatus
from commerce.values.money import Money
from tests.unit.workers.stripe_shapes import INTENT, KEY, ORDER, Shape, declined, dispute, error, intent, listed, refund
from workers.gateways.stripe_http import StripeHttp
from workers.gateways.stripe_provider import StripePaymentProvider

PRICE = Money.of("19.99", "EUR")
FIVE = Money.of("5", "EUR")
CREATE, CONFIRM = "POST /v1/payment_intents", f"POST /v1/payment_intents/{INTENT}/confirm"
CAPTURE, CANCEL = f"POST /v1/payment_intents/{INTENT}/capture", f"POST /v1/payment_intents/{INTENT}/cancel"
RETRIEVE, REFUND, REFUNDS = f"GET /v1/payment_intents/{INTENT}", "POST /v1/refunds", "GET /v1/refunds"
DISPUTES = "GET /v1/disputes"
BROKEN = (500, error("api_error"))


@dataclass
class Stub:
    """What Stripe answers to each call, one answer after the other; and what it was asked."""

    answers: dict[str, list[tuple[int, Any]]] = field(default_factory=lambda: defaultdict(list))
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[str, str | None, dict[str, list[str]]]] = field(default_factory=list)

    def says(self, call: str, *answers: tuple[int, Any] | Shape) -> None:
        """Answer a call so, from now on."""
        self.answers[call] += [one if isinstance(one, tuple) else (200, one) for one in answers]

    async def request_async(
        self, method: str, url: str, headers: Mapping[str, str], post_data: str | None = None
    ) -> tuple[bytes, int, Mapping[str, str]]:
        call = f"{method.upper()} {urlsplit(url).path}"
        self.asked.append((call, headers.get("Idempotency-Key"), parse_qs(post_data or urlsplit(url).query)))
        status, body = self.answers[call].pop(0)
        return json.dumps(body).encode(), status, self.headers

    @property
    def calls(self) -> list[str]:
        return [call for call, _, _ in self.asked]


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> Stub:
    stub = Stub()
    monkeypatch.setattr(StripeHttp, "request_async", lambda _self, *args, **named: stub.request_async(*args, **named))
    return stub


@pytest.fixture
def provider(stub: Stub) -> StripePaymentProvider:
    return StripePaymentProvider("sk_test_1", "http://stripe.test")


async def opened(provider: StripePaymentProvider, amount: Money = PRICE) -> PaymentOutcome:
    return await provider.open(KEY, ORDER, amount, "pm_card_visa")


async def authorized(provider: StripePaymentProvider) -> PaymentOutcome:
    return await provider.authorize(KEY, ORDER, PRICE, "pm_card_visa", INTENT)


async def test_an_intent_is_opened_to_be_captured_by_hand_with_order_and_request_in_it(
    stub: Stub, provider: StripePaymentProvider
) -> None:
    stub.says(CREATE, intent("requires_confirmation"))
    assert await opened(provider) == OpenedAuthorization(INTENT, PRICE)
    [(_, key, asked)] = stub.asked
    assert key == str(ids.request_id(KEY, "open"))  # one of its own, as a key stands for one request
    assert asked == {
        "amount": ["1999"],
        "currency": ["eur"],
        "capture_method": ["manual"],
        "payment_method": ["pm_card_visa"],
        "allowed_payment_method_types[0]": ["card"],
        "metadata[order_id]": [str(ORDER)],
        "metadata[request_id]": [str(KEY)],
    }


@pytest.mark.parametrize(
    ("amount", "currency", "units"),
    [("2000", "JPY", 2000), ("1.230", "KWD", 1230), ("0.50", "USD", 50), ("5", "ISK", 500), ("10.00", "MGA", 10)],
)
async def test_an_amount_is_told_and_read_in_stripes_own_units(
    stub: Stub, provider: StripePaymentProvider, amount: str, currency: str, units: int
) -> None:
    stub.says(CREATE, intent("requires_confirmation", amount=units, currency=currency.lower()))
    money = Money.of(amount, currency)
    assert await opened(provider, money) == OpenedAuthorization(INTENT, money)
    assert stub.asked[0][2]["amount"] == [str(units)]


@pytest.mark.parametrize(("amount", "currency"), [("1.234", "KWD"), ("10.50", "MGA"), ("500", "UGX")])
async def test_an_amount_that_stripe_cannot_charge_exactly_is_declined_and_never_rounded(
    stub: Stub, provider: StripePaymentProvider, amount: str, currency: str
) -> None:
    money = Money.of(amount, currency)
    assert await opened(provider, money) == Declined("amount_not_chargeable")
    assert await provider.capture(KEY, INTENT, money) == PaymentRejected("amount_not_chargeable", "")
    assert await provider.refund(KEY, INTENT, money) == PaymentRejected("amount_not_chargeable", "")
    assert stub.asked == []


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (400, error(code="resource_missing", param="payment_method"), "unknown_payment_method"),
        (404, error(code="resource_missing", param="payment_method"), "unknown_payment_method"),
        (400, error(code="amount_too_small", param="amount"), "amount_too_small"),
        (402, declined("expired_card"), "expired_card"),
    ],
)
async def test_what_cannot_be_paid_so_is_declined_when_it_is_opened(
    stub: Stub, provider: StripePaymentProvider, status: int, body: Shape, reason: str
) -> None:
    stub.says(CREATE, (status, body))
    assert await opened(provider) == Declined(reason)


async def test_the_requests_own_key_confirms_the_intent(stub: Stub, provider: StripePaymentProvider) -> None:
    stub.says(CONFIRM, intent("requires_capture"))
    assert await authorized(provider) == Authorized(INTENT, PRICE)
    assert stub.asked == [(CONFIRM, str(KEY), {"expand[0]": ["latest_charge"]})]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (declined("card_declined", decline_code="insufficient_funds"), "insufficient_funds"),
        (declined("card_declined"), "card_declined"),
        (declined("incorrect_cvc"), "incorrect_cvc"),
        (declined("a sentence about Ada", decline_code="another, too"), "declined"),
    ],
)
async def test_a_card_is_declined_with_the_banks_word(
    stub: Stub, provider: StripePaymentProvider, body: Shape, reason: str
) -> None:
    stub.says(CONFIRM, (402, body))
    assert await authorized(provider) == Declined(reason)


@pytest.mark.parametrize(
    ("charge", "until"),
    [
        ({"payment_method_details": {"card": {"capture_before": 1795500000}}}, datetime(2026, 11, 24, 6, tzinfo=UTC)),
        ({"payment_method_details": {"card": {"capture_before": 10**15}}}, None),
        ({"payment_method_details": {"card": {}}}, None),
        ("ch_1", None),
    ],
)
async def test_until_when_the_money_is_held_is_read_from_the_charge(
    stub: Stub, provider: StripePaymentProvider, charge: object, until: datetime | None
) -> None:
    stub.says(CONFIRM, intent("requires_capture", latest_charge=charge))
    outcome = await authorized(provider)
    assert outcome == Authorized(INTENT, PRICE)
    assert outcome.carried.held_until == until
    assert stub.asked[0][2] == {"expand[0]": ["latest_charge"]}


async def test_what_stripe_says_of_a_card_is_in_no_log(
    stub: Stub, provider: StripePaymentProvider, caplog: pytest.LogCaptureFixture
) -> None:
    stub.says(CONFIRM, (402, declined(message="The card of Ada Lovelace was declined.")))
    with caplog.at_level("DEBUG", logger="root"):
        await authorized(provider)
    assert "Lovelace" not in caplog.text


async def test_a_payment_that_needs_the_customer_is_cancelled_and_declined(
    stub: Stub, provider: StripePaymentProvider
) -> None:
    waits = intent("requires_action", next_action={"type": "use_stripe_sdk"})
    stub.says(CONFIRM, waits)
    stub.says(CANCEL, intent("canceled"))
    assert await authorized(provider) == Declined("action_required")
    assert stub.asked[-1][:2] == (CANCEL, str(ids.request_id(KEY, "abandon")))


async def test_a_customer_who_can_be_sent_somewhere_is_waited_for(stub: Stub, provider: StripePaymentProvider) -> None:
    stub.says(CONFIRM, sent_to(URL))
    assert await authorized(provider) == ActionRequired(INTENT, PRICE, URL)
    assert CANCEL not in [call for call, _, _ in stub.asked]


async def test_a_payment_that_needs_the_customer_is_no_decline_before_it_is_cancelled(
    stub: Stub, provider: StripePaymentProvider
) -> None:
    stub.says(CONFIRM, intent("requires_action"))
    stub.says(CANCEL, BROKEN)
    with pytest.raises(PartyUnavailable, match="Stripe answered 500"):
        await authorized(provider)


@pytest.mark.parametrize(
    ("state", "outcome"),
    [
        ("requires_capture", Authorized(INTENT, PRICE)),
        ("requires_payment_method", Declined("declined")),
        ("canceled", Declined("canceled")),
        ("succeeded", Captured(INTENT, PRICE)),
        ("requires_confirmation", None),
    ],
)
async def test_after_an_error_of_stripes_own_which_its_key_repeats_the_intent_says_what_became_of_it(
    stub: Stub, provider: StripePaymentProvider, state: str, outcome: PaymentOutcome | None
) -> None:
    stub.says(CONFIRM, BROKEN)
    stub.says(RETRIEVE, intent(state))
    if outcome is None:
        with pytest.raises(PartyUnavailable, match="Stripe answered 500"):
            await authorized(provider)
    else:
        assert await authorized(provider) == outcome


async def test_a_confirmation_that_came_after_a_cancellation_is_declined(
    stub: Stub, provider: StripePaymentProvider
) -> None:
    stub.says(CONFIRM, (400, error(code="payment_intent_unexpected_state", payment_intent=intent("canceled"))))
    stub.says(RETRIEVE, intent("canceled"))
    assert await authorized(provider) == Declined("canceled")


async def test_what_stripe_is_still_working_on_is_asked_for_and_then_waited_for(
    stub: Stub, provider: StripePaymentProvider
) -> None:
    stub.says(CONFIRM, intent("processing"), intent("processing"))
    stub.says(RETRIEVE, intent("requires_capture"), intent("processing"))
    assert await authorized(provider) == Authorized(INTENT, PRICE)
    with pytest.raises(Postponed) as waits:
        await authorized(provider)
    assert waits.value.cause == "busy"


async def test_money_is_taken_in_whole_and_in_part(stub: Stub, provider: StripePaymentProvider) -> None:
    stub.says(CAPTURE, intent("succeeded"), intent("succeeded", amount_received=500))
    assert await provider.capture(KEY, INTENT, PRICE) == Captured(INTENT, PRICE)
    assert await provider.capture(KEY, INTENT, FIVE) == Captured(INTENT, FIVE)
    assert [asked["amount_to_capture"] for _, _, asked in stub.asked] == [["1999"], ["500"]]


@pytest.mark.parametrize(
    ("state", "amount", "reason"),
    [
        (intent("succeeded"), PRICE, "already_captured"),
        (intent("canceled"), PRICE, "already_voided"),
        (intent("requires_capture"), Money.of("20.00", "EUR"), "amount_too_large"),
    ],
)
async def test_why_nothing_was_taken_is_read_from_the_intent(
    stub: Stub, provider: StripePaymentProvider, state: Shape, amount: Money, reason: str
) -> None:
    stub.says(CAPTURE, (400, error()))
    stub.says(RETRIEVE, state)
    assert await provider.capture(KEY, INTENT, amount) == PaymentRejected(reason, "")


async def test_a_capture_that_the_card_declines_took_nothing(stub: Stub, provider: StripePaymentProvider) -> None:
    stub.says(CAPTURE, (402, declined("card_declined", decline_code="lost_card")))
    assert await provider.capture(KEY, INTENT, PRICE) == PaymentRejected("lost_card", "declined")


async def test_a_rejection_that_the_intent_does_not_explain_is_one(stub: Stub, provider: StripePaymentProvider) -> None:
    stub.says(CAPTURE, (400, error(code="parameter_unknown", param="amount_to_capture")))
    stub.says(RETRIEVE, intent("requires_capture"))
    with pytest.raises(RequestRejected) as rejected:
        await provider.capture(KEY, INTENT, PRICE)
    assert rejected.value.code == "parameter_unknown"


@pytest.mark.parametrize(
    ("call", "operation"), [(CAPTURE, "capture"), (CANCEL, "void"), (REFUND, "refund")], ids=["take", "let go", "give"]
)
async def test_an_intent_that_stripe_does_not_know_is_said_to_be_unknown(
    stub: Stub, provider: StripePaymentProvider, call: str, operation: str
) -> None:
    param = "payment_intent" if operation == "refund" else "intent"
    stub.says(call, (404, error(code="resource_missing", param=param)))
    arguments = (INTENT,) if operation == "void" else (INTENT, PRICE)
    found = await getattr(provider, operation)(KEY, *arguments)
    assert found == PaymentRejected("authorization_not_found", "")


async def test_money_is_let_go_whether_or_not_it_was_held(stub: Stub, provider: StripePaymentProvider) -> None:
    stub.says(CANCEL, intent("canceled"))
    assert await provider.void(KEY, INTENT) == Voided(INTENT)
    for state, reason in (("succeeded", "already_captured"), ("canceled", "already_voided")):
        stub.says(CANCEL, (400, error(code="payment_intent_unexpected_state")))
        stub.says(RETRIEVE, intent(state))
        assert await provider.void(KEY, INTENT) == PaymentRejected(reason, "")


@pytest.mark.parametrize("status", ["succeeded", "pending"])
async def test_a_refund_carries_its_request_and_counts_once_it_is_accepted(
    stub: Stub, provider: StripePaymentProvider, status: str
) -> None:
    stub.says(REFUND, refund(status))
    assert await provider.refund(KEY, INTENT, FIVE) == Refunded("re_1Nispe2eZvKYlo2Cd31jOCgZ", INTENT, FIVE)
    [(_, key, asked)] = stub.asked
    assert key == str(KEY)
    assert asked == {"payment_intent": [INTENT], "amount": ["500"], "metadata[request_id]": [str(KEY)]}


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (refund("failed", failure_reason="expired_or_canceled_card"), "expired_or_canceled_card"),
        (refund("canceled"), "refund_canceled"),
        (refund("requires_action"), "refund_requires_action"),
    ],
)
async def test_a_refund_that_failed_gave_nothing_back(
    stub: Stub, provider: StripePaymentProvider, body: Shape, reason: str
) -> None:
    stub.says(REFUND, body)
    assert await provider.refund(KEY, INTENT, FIVE) == PaymentRejected(reason, "")


@pytest.mark.parametrize(
    ("state", "made", "reason"),
    [
        (intent("requires_capture"), [], "not_captured"),
        (intent("canceled"), [], "not_captured"),
        (intent("succeeded"), [refund(amount=1500)], "amount_too_large"),
    ],
)
async def test_why_nothing_was_given_back_is_read_from_the_intent_and_its_refunds(
    stub: Stub, provider: StripePaymentProvider, state: Shape, made: Iterable[Shape], reason: str
) -> None:
    stub.says(REFUND, (400, error()))
    stub.says(RETRIEVE, state)
    stub.says(REFUNDS, listed(*made))
    assert await provider.refund(KEY, INTENT, FIVE) == PaymentRejected(reason, "")


async def test_refunds_that_failed_leave_what_they_were_to_give_back(
    stub: Stub, provider: StripePaymentProvider
) -> None:
    stub.says(REFUND, (400, error(code="refund_disputed_payment")))
    stub.says(RETRIEVE, intent("succeeded"))
    stub.says(REFUNDS, listed(refund("failed", amount=1500)))
    with pytest.raises(RequestRejected) as rejected:
        await provider.refund(KEY, INTENT, FIVE)
    assert rejected.value.code == "refund_disputed_payment"


async def test_money_that_is_disputed_is_not_given_back(stub: Stub, provider: StripePaymentProvider) -> None:
    stub.says(REFUND, (400, error(code="charge_disputed")))
    assert await provider.refund(KEY, INTENT, FIVE) == PaymentRejected("disputed", "")


async def test_after_an_error_a_refund_is_looked_for_by_its_request_on_every_page(
    stub: Stub, provider: StripePaymentProvider
) -> None:
    others = [refund(id=f"re_{number}", metadata={}) for number in range(100)]
    stub.says(REFUND, BROKEN, BROKEN)
    stub.says(REFUNDS, listed(*others, has_more=True), listed(refund()), listed())
    assert isinstance(await provider.refund(KEY, INTENT, FIVE), Refunded)
    assert stub.asked[-1][2]["starting_after"] == ["re_99"]
    with pytest.raises(PartyUnavailable):
        await provider.refund(KEY, INTENT, FIVE)


URL = f"https://hooks.stripe.com/redirect/authenticate/src_1?client_secret={INTENT}_secret"


def sent_to(url: object) -> Shape:
    """An intent whose customer has to go somewhere."""
    redirect = {"type": "redirect_to_url", "redirect_to_url": {"url": url, "return_url": "https://shop.example"}}
    return intent("requires_action", next_action=redirect)


FOUND: list[tuple[str, Shape, PaymentOutcome | None]] = [
    ("authorize", intent("requires_confirmation"), None),
    ("authorize", intent("requires_capture"), Authorized(INTENT, PRICE)),
    ("authorize", intent("succeeded", amount_received=500), Authorized(INTENT, PRICE)),
    ("authorize", intent("requires_payment_method", last_payment_error={"code": "x"}), Declined("x")),
    ("authorize", intent("requires_action"), Declined("action_required")),
    ("authorize", sent_to(URL), ActionRequired(INTENT, PRICE, URL)),
    ("authorize", sent_to("javascript:alert(1)"), Declined("action_required")),
    ("authorize", sent_to(None), Declined("action_required")),
    ("authorize", intent("canceled"), Declined("canceled")),
    ("capture", intent("requires_capture"), None),
    ("capture", intent("canceled"), None),
    ("capture", intent("succeeded"), Captured(INTENT, PRICE)),
    ("void", intent("requires_capture"), None),
    ("void", intent("canceled"), Voided(INTENT)),
]


@pytest.mark.parametrize(("operation", "state", "outcome"), FOUND)
async def test_what_became_of_a_request_is_read_from_the_intent_on_record(
    stub: Stub, provider: StripePaymentProvider, operation: str, state: Shape, outcome: PaymentOutcome | None
) -> None:
    stub.says(RETRIEVE, state)
    assert await provider.find_operation(RequestOnRecord(KEY, operation, INTENT)) == outcome


async def test_what_became_of_a_refund_is_found_by_its_request(stub: Stub, provider: StripePaymentProvider) -> None:
    asked = RequestOnRecord(KEY, "refund", INTENT)
    stub.says(REFUNDS, listed(refund(metadata={"request_id": "another"}), refund()), listed())
    assert isinstance(await provider.find_operation(asked), Refunded)
    assert await provider.find_operation(asked) is None


async def test_without_an_intent_on_record_nothing_happened_and_nobody_is_asked(
    stub: Stub, provider: StripePaymentProvider
) -> None:
    assert await provider.find_operation(RequestOnRecord(KEY, "authorize")) is None
    assert stub.asked == []


async def test_an_intent_that_was_made_for_another_request_is_none_of_this_one(
    stub: Stub, provider: StripePaymentProvider
) -> None:
    stub.says(RETRIEVE, intent("requires_capture", metadata={"order_id": str(ORDER), "request_id": "another"}))
    found = await provider.find_operation(RequestOnRecord(KEY, "authorize", INTENT))
    assert isinstance(found, UnclearPayment)
    assert payment_difference(AskedPayment(PaymentOperation.AUTHORIZE, ORDER, KEY, INTENT, PRICE), found) is not None


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"amount_capturable": 1998}, "set 19.98 EUR aside"),
        ({"currency": "usd"}, "set 19.99 USD aside"),
        ({"metadata": {"order_id": "another"}}, "set 19.99 EUR aside for order another"),
        ({"id": "pi_another"}, "set 19.99 EUR aside under pi_another"),
        ({"amount_capturable": "19.99"}, "set money aside with an amount that cannot be read ('19.99 eur')"),
        ({"amount_capturable": True}, "set money aside with an amount that cannot be read ('True eur')"),
        ({"currency": "xxx"}, "set money aside with an amount that cannot be read ('1999 xxx')"),
        ({"id": " "}, "set 19.99 EUR aside under an id that cannot be used ('')"),
    ],
)
async def test_an_answer_that_differs_from_its_request_is_none(
    stub: Stub, provider: StripePaymentProvider, changed: dict[str, Any], told: str
) -> None:
    stub.says(CONFIRM, intent("requires_capture", **changed))
    asked = AskedPayment(PaymentOperation.AUTHORIZE, ORDER, KEY, INTENT, PRICE)
    found = payment_difference(asked, await authorized(provider))
    assert found is not None
    assert found.answered == told


@pytest.mark.parametrize("changed", [{"amount": None}, {"id": ""}, {"currency": 5}])
async def test_an_intent_that_cannot_be_read_when_it_is_opened_is_no_answer(
    stub: Stub, provider: StripePaymentProvider, changed: dict[str, Any]
) -> None:
    stub.says(CREATE, intent("requires_confirmation", **changed))
    with pytest.raises(PartyUnavailable, match="do not understand"):
        await opened(provider)


@pytest.mark.parametrize(
    ("status", "body", "cause"),
    [
        (401, error(), "credential_refused"),
        (403, error(), "credential_refused"),
        (429, error(code="rate_limit"), "busy"),
        (429, error(code="lock_timeout"), "busy"),
        (400, error(code="rate_limit"), "busy"),
        (409, error("idempotency_error", "idempotency_key_in_use"), "busy"),
    ],
)
async def test_what_stripe_does_not_do_now_is_put_off(
    stub: Stub, provider: StripePaymentProvider, status: int, body: Shape, cause: str
) -> None:
    stub.headers = {"Retry-After": "7"}
    stub.says(CREATE, (status, body))
    with pytest.raises(Postponed) as put_off:
        await opened(provider)
    assert (put_off.value.cause, put_off.value.pause_s) == (cause, 7.0 if cause == "busy" else None)
    assert "sk_test_1" not in str(put_off.value)


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (400, error("idempotency_error"), "idempotency_key_reused"),
        (400, error(code="parameter_invalid_empty"), "parameter_invalid_empty"),
        (400, error(), "http_400"),
        (404, error(code="resource_missing", param="customer"), "resource_missing"),
    ],
)
async def test_a_request_that_makes_no_sense_is_rejected(
    stub: Stub, provider: StripePaymentProvider, status: int, body: Shape, code: str
) -> None:
    stub.says(CREATE, (status, body))
    with pytest.raises(RequestRejected) as rejected:
        await opened(provider)
    assert rejected.value.code == code


@pytest.mark.parametrize(
    ("status", "body"), [(500, error("api_error")), (404, error()), (302, error()), (405, error())]
)
async def test_anything_else_is_no_answer(
    stub: Stub, provider: StripePaymentProvider, status: int, body: Shape
) -> None:
    stub.says(CREATE, (status, body))
    with pytest.raises(PartyUnavailable):
        await opened(provider)


@pytest.mark.parametrize(
    ("status", "sums"),
    [
        ("requires_confirmation", ("0.00", "0.00", "0.00")),
        ("requires_capture", ("19.99", "0.00", "0.00")),
        ("succeeded", ("0.00", "19.99", "5.00")),
        ("canceled", ("0.00", "0.00", "0.00")),
    ],
)
async def test_an_intent_is_shown_as_it_stands(
    stub: Stub, provider: StripePaymentProvider, status: str, sums: tuple[str, str, str]
) -> None:
    stub.says(RETRIEVE, intent(status))
    stub.says(REFUNDS, listed(refund(), refund("failed")))
    stub.says(DISPUTES, listed())
    held, captured, refunded = (Money.of(each, "EUR") for each in sums)
    assert await provider.find_payment(INTENT) == PaymentAtProvider(INTENT, str(ORDER), held, captured, refunded)


async def test_an_intent_that_stripe_does_not_know_is_none(stub: Stub, provider: StripePaymentProvider) -> None:
    stub.says(RETRIEVE, (404, error("invalid_request_error", "resource_missing", param="intent")))
    assert await provider.find_payment(INTENT) is None


async def test_an_intent_that_cannot_be_read_is_no_answer(stub: Stub, provider: StripePaymentProvider) -> None:
    stub.says(RETRIEVE, intent("succeeded", amount_received="much"), intent("succeeded"))
    stub.says(REFUNDS, listed(), listed())
    stub.says(DISPUTES, listed(), listed(dispute(amount="much")))
    for _ in range(2):
        with pytest.raises(PartyUnavailable):
            await provider.find_payment(INTENT)


@pytest.mark.parametrize(
    ("told", "status"),
    [
        ("needs_response", "open"),
        ("under_review", "open"),
        ("warning_needs_response", "open"),
        ("a_new_word", "open"),
        ("won", "won"),
        ("lost", "lost"),
        ("warning_closed", "withdrawn"),
    ],
)
async def test_a_dispute_is_told_as_it_stands(
    stub: Stub, provider: StripePaymentProvider, told: str, status: DisputeStatus
) -> None:
    stub.says(RETRIEVE, intent("succeeded"))
    stub.says(REFUNDS, listed())
    stub.says(DISPUTES, listed(dispute(told, id="dp_2", evidence_details={"due_by": 0}), dispute(told)))
    found = await provider.find_payment(INTENT)
    assert found is not None
    due_by = datetime(2026, 11, 27, 12, 13, 19, tzinfo=UTC)
    assert found.disputes == (
        Dispute("du_1MtJUT2eZvKYlo2CNaw2HvEv", status, PRICE, "fraudulent", due_by),
        Dispute("dp_2", status, PRICE, "fraudulent", None),
    )
    assert stub.asked[-1][2]["payment_intent"] == [INTENT]


def test_a_worker_that_does_not_call_stripe_does_not_load_its_sdk() -> None:
    modules = "workers.payments, workers.shipping, workers.saga, workers.relay, commerce.cli.main"
    program = f"import sys, {modules}; sys.exit('stripe' in sys.modules)"
    environment = {"PYTHONPATH": ":".join(sys.path), "PATH": "/usr/bin:/bin"}
    assert subprocess.run([sys.executable, "-c", program], env=environment, check=False).returncode == 0


def test_stripes_key_is_given_to_the_payments_worker_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMMERCE_STRIPE_API_KEY", "sk_test_1")
    monkeypatch.setenv("COMMERCE_WEBHOOK_SECRET", "whsec_of-the-test")
    settings = Settings(home=tmp_path, provider="stripe")
    with signals_wake() as wakeup:
        system = LocalSystem(settings, wakeup, print)
    assert system._environment("payments")["COMMERCE_STRIPE_API_KEY"] == "sk_test_1"
    for name in ("api", "saga", "shipping", "carrier"):
        told = system._environment(name)
        assert "sk_test_1" not in told.values()
        assert ("whsec_of-the-test" in told.values()) is (name == "api")
        assert told["COMMERCE_PROVIDER"] == "stripe"
