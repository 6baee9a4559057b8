"""What follows from a comparison of a party's ledger with ours: it is on record once, and a case while it lasts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, cast
from uuid import UUID

from commerce.eventstore import Event, EventStore, Metadata, StreamDecision, handle_command
from commerce.outside.ledger import LedgerDifference, LedgerParty
from commerce.saga.case_events import CaseResolved
from commerce.saga.events import ProcessEvent
from commerce.saga.process import OpenDifference, Process, Stage, fold
from commerce.saga.process_decision import ProcessDecision
from commerce.saga.reconciliation_events import LedgerAgreed, LedgerDiffered, ReconciliationEvent
from commerce.values import ids

Novelty = Literal["new", "known", "settled"]
"""Of a difference: whether it was found before, and whether a person has closed the case since."""

ACTOR = Metadata("service:reconciliation")
"""Who puts on record what a comparison found."""


def compared(
    process: Process | None, about: UUID, party: LedgerParty, party_id: str, difference: LedgerDifference | None
) -> list[ReconciliationEvent]:
    """What is recorded of one thing that was compared: nothing where the process knows it, also where a person has
    settled it.

    `about` is the order, or what stands in its place. A thing without an order that is a case already stays that case.
    """
    known = () if process is None else process.ledger_differences
    before = next((one for one in known if (one.party, one.party_id) == (party, party_id)), None)
    if difference is None:
        return [] if before is None else [LedgerAgreed(order_id=about, party=party, party_id=party_id)]
    is_case = before is None and process is not None and process.stage is Stage.NO_ORDER
    if is_case or before == OpenDifference(party, party_id, difference.detail):
        return []
    return [
        LedgerDiffered(
            order_id=about,
            party=party,
            kind=difference.kind,
            party_id=party_id,
            detail=difference.detail,
            amount=difference.amount,
        )
    ]


async def record_comparison(
    store: EventStore, about: UUID, party: LedgerParty, party_id: str, difference: LedgerDifference | None
) -> Novelty:
    """Put on record what one thing came to; answers whether that is news. Raises `StaleVersion`, `Unavailable`."""
    found: list[Novelty] = []

    def decide(history: Sequence[Event]) -> Sequence[Event]:
        process = fold(cast(ProcessEvent, event) for event in history)
        decided = compared(process, about, party, party_id, difference)
        found[:] = ["new" if decided else "settled" if is_settled(history, party, party_id) else "known"]
        return decided

    await handle_command(store, StreamDecision(ids.process_id(about), decide), ACTOR, correlation_id=about)
    return found[0]


def is_settled(history: Iterable[Event], party: LedgerParty, party_id: str) -> bool:
    """Whether a person closed the case since a thing was found to differ last."""
    settled = False
    for event in history:
        match event:
            case LedgerDiffered() if (event.party, event.party_id) == (party, party_id):
                settled = False
            case CaseResolved() if {"reconciliation", "unknown_payment"} & set(event.kinds):
                settled = True
    return settled


def ledgers_compared(decision: ProcessDecision, event: ReconciliationEvent) -> None:
    """A difference is a case, which a person may close; that another one has gone opens none anew."""
    process = decision.process
    details = [f"{one.party}: {one.detail}" for one in process.ledger_differences]
    open_cases = [case.detail for case in process.cases if case.kind == "reconciliation"]
    detail = "; ".join(details)
    is_news = isinstance(event, LedgerDiffered) or bool(open_cases)
    if details and is_news and detail not in open_cases:
        decision.open_case("reconciliation", detail, outlasts_undoing=True)
