"""What needs a person now, in numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from fastapi import Request, Response
from pydantic.config import JsonDict

from api.auth import Admitted
from api.context import context_of
from api.http.resource import Answer, Resource
from api.schemas.answers import json_answer
from commerce.eventstore import parked_groups
from commerce.ordering.order import OrderStatus
from commerce.runtime.heartbeats import find_troubles
from commerce.saga.case_events import CaseKind
from commerce.saga.definitions import PARTIES
from commerce.values.errors import Unavailable
from commerce.values.money import Money
from projections.engine.maintenance import log_findings
from projections.orders import ORDERS, WaitingOrders, waiting_orders
from projections.processes import PROCESSES, Attention, attention, money_in_cases

router = Resource("/api/v1/ops", "operation")


@dataclass(frozen=True, slots=True)
class CasesOfKind:
    """The open cases of one kind."""

    kind: CaseKind
    """What they are about."""
    count: int
    """How many there are."""
    unassigned: int
    """How many of them nobody looks after."""
    oldest: datetime
    """Since when the oldest is open."""
    age_s: int
    """For how many seconds."""
    money_at_risk: list[Money]
    """What may be lost while nobody decides, in each currency; of the 500 oldest orders that have a case."""


@dataclass(frozen=True, slots=True)
class PartyTrouble:
    """A party outside, such as the payment provider, that cannot be asked now."""

    party: str
    """What it is called."""
    problem: str
    """Why, such as that its circuit breaker is open."""


@dataclass(frozen=True, slots=True)
class AttentionView:
    """What needs a person now, in numbers; it names no order and nobody."""

    cases: list[CasesOfKind]
    """The open cases by kind, the kind with the oldest first."""
    overdue: int
    """How many orders wait past the time that their process set itself."""
    parties: list[PartyTrouble]
    """Who outside cannot be asked."""
    parked_groups: int
    """How many groups of parked events there are."""
    parked_events: int
    """How many events are parked in them."""
    tampering: int | None
    """How many things the last verification of the log found that are not as they were signed; null before the
    first."""
    to_ship: WaitingOrders | None
    """The confirmed orders that wait for their dispatch; null where that cannot be told now."""
    to_deliver: WaitingOrders | None
    """The orders that are on their way; null where that cannot be told now."""
    problem: str | None
    """Why cases and overdue orders cannot be told now, and count as none above; null where they can."""


_ATTENTION: JsonDict = {
    "cases": [
        {
            "kind": "undo_rejected",
            "count": 2,
            "unassigned": 1,
            "oldest": "2026-11-23T14:05:00.500000Z",
            "age_s": 420,
            "money_at_risk": [{"amount": "17.80", "currency": "EUR"}],
        }
    ],
    "overdue": 1,
    "parties": [{"party": "payment provider", "problem": "paused after 5 failures in a row"}],
    "parked_groups": 1,
    "parked_events": 3,
    "tampering": 0,
    "to_ship": {"count": 12, "oldest": "2026-11-23T09:12:31.250000Z"},
    "to_deliver": {"count": 0, "oldest": None},
    "problem": None,
}


@router.query("/attention", Answer(AttentionView, example=_ATTENTION))
async def show_attention(request: Request, _caller: Admitted) -> Response:
    """See what needs a person now: open cases by kind with their age and the money at risk, what stands still, and how
    many orders wait to be dispatched and delivered.

    It answers while a read model stands still, too, and says what it cannot tell then. It shows no personal data.
    """
    context = context_of(request)
    pool, problem = context.store.pool, None
    found, money = Attention({}, 0), dict[CaseKind, list[Money]]()
    try:
        await context.read_models.show(PROCESSES, request)
        found, money = await attention(pool), await money_in_cases(pool)
    except Unavailable as error:
        problem = str(error)
    parked = await parked_groups(pool)
    troubles = await find_troubles(pool, {party.name for party in PARTIES})
    return json_answer(
        AttentionView(
            cases=_by_age(found, money),
            overdue=found.overdue,
            parties=[PartyTrouble(party, said) for party, said in sorted(troubles.items())],
            parked_groups=len(parked),
            parked_events=sum(group.events for group in parked),
            tampering=await log_findings(pool),
            to_ship=await _waiting(request, OrderStatus.CONFIRMED),
            to_deliver=await _waiting(request, OrderStatus.SHIPPED),
            problem=problem,
        )
    )


async def _waiting(request: Request, status: OrderStatus) -> WaitingOrders | None:
    try:
        return await waiting_orders(await context_of(request).read_models.show(ORDERS, request), status)
    except Unavailable:
        return None


def _by_age(found: Attention, money: Mapping[CaseKind, list[Money]]) -> list[CasesOfKind]:
    now = datetime.now(UTC)
    return [
        CasesOfKind(
            kind,
            one.count,
            one.unassigned,
            one.oldest,
            max(0, int((now - one.oldest).total_seconds())),
            money.get(kind, []),
        )
        for kind, one in sorted(found.cases.items(), key=lambda item: item[1].oldest)
    ]
