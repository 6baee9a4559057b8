"""A payment at the provider that is no order's of ours: a case in the place of an order. Pure."""

from __future__ import annotations

from datetime import datetime

from commerce.eventstore import in_stream
from commerce.payments.webhook_events import UnknownPaymentTold
from commerce.saga.events import UnclaimedMoneyFound
from commerce.saga.limits import ProcessLimits
from commerce.saga.process import Process, evolve
from commerce.saga.process_decision import ProcessDecision, Reaction
from commerce.saga.steps import PAYMENT_PROVIDER
from commerce.values import ids


def unknown_payment(process: Process | None, told: UnknownPaymentTold, at: datetime, limits: ProcessLimits) -> Reaction:
    """The provider told of a payment that is no order's: a case of its own, in the place of an order."""
    found = UnclaimedMoneyFound(order_id=told.stands_for, amount=told.amount)
    if process is None:
        in_stream([found], ids.process_id(told.stands_for), after=0)
        decision = ProcessDecision(evolve(None, found), at, limits, [found])
    else:
        decision = ProcessDecision(process, at, limits)
        if process.total != told.amount:
            decision.add(found)
    decision.open_case_once("unknown_payment", f"{PAYMENT_PROVIDER.name}: {told.detail}", outlasts_undoing=True)
    return decision.reaction()
