"""The time in which a customer has to confirm the payment, and what follows when it is over."""

from __future__ import annotations

from commerce.payments.events import PaymentActionRequired
from commerce.saga.events import DeadlineSet
from commerce.saga.process import CUSTOMER_DEADLINE, ORDER_DEADLINE, Process
from commerce.saga.process_decision import ProcessDecision
from commerce.saga.steps import AUTHORIZATION

_ASKED = AUTHORIZATION.request.occurrence()


def customer_needed(decision: ProcessDecision, event: PaymentActionRequired) -> None:
    """From now on only the customer's own time counts."""
    process = decision.process
    if _awaits_authorization(process) and event.request_id == process.request_id(_ASKED):
        decision.add(DeadlineSet(order_id=process.order_id, name=CUSTOMER_DEADLINE, due_at=event.until))


def customers_time_passed(decision: ProcessDecision) -> None:
    """Have the provider asked before anything is given up: payments ends what nothing came of, and answers."""
    if decision.process.deadline is None and _awaits_authorization(decision.process):
        decision.set_deadline(ORDER_DEADLINE, decision.limits.order)
        decision.ask(_ASKED)


def took_customers_time(process: Process) -> bool:
    """Whether what is waited for took the customer's own time; that this is over may stand further on in the log, and
    then no other time is set."""
    return process.waits_for_customer or (process.deadline is None and _awaits_authorization(process))


def _awaits_authorization(process: Process) -> bool:
    return process.completion is None and process.awaits == _ASKED
