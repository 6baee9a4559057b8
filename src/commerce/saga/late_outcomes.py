"""What a party did after its step was given up, and only now came to light: it is undone, and the order stays as
it ended."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from commerce.eventstore import Event
from commerce.payments.events import (
    PaymentAnswerDiffered,
    PaymentAuthorized,
    PaymentCaptured,
    PaymentClosed,
    PaymentRefunded,
    PaymentVoided,
)
from commerce.saga.compensation import differed, refused, told, took_otherwise
from commerce.saga.decision import NOTHING, ProcessDecision, ProcessLimits, Reaction
from commerce.saga.events import CaseOpened, LateOutcomeFound, LateOutcomeUndone, Step
from commerce.saga.process import LATE, LATE_REQUEST_EVENTS, Process, Stage
from commerce.shipping.events import (
    ShipmentAnswerDiffered,
    ShipmentCancellationRefused,
    ShipmentCancelled,
    ShipmentClosed,
    ShipmentScheduled,
)

_DONE: Mapping[type[Event], Step] = {
    PaymentAuthorized: "authorization",
    PaymentCaptured: "capture",
    ShipmentScheduled: "shipment",
}
"""The answers that say that a step is done."""

_NOTHING_LEFT: Mapping[type[Event], tuple[Step, ...]] = {
    PaymentVoided: ("authorization",),
    PaymentRefunded: ("capture", "authorization"),
    PaymentClosed: ("authorization",),
    ShipmentCancelled: ("shipment",),
    ShipmentClosed: ("shipment",),
}
"""The answers after which nothing is left of a step, whichever request they answer."""


def answered(process: Process, answer: Event, at: datetime, limits: ProcessLimits) -> Reaction:
    """An answer that the process does not wait for."""
    done = _done(answer)
    if done is not None and _is_late(process, done):
        return _found(process, done, answer, at, limits)
    if isinstance(answer, PaymentAnswerDiffered | ShipmentAnswerDiffered):
        return differed(process, answer)
    decision = ProcessDecision(process)
    undone = next((step for step in _NOTHING_LEFT.get(type(answer), ()) if step in process.late), None)
    if undone is not None:
        decision.add(LateOutcomeUndone, step=undone)
        return decision.reaction()
    if isinstance(answer, ShipmentCancellationRefused) and "shipment" in process.late:
        return refused(decision, f"the shipment of an order that was given up cannot be stopped: {answer.reason}")
    return NOTHING


def _done(answer: Event) -> Step | None:
    """The step that an answer says is done, as asked or otherwise."""
    match answer:
        case PaymentAnswerDiffered(operation="authorize", authorization_id=str()):
            return "authorization"
        case PaymentAnswerDiffered(operation="capture", status="captured"):
            return "capture"
        case ShipmentAnswerDiffered(operation="book", booking_id=str()):
            return "shipment"
    return _DONE.get(type(answer))


def _is_late(process: Process, step: Step) -> bool:
    """A step that is still held is undone in its turn; one that was taken for not done is undone now."""
    is_given_up = process.stage in (Stage.COMPENSATING, Stage.COMPENSATED) and step not in process.held
    return is_given_up and step in process.unheard


def _found(process: Process, step: Step, answer: Event, at: datetime, limits: ProcessLimits) -> Reaction:
    decision = ProcessDecision(process)
    decision.add(LateOutcomeFound, order_id=process.order_id, step=step)
    if isinstance(answer, PaymentAnswerDiffered | ShipmentAnswerDiffered):
        stays = took_otherwise(answer)
        decision.add(CaseOpened, order_id=process.order_id, detail=told(answer), outlasts_undoing=stays)
    if process.stage is Stage.COMPENSATED:
        decision.set_deadline("compensation", at + limits.compensation_timeout(0))
    request = LATE[step]
    decision.add(LATE_REQUEST_EVENTS[request], order_id=process.order_id, request_id=process.request_id(request))
    return decision.reaction()
