"""The payments' read model."""

from __future__ import annotations

from typing import Literal
from uuid import UUID, uuid4

import pytest

from commerce.payments.events import (
    AuthorizationAttempted,
    CaptureAttempted,
    PaymentAnswerDiffered,
    PaymentAuthorized,
    PaymentCaptured,
    PaymentClosed,
    PaymentDeclined,
    PaymentOutcomeUnknown,
    PaymentRefunded,
    PaymentRefundFailed,
    PaymentRefundRequested,
    PaymentVoided,
    RefundAttempted,
    VoidAttempted,
)
from commerce.payments.payment import PaymentStatus
from commerce.values.money import Money
from projections.payments import PAYMENTS, PaymentView
from tests.integration.projections.history import History, eur, line, sealed

SUM = eur("20.00")
NOTHING = eur("0.00")


def view(order: UUID, status: PaymentStatus | Literal["none"], *sums: Money) -> PaymentView:
    """A payment without refunds that somebody asked for; `sums` are what was authorized, captured and refunded."""
    authorized, captured, refunded = sums
    left = captured - refunded if refunded.currency == captured.currency else captured
    return PaymentView(order, status, authorized, captured, refunded, left)


async def payment(history: History, order: UUID) -> PaymentView:
    await history.is_projected()
    found = await PAYMENTS.find(history.store.pool, order)
    assert found is not None
    return found


async def is_authorized(history: History, order: UUID) -> None:
    await history.is_placed(order, line("mug", 2, eur("10.00")))
    await history.happens(AuthorizationAttempted, order, amount=SUM, payment_method="pm_card_ok")
    await history.happens(PaymentAuthorized, order, authorization_id="a", amount=SUM)


async def test_a_payment_follows_the_money_from_nothing_to_captured_and_back(history: History) -> None:
    order = uuid4()
    seen = []
    await history.is_placed(order, line("mug", 2, eur("10.00")))
    seen.append(await payment(history, order))
    for kind, fields in (
        (AuthorizationAttempted, {"amount": SUM, "payment_method": "pm_card_ok"}),
        (PaymentAuthorized, {"authorization_id": "a", "amount": SUM}),
        (CaptureAttempted, {"amount": SUM}),
        (PaymentCaptured, {"amount": SUM}),
        (RefundAttempted, {"amount": eur("0.05")}),
        (PaymentRefunded, {"amount": eur("0.05")}),
        (RefundAttempted, {"amount": eur("19.95")}),
        (PaymentRefunded, {"amount": eur("19.95")}),
    ):
        await history.happens(kind, order, **fields)
        seen.append(await payment(history, order))
    assert seen == [
        view(order, "none", NOTHING, NOTHING, NOTHING),
        view(order, PaymentStatus.AUTHORIZING, NOTHING, NOTHING, NOTHING),
        view(order, PaymentStatus.AUTHORIZED, SUM, NOTHING, NOTHING),
        view(order, PaymentStatus.CAPTURING, SUM, NOTHING, NOTHING),
        view(order, PaymentStatus.CAPTURED, SUM, SUM, NOTHING),
        view(order, PaymentStatus.REFUNDING, SUM, SUM, NOTHING),
        view(order, PaymentStatus.CAPTURED, SUM, SUM, eur("0.05")),
        view(order, PaymentStatus.REFUNDING, SUM, SUM, eur("0.05")),
        view(order, PaymentStatus.REFUNDED, SUM, SUM, SUM),
    ]


async def test_refunds_that_somebody_asked_for_are_listed_and_what_is_kept_for_them_is_not_refundable(
    history: History,
) -> None:
    order, first, second, undo = uuid4(), uuid4(), uuid4(), uuid4()
    await is_authorized(history, order)
    await history.happens(CaptureAttempted, order, amount=SUM)
    await history.happens(PaymentCaptured, order, amount=SUM)
    for refund, amount in ((first, "5.00"), (second, "8.00")):
        asked = {"request_id": refund, "amount": eur(amount), "lines": (), "reason": sealed("torn")}
        await history.happens(PaymentRefundRequested, order, **asked)
    found = await payment(history, order)
    assert (found.status, found.refunded, found.refundable) == (PaymentStatus.CAPTURED, NOTHING, eur("7.00"))
    await history.happens(RefundAttempted, order, request_id=first, amount=eur("5.00"))
    await history.happens(PaymentRefundFailed, order, request_id=first, amount=eur("5.00"), reason="no")
    await history.happens(RefundAttempted, order, request_id=second, amount=eur("8.00"))
    await history.happens(PaymentRefunded, order, request_id=second, amount=eur("8.00"))
    found = await payment(history, order)
    assert (found.status, found.refunded, found.refundable) == (PaymentStatus.CAPTURED, eur("8.00"), eur("12.00"))
    assert [(one.status, one.failure) for one in found.refunds] == [("failed", "no"), ("refunded", None)]
    await history.happens(RefundAttempted, order, request_id=undo, amount=eur("12.00"))
    await history.happens(PaymentRefunded, order, request_id=undo, amount=eur("12.00"))
    await history.happens(PaymentClosed, order, request_id=uuid4())
    found = await payment(history, order)
    assert (found.status, found.refunded, found.refundable) == (PaymentStatus.REFUNDED, SUM, NOTHING)


