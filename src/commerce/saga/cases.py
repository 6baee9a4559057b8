"""What needs a person: the kinds of cases in words, the money at risk, and what may be done about an order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from commerce.eventstore import Sealed
from commerce.saga.case_events import CaseAssigned, CaseKind, CaseNoted, CaseResolved, Resolution
from commerce.saga.definitions import told_request
from commerce.saga.process import Process, Stage
from commerce.saga.step_definition import Occurrence
from commerce.saga.steps import PAYMENT_PROVIDER
from commerce.values.errors import RuleBroken
from commerce.values.money import Money, total

KINDS: Mapping[CaseKind, str] = {
    "answer_differed": "a party answered otherwise than it was asked",
    "money_held_twice": "the payment provider set money aside twice, and keeps it",
    "shipment_booked_twice": "the carrier took the shipment twice, and keeps it",
    "outcome_unknown": "nobody knows whether a step was done, and its undoing takes too long",
    "undo_unfinished": "the undoing takes too long",
    "undo_rejected": "a party does not undo what it did",
    "order_waits": "the order waits for what only a person can mend",
    "done_after_skip": "a step was done all the same, after a person had taken it as undone",
    "not_shipped": "the order is confirmed, and nobody ships it",
    "refund_failed": "a refund that somebody asked for was not made",
    "refund_unfinished": "a refund that somebody asked for takes too long",
    "unknown_payment": "the payment provider tells of a payment that is no order's of ours",
    "reconciliation": "the ledger of a party differs from ours",
    "hold_ends": "the payment provider soon lets go of money that is set aside, and it is not taken yet",
    "dispute": "the customer has the bank take back what they paid",
}
"""Every kind of case, in words."""

_UNTIL_ANSWERED: frozenset[CaseKind] = frozenset(
    {"outcome_unknown", "undo_unfinished", "undo_rejected", "order_waits", "hold_ends"}
)
"""Kinds that a person cannot close while the process still asks for what they are about."""
_ABOUT_MONEY: frozenset[CaseKind] = frozenset(
    {
        "answer_differed",
        "money_held_twice",
        "done_after_skip",
        "refund_failed",
        "refund_unfinished",
        "unknown_payment",
        "reconciliation",
    }
)


class CaseNotOpen(RuleBroken):
    """Nothing is open about the order that a person has to decide."""


class CaseStillRuns(RuleBroken):
    """The process still works on what the case is about, so that a person cannot close it."""


def open_requests(process: Process) -> list[Occurrence]:
    """What the process has asked for and has no answer to."""
    return [*process.late_requests, *([process.awaits] if process.awaits is not None else [])]


def money_at_risk(process: Process) -> Money | None:
    """What may be lost of the order's money while nobody decides: all of it, or nothing; None where nobody knows.

    It is at risk while it is, or may be, set aside or taken for an order whose goods have not left. Of an order that
    needs nobody for anything else, what is disputed is.
    """
    if process.total is None:
        return None
    steps = process.held | process.late
    is_held = process.stage is Stage.COMPLETED or any(process.step_of(step).party is PAYMENT_PROVIDER for step in steps)
    has_left = process.stage in (Stage.DISPATCHED, Stage.DELIVERED)
    is_doubted = any(case.kind in _ABOUT_MONEY for case in process.cases)
    currency, disputed = process.total.currency, [case.amount for case in process.cases if case.amount is not None]
    has_others = len(disputed) < len(process.cases)
    is_comparable = all(amount.currency == currency for amount in disputed)
    is_at_risk = not is_comparable or (has_others and (is_doubted or (is_held and not has_left)))
    return process.total if is_at_risk else total(disputed, currency)


def assign(process: Process, owner: str | None) -> list[CaseAssigned]:
    """Give what is open about the order to somebody. Raises `CaseNotOpen`."""
    _require_open(process)
    return [] if process.owner == owner else [CaseAssigned(order_id=process.order_id, owner=owner)]


def add_note(process: Process, text: Sealed) -> list[CaseNoted]:
    """Write down how far somebody is with it. Raises `CaseNotOpen`."""
    _require_open(process)
    return [CaseNoted(order_id=process.order_id, note=text)]


def resolve(
    process: Process,
    kinds: Sequence[CaseKind],
    resolution: Resolution,
    reason: Sealed,
    reference: Sealed | None = None,
) -> list[CaseResolved]:
    """Close the cases of these kinds, or all that are open where none is named.

    Raises `CaseNotOpen`, and `CaseStillRuns` where the process would go on with what a person takes for settled.
    """
    _require_open(process)
    present = [case.kind for case in process.cases]
    if unknown := [kind for kind in kinds if kind not in present]:
        raise CaseNotOpen(f"no case {unknown[0]} is open; these are: {', '.join(present)}")
    closed = tuple(dict.fromkeys(kind for kind in present if not kinds or kind in kinds))
    _require_rest(process, closed, resolution)
    return [
        CaseResolved(order_id=process.order_id, kinds=closed, resolution=resolution, reason=reason, reference=reference)
    ]


def may_be_resolved(process: Process) -> bool:
    """Whether a person can close all that is open."""
    return bool(process.cases) and not (open_requests(process) and _UNTIL_ANSWERED & _kinds(process))


def _require_rest(process: Process, closed: Sequence[CaseKind], resolution: Resolution) -> None:
    asked = open_requests(process)
    moving = [one for one in asked if process.step_of(one).party is PAYMENT_PROVIDER]
    if asked and _UNTIL_ANSWERED & frozenset(closed):
        told = " and ".join(map(told_request, asked))
        otherwise = "compensate" if process.stage is Stage.RUNNING else "skip it"
        raise CaseStillRuns(f"the order still waits for {told}: retry it or {otherwise} first")
    if (moving or process.open_refunds) and resolution == "refunded_by_hand":
        raise CaseStillRuns(
            "the payment provider is still asked to move the money: wait for its answer, or skip that first"
        )


def _require_open(process: Process) -> None:
    if not process.cases:
        raise CaseNotOpen(f"nothing is open about order {process.order_id} that a person has to decide")


def _kinds(process: Process) -> frozenset[CaseKind]:
    return frozenset(case.kind for case in process.cases)
