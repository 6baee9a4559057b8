"""Disputes about money that was taken: as the provider tells of them, and as a payment keeps them. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from commerce.eventstore import Event
from commerce.payments.events import PaymentDisputeClosed, PaymentDisputed, PaymentEvent
from commerce.values.dispute import DisputeStatus
from commerce.values.money import Money

MOST_DISPUTES = 20
"""Of one payment; a provider that tells of more makes no sense."""


@dataclass(frozen=True, slots=True)
class Dispute:
    """A customer has the bank take money back."""

    dispute_id: str
    status: DisputeStatus
    amount: Money
    reason: str
    """The customer's, as the provider's code."""
    answer_by: datetime | None = None
    """Until when the shop can answer, where the provider says so."""


Disputes = Mapping[str, Dispute]
"""By their ids, in the order in which they were told of."""


def disputes_after(disputes: Disputes, event: Event) -> Disputes:
    """Apply one event of the payment."""
    match event:
        case PaymentDisputed(dispute_id=id_):
            return {**disputes, id_: Dispute(id_, "open", event.amount, event.reason, event.answer_by)}
        case PaymentDisputeClosed(dispute_id=id_) if id_ in disputes:
            return {**disputes, id_: replace(disputes[id_], status=event.outcome)}
    return disputes


def disputes_told(
    order_id: UUID, authorization_id: str, known: Disputes, told: Sequence[Dispute]
) -> list[PaymentEvent]:
    """What is new in what the provider tells of an authorisation. One that is over stays so: an answer may be old."""
    events: list[PaymentEvent] = []
    for dispute in told:
        before = known.get(dispute.dispute_id)
        if before is not None and before.status != "open":
            continue
        if before is None or replace(dispute, status="open") != before:
            events.append(
                PaymentDisputed(
                    order_id=order_id,
                    authorization_id=authorization_id,
                    dispute_id=dispute.dispute_id,
                    amount=dispute.amount,
                    reason=dispute.reason,
                    answer_by=dispute.answer_by,
                )
            )
        if dispute.status != "open":
            events.append(
                PaymentDisputeClosed(
                    order_id=order_id,
                    authorization_id=authorization_id,
                    dispute_id=dispute.dispute_id,
                    outcome=dispute.status,
                )
            )
    return events
