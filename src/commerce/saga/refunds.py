"""Refunds that somebody asks for, beside the way of the order: payments is asked, and asked again, until each has its
outcome; one that takes too long, or fails, is a case."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from commerce.eventstore import Event
from commerce.outside.events import CallPostponed
from commerce.payments.events import (
    PaymentAnswerDiffered,
    PaymentRefunded,
    PaymentRefundFailed,
    PaymentRefundRequested,
)
from commerce.payments.requested_refunds import GIVEN_BACK_BEFORE, SKIPPED, gave_back
from commerce.saga.events import PartialRefundSettled
from commerce.saga.intervention_events import RefundSkipped
from commerce.saga.process import REFUND_DEADLINE, Process
from commerce.saga.process_decision import ProcessDecision
from commerce.saga.request_events import PartialRefundRequested
from commerce.saga.step_definition import AboutRequest, Occurrence, occurrence_key
from commerce.saga.steps import PARTIAL_REFUND


def is_about_refund(process: Process, event: Event) -> bool:
    """Whether a party's event is about a refund that somebody asked for, and not about an undo."""
    return getattr(event, "request_id", None) in process.refunds


def refund_requested(decision: ProcessDecision, event: PaymentRefundRequested) -> None:
    """Have payments give the money back, once for each refund that was accepted."""
    process = decision.process
    if event.request_id in process.refunds:
        return
    decision.add(PartialRefundRequested(order_id=process.order_id, request_id=event.request_id, amount=event.amount))
    if process.refund_deadline is None:
        decision.set_deadline(REFUND_DEADLINE, decision.limits.compensation_timeout(0))


def refund_told(decision: ProcessDecision, event: Event) -> None:
    """What payments says of a refund; a repeated answer is followed by nothing."""
    request_id = cast(AboutRequest, event).request_id
    if request_id not in decision.process.open_refunds:
        return
    match event:
        case PaymentRefunded():
            decision.add(PartialRefundSettled(request_id=request_id, outcome="refunded"))
        case PaymentRefundFailed(amount=amount, reason=reason):
            decision.add(PartialRefundSettled(request_id=request_id, outcome="failed"))
            if reason not in (GIVEN_BACK_BEFORE, SKIPPED):
                decision.open_case("refund_failed", f"{amount} was not given back: {reason}", outlasts_undoing=True)
        case PaymentAnswerDiffered():
            if gave_back(event):
                decision.add(PartialRefundSettled(request_id=request_id, outcome="failed"))
            detail = f"the payment provider {event.answered} instead of {event.asked}"
            decision.open_case_once("answer_differed", detail, outlasts_undoing=True)
        case CallPostponed(cause="undo_refused", detail=detail):
            decision.open_case_once("refund_unfinished", detail, outlasts_undoing=True)


def refunds_overdue(decision: ProcessDecision) -> None:
    """Refunds take too long: tell a person, and look again later. They go on being tried, and never count as failed."""
    process = decision.process
    if not process.open_refunds:
        return
    ids = ", ".join(sorted(map(str, process.open_refunds)))
    detail = f"no outcome yet of the refund {ids}; it goes on being tried"
    decision.open_case("refund_unfinished", detail, outlasts_undoing=True)
    decision.set_deadline(REFUND_DEADLINE, decision.limits.compensation_timeout(process.refunds_overdue))


def open_refund_requests(process: Process) -> list[Occurrence]:
    """The refunds that have no outcome yet, as a person names them."""
    return sorted(PARTIAL_REFUND.occurrence(str(refund)) for refund in process.open_refunds)


def skip_refund(decision: ProcessDecision, request: Occurrence) -> None:
    """A person says that nobody is to ask for a refund any more: payments ends it, so that others may follow."""
    order_id, refund = decision.process.order_id, UUID(occurrence_key(request))
    decision.add(RefundSkipped(order_id=order_id, request_ids=(refund,)))
