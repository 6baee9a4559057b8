"""The read model of refunds: each by itself, however many an order has; what an undo gives back is none."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from commerce.payments.events import (
    PaymentAnswerDiffered,
    PaymentRefunded,
    PaymentRefundFailed,
    PaymentRefundRequested,
    RefundAttempted,
)
from commerce.payments.requested_refunds import RefundStatus
from commerce.values.errors import InvalidInput
from projections.engine.pages import PageRequest
from projections.refunds import find_refunds
from tests.integration.projections.history import History, eur, sealed

ONE = eur("1.00")


async def is_asked_for(history: History, order: UUID) -> UUID:
    refund = uuid4()
    await history.happens(
        PaymentRefundRequested, order, request_id=refund, amount=ONE, lines=(), reason=sealed("it is torn")
    )
    return refund


async def test_each_refund_is_listed_by_itself_newest_first_and_at_one_status(history: History) -> None:
    order, other = uuid4(), uuid4()
    for one in (order, other):
        await history.is_placed(one)
    back, failed, asked, differed = [await is_asked_for(history, one) for one in (order, other, order, order)]
    for refund, about in ((back, order), (failed, other)):
        await history.happens(RefundAttempted, about, request_id=refund, amount=ONE, attempt=1)
    await history.happens(PaymentRefunded, order, request_id=back, amount=ONE)
    await history.happens(PaymentRefundFailed, other, request_id=failed, amount=ONE, reason="no")
    told = {"operation": "refund", "status": "refunded", "authorization_id": None, "amount": eur("2.00")}
    said = {"asked": "1.00 EUR", "answered": "2.00 EUR"}
    await history.happens(PaymentAnswerDiffered, order, request_id=differed, **told, **said)
    await history.happens(RefundAttempted, order, request_id=uuid4(), amount=ONE, attempt=1)  # of an undo
    await history.is_projected()
    pool = history.store.pool
    rows = (await find_refunds(pool)).items
    assert [row.refund.refund_id for row in rows] == [differed, asked, failed, back]
    assert [(row.refund.status, row.refund.failure) for row in rows] == [
        (RefundStatus.FAILED, "answer_differed"),
        (RefundStatus.REQUESTED, None),
        (RefundStatus.FAILED, "no"),
        (RefundStatus.REFUNDED, None),
    ]
    assert [(row.attempted_at is None, row.settled_at is None) for row in rows] == [
        (True, False),
        (True, True),
        (False, False),
        (False, False),
    ]
    assert {row.requested_by for row in rows} == {"service:test"}
    first = await find_refunds(pool, PageRequest(limit=1), RefundStatus.FAILED)
    rest = await find_refunds(pool, PageRequest(first.next_cursor), RefundStatus.FAILED)
    assert [row.refund.refund_id for row in (*first.items, *rest.items)] == [differed, failed]
    with pytest.raises(InvalidInput):
        await find_refunds(pool, PageRequest("nonsense"))
