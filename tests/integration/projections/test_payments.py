"""The payments' read model."""

from __future__ import annotations

from uuid import UUID, uuid4

from commerce.payments.events import (
    AuthorizationAttempted,
    CaptureAttempted,
    PaymentAuthorized,
    PaymentCaptured,
    PaymentClosed,
    PaymentDeclined,
    PaymentOutcomeUnknown,
    PaymentRefunded,
    PaymentVoided,
    RefundAttempted,
    VoidAttempted,
)
from commerce.payments.payment import Status
from projections.payments import PaymentView, payment_of
from tests.integration.projections.history import History, eur, line

SUM = eur("20.00")
NOTHING = eur("0.00")


async def payment(history: History, order: UUID) -> PaymentView:
    await history.is_projected()
    found = await payment_of(history.store.pool, order)
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
        PaymentView(order, "none", NOTHING, NOTHING, NOTHING),
        PaymentView(order, Status.AUTHORIZING, NOTHING, NOTHING, NOTHING),
        PaymentView(order, Status.AUTHORIZED, SUM, NOTHING, NOTHING),
        PaymentView(order, Status.CAPTURING, SUM, NOTHING, NOTHING),
        PaymentView(order, Status.CAPTURED, SUM, SUM, NOTHING),
        PaymentView(order, Status.REFUNDING, SUM, SUM, NOTHING),
        PaymentView(order, Status.CAPTURED, SUM, SUM, eur("0.05")),
        PaymentView(order, Status.REFUNDING, SUM, SUM, eur("0.05")),
        PaymentView(order, Status.REFUNDED, SUM, SUM, SUM),
    ]


async def test_a_declined_payment_moves_nothing(history: History) -> None:
    order = uuid4()
    await history.is_placed(order)
    await history.happens(AuthorizationAttempted, order, amount=SUM, payment_method="pm_card_declined")
    await history.happens(PaymentDeclined, order, decline_reason="no")
    assert await payment(history, order) == PaymentView(order, Status.DECLINED, NOTHING, NOTHING, NOTHING)


async def test_a_voided_payment_took_nothing(history: History) -> None:
    order = uuid4()
    await is_authorized(history, order)
    await history.happens(VoidAttempted, order)
    assert (await payment(history, order)).status == "voiding"
    await history.happens(PaymentVoided, order)
    assert await payment(history, order) == PaymentView(order, Status.VOIDED, SUM, NOTHING, NOTHING)


async def test_a_payment_of_unknown_outcome_says_so_until_it_is_closed(history: History) -> None:
    order = uuid4()
    await history.is_placed(order)
    await history.happens(AuthorizationAttempted, order, amount=SUM, payment_method="pm_card_error")
    await history.happens(PaymentOutcomeUnknown, order, operation="authorize", attempts=5)
    assert (await payment(history, order)).status == "unknown"
    await history.happens(PaymentClosed, order)
    assert (await payment(history, order)).status == "closed"


async def test_an_unknown_order_has_no_payment(history: History) -> None:
    assert await payment_of(history.store.pool, uuid4()) is None
