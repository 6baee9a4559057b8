"""Money that is set aside for a time: a person is told before the payment provider lets go of it, while an order on its
way has not taken it yet."""

from __future__ import annotations

from datetime import UTC

from commerce.saga.events import DeadlineSet
from commerce.saga.process import HOLD_DEADLINE, Stage
from commerce.saga.process_decision import ProcessDecision


def await_hold(decision: ProcessDecision) -> None:
    """Look again before the money is let go, where the order may still be on its way by then.

    That is the margin of the limits before the end, but never before half of the time that is left.
    """
    process, at = decision.process, decision.at
    until, due_at = process.held_until, process.order_due_at
    is_told = any(case.kind == "hold_ends" for case in process.cases)
    if until is None or due_at is None or process.hold_deadline is not None or is_told:
        return
    alarm = max(until - decision.limits.hold_margin, at + max(until - at, at - at) / 2)
    if alarm < due_at:
        decision.add(DeadlineSet(order_id=process.order_id, name=HOLD_DEADLINE, due_at=alarm))


def hold_ends(decision: ProcessDecision) -> None:
    """The money is let go soon: tell a person, once. What is captured too late the provider rejects, and the order is
    undone for it."""
    process = decision.process
    if process.stage is Stage.RUNNING and process.held_until is not None:
        until = f"{process.held_until.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
        detail = f"the payment provider lets go of the {process.total} at {until}, and the order does not get on"
        decision.open_case("hold_ends", detail)
