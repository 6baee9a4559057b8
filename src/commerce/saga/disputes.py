"""What follows from a dispute: a case, and the order shows it. Nothing is refunded or restocked by itself."""

from __future__ import annotations

from datetime import UTC

from commerce.ordering.disputes import OrderDispute
from commerce.payments.events import PaymentDisputeClosed, PaymentDisputed
from commerce.saga.case_events import CaseOpened
from commerce.saga.events import DisputeSettled
from commerce.saga.order_commands import CloseDispute, DisputeOrder
from commerce.saga.process_decision import ProcessDecision


def dispute_told(decision: ProcessDecision, told: PaymentDisputed | PaymentDisputeClosed) -> None:
    """The provider told that the customer disputes what they paid, or how that ended."""
    if isinstance(told, PaymentDisputed):
        _opened(decision, told)
    else:
        _closed(decision, told)


def _opened(decision: ProcessDecision, told: PaymentDisputed) -> None:
    """Somebody has to answer the bank, or to let the money go."""
    by = f"; answer by {told.answer_by.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if told.answer_by else ""
    decision.add(
        CaseOpened(
            order_id=decision.process.order_id,
            kind="dispute",
            detail=f"the customer disputes {told.amount} ({told.reason}, {told.dispute_id}){by}",
            outlasts_undoing=True,
            about=told.dispute_id,
            amount=told.amount,
            answer_by=told.answer_by,
        )
    )
    decision.command(DisputeOrder(OrderDispute(told.dispute_id, "open", told.amount, told.reason, told.answer_by)))


def _closed(decision: ProcessDecision, told: PaymentDisputeClosed) -> None:
    """The provider says how it ended; its case is over with that."""
    decision.add(DisputeSettled(order_id=decision.process.order_id, dispute_id=told.dispute_id, outcome=told.outcome))
    decision.command(CloseDispute(told.dispute_id, told.outcome))