async def test_a_declined_payment_moves_nothing(history: History) -> None:
    order = uuid4()
    await history.is_placed(order)
    await history.happens(AuthorizationAttempted, order, amount=SUM, payment_method="pm_card_declined")
    await history.happens(PaymentDeclined, order, decline_reason="no")
    assert await payment(history, order) == view(order, PaymentStatus.DECLINED, NOTHING, NOTHING, NOTHING)


async def test_a_voided_payment_took_nothing(history: History) -> None:
    order = uuid4()
    await is_authorized(history, order)
    await history.happens(VoidAttempted, order)
    assert (await payment(history, order)).status == "voiding"
    await history.happens(PaymentVoided, order)
    assert await payment(history, order) == view(order, PaymentStatus.VOIDED, SUM, NOTHING, NOTHING)


async def test_a_payment_of_unknown_outcome_says_so_until_it_is_closed(history: History) -> None:
    order = uuid4()
    await history.is_placed(order)
    await history.happens(AuthorizationAttempted, order, amount=SUM, payment_method="pm_card_error")
    await history.happens(PaymentOutcomeUnknown, order, operation="authorize", attempts=5)
    assert (await payment(history, order)).status == "unknown"
    await history.happens(PaymentClosed, order)
    assert (await payment(history, order)).status == "closed"


async def test_an_unknown_order_has_no_payment(history: History) -> None:
    assert await PAYMENTS.find(history.store.pool, uuid4()) is None


DIFFERENCE = {"asked": "20.00 EUR", "answered": "did something else", "authorization_id": "a"}


async def test_what_the_provider_did_otherwise_than_asked_is_shown_as_it_did_it(history: History) -> None:
    order, one = uuid4(), eur("1.00")
    await history.is_placed(order)
    await history.happens(AuthorizationAttempted, order, amount=SUM, payment_method="pm_card_ok")
    await history.happens(
        PaymentAnswerDiffered, order, operation="authorize", status="authorized", amount=one, **DIFFERENCE
    )
    assert await payment(history, order) == view(order, PaymentStatus.DIFFERED, one, NOTHING, NOTHING)
    await history.happens(VoidAttempted, order)
    await history.happens(PaymentVoided, order)
    assert await payment(history, order) == view(order, PaymentStatus.VOIDED, one, NOTHING, NOTHING)


async def test_money_taken_or_given_back_otherwise_than_asked_is_what_is_shown(history: History) -> None:
    order, one, dollars = uuid4(), eur("1.00"), Money.of("20.00", "USD")
    await is_authorized(history, order)
    await history.happens(CaptureAttempted, order, amount=SUM)
    await history.happens(
        PaymentAnswerDiffered, order, operation="capture", status="captured", amount=one, **DIFFERENCE
    )
    assert await payment(history, order) == view(order, PaymentStatus.DIFFERED, SUM, one, NOTHING)
    await history.happens(RefundAttempted, order, amount=one)
    await history.happens(
        PaymentAnswerDiffered, order, operation="refund", status="refunded", amount=dollars, **DIFFERENCE
    )
    assert await payment(history, order) == view(order, PaymentStatus.DIFFERED, SUM, one, dollars)


@pytest.mark.parametrize(
    ("operation", "before"), [("void", PaymentStatus.AUTHORIZED), ("refund", PaymentStatus.AUTHORIZED)]
)
async def test_an_undo_that_is_answered_otherwise_changes_nothing(
    history: History, operation: str, before: PaymentStatus
) -> None:
    order = uuid4()
    await is_authorized(history, order)
    await history.happens(
        PaymentAnswerDiffered, order, operation=operation, status="authorized", amount=eur("1.00"), **DIFFERENCE
    )
    assert await payment(history, order) == view(order, before, SUM, NOTHING, NOTHING)
