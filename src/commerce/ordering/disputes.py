"""The disputes that an order shows: what the customer has the bank take back. The order itself goes on as before."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from commerce.ordering.events import OrderDisputeClosed, OrderDisputed, OrderEvent
from commerce.values.dispute import DisputeOutcome, DisputeStatus
from commerce.values.money import Money


@dataclass(frozen=True, slots=True)
class OrderDispute:
    """The customer has the bank take back what they paid."""

    dispute_id: str
    """The payment provider's id of it."""
    status: DisputeStatus
    """How it stands: open, or how it ended, in the provider's word."""
    amount: Money
    """What it is about."""
    reason: str
    """The customer's, as the provider's code, such as `fraudulent`."""
    answer_by: datetime | None
    """Until when the shop can answer at the provider; null where it does not say."""


Disputes = tuple[OrderDispute, ...]
"""In the order in which they were told of."""


def order_disputes_after(disputes: Disputes, event: OrderDisputed | OrderDisputeClosed) -> Disputes:
    """Apply one event."""
    by_id = {dispute.dispute_id: dispute for dispute in disputes}
    id_ = event.dispute_id
    if isinstance(event, OrderDisputed):
        by_id[id_] = OrderDispute(id_, "open", event.amount, event.reason, event.answer_by)
    elif id_ in by_id:
        by_id[id_] = replace(by_id[id_], status=event.outcome)
    return tuple(by_id.values())


def note_dispute(disputes: Disputes, told: OrderDispute) -> list[OrderEvent]:
    """Note that what was paid is disputed, wherever the order stands; once, until it is told otherwise."""
    if told in disputes:
        return []
    return [OrderDisputed(dispute_id=told.dispute_id, amount=told.amount, reason=told.reason, answer_by=told.answer_by)]


def note_dispute_closed(disputes: Disputes, dispute_id: str, outcome: DisputeOutcome) -> list[OrderEvent]:
    """Note how a dispute ended; once."""
    is_open = any(one.dispute_id == dispute_id and one.status == "open" for one in disputes)
    return [OrderDisputeClosed(dispute_id=dispute_id, outcome=outcome)] if is_open else []
