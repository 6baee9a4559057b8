"""What people ask of an order beside its way, and what comes of it: refunds, interventions, cases, and limits by
settings."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

from commerce.eventstore import Event, Sealed
from commerce.payments.events import (
    PaymentAnswerDiffered,
    PaymentCallPostponed,
    PaymentRefunded,
    PaymentRefundFailed,
    PaymentRefundRequested,
)
from commerce.payments.requested_refunds import GIVEN_BACK_BEFORE
from commerce.saga.case_events import CaseKind, CaseResolved
from commerce.saga.intervention_events import Intervened, Intervention
from commerce.saga.limits import ProcessLimits
from commerce.values.money import Money
from tests.unit.saga import inputs as given
from tests.unit.saga.inputs import ORDER, PROCESS, STREAMS, deadline_passed

LIMITS = ProcessLimits(
    steps={"authorization": timedelta(minutes=3), "capture": timedelta(minutes=14)}, dispatch=timedelta(days=7)
)
"""Steps have a time of their own, and a confirmed order has to leave."""

USUAL: tuple[Event, ...] = (
    given.RESERVED,
    given.AUTHORIZED,
    given.SCHEDULED,
    given.CAPTURED,
    given.VOIDED,
    given.REFUNDED,
    given.RELEASED,
    given.STOPPED,
    given.DISPATCHED,
    given.DELIVERED,
)
REFUND = UUID(int=1)
_ASKED: tuple[tuple[Intervention, tuple[str, ...]], ...] = (
    ("compensate", ()),
    ("retry", ("authorize",)),
    ("retry", ("capture",)),
    ("retry", ("void",)),
    ("retry", ("refund",)),
    ("skip", ("void",)),
    ("skip", ("refund",)),
    ("skip", ("cancel shipment",)),
    ("skip", ("late void",)),
)
_CLOSED: tuple[CaseKind, ...] = ("not_shipped", "answer_differed", "outcome_unknown")


def unusual() -> Iterator[Event]:
    """What people do, and what goes wrong on the way to it."""
    yield from (given.CANCELLATION_REQUESTED, given.AUTHORIZATION_UNKNOWN, given.CAPTURE_UNKNOWN, given.DECLINED)
    yield from (given.payment_differed("capture", "capture"), given.TOO_LATE, given.CLOSED_BY_VOID)
    for name in ("order", "authorization", "capture", "compensation", "dispatch", "refund"):
        yield deadline_passed(name)
    for action, requests in _ASKED:
        yield Intervened(originator_id=PROCESS, order_id=ORDER, action=action, requests=requests, reason=Sealed("why"))
    for kind in _CLOSED:
        yield CaseResolved(
            originator_id=PROCESS, order_id=ORDER, kinds=(kind,), resolution="settled", reason=Sealed("why")
        )
    yield from _refunds()


def _refunds() -> Iterator[Event]:
    five = Money.of("5.00", "EUR")
    about = {"originator_id": STREAMS["payments"], "originator_version": 9, "order_id": ORDER, "request_id": REFUND}
    yield PaymentRefundRequested.model_validate(about | {"amount": five, "lines": (), "reason": "sealed"})
    yield PaymentRefunded.model_validate(about | {"amount": five})
    for reason in ("it says no", GIVEN_BACK_BEFORE):
        yield PaymentRefundFailed.model_validate(about | {"amount": five, "reason": reason})
    yield PaymentCallPostponed.model_validate(about | {"attempt": 1, "cause": "undo_refused", "detail": "it says no"})
    told = {"operation": "refund", "asked": "5.00 EUR", "answered": "did 1.00 EUR", "authorization_id": None}
    for status in (None, "refunded"):
        yield PaymentAnswerDiffered.model_validate(about | told | {"status": status, "amount": None})
