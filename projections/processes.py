"""The order processes: what each order waits for, since when, until when, what comes next, and which need a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import cast, get_args
from uuid import UUID

from commerce.eventstore import Pool, Recorded, Sealed
from commerce.saga.case_events import CaseKind, CaseNoted
from commerce.saga.cases import money_at_risk
from commerce.saga.definitions import DEFINITIONS
from commerce.saga.description import AwaitedStep, awaited_parties, waiting_for, why_here
from commerce.saga.events import ProcessEvent, ProcessStarted, UnclaimedMoneyFound
from commerce.saga.interventions import possible_actions
from commerce.saga.process import Process, Stage, evolve
from commerce.saga.reconciliation_events import LedgerDiffered
from commerce.saga.step_statuses import StepStatus
from commerce.values.money import Money
from projections.engine.pages import FIRST_PAGE, Condition, Page, PageRequest, newest_first
from projections.engine.projection import Projection, fetch, topics_of

_DDL = """
CREATE TABLE {table} (
    process_id uuid PRIMARY KEY,
    since timestamptz,
    until timestamptz,
    cases jsonb NOT NULL,
    case_since timestamptz,
    note text,
    state jsonb NOT NULL,
    order_id uuid NOT NULL GENERATED ALWAYS AS ((state ->> 'order_id')::uuid) STORED,
    stage text NOT NULL GENERATED ALWAYS AS (state ->> 'stage') STORED,
    opened_case text GENERATED ALWAYS AS (cases -> -1 ->> 'detail') STORED,
    owner text GENERATED ALWAYS AS (state ->> 'owner') STORED,
    definition integer NOT NULL GENERATED ALWAYS AS ((state ->> 'definition')::integer) STORED,
    first bigint NOT NULL,
    position bigint NOT NULL
);
CREATE INDEX ON {table} (first) WHERE since IS NOT NULL;
CREATE INDEX ON {table} (definition, first) WHERE since IS NOT NULL;
CREATE INDEX ON {table} (first) WHERE opened_case IS NOT NULL;
CREATE INDEX ON {table} (first) WHERE until IS NOT NULL OR opened_case IS NOT NULL;
"""
OVERDUE_AFTER_S = 10
"""From a deadline to its counting as unnoticed: the process manager looks every second."""

MOST_COUNTED_ORDERS = 10_000
"""Under one definition, with a case, or with a deadline: the oldest; to count so many takes some milliseconds."""

MOST_ADDED_CASES = 500
"""Orders with an open case whose money at risk is added up: to read so many takes some ten milliseconds."""

_WAITS = Condition("since IS NOT NULL")
_HAS_CASE = Condition("opened_case IS NOT NULL")
_OVERDUE = Condition(
    "(until IS NOT NULL OR opened_case IS NOT NULL) AND (until < clock_timestamp() OR opened_case IS NOT NULL)"
    f" AND stage <> '{Stage.NO_ORDER}'"
)


@dataclass(frozen=True, slots=True)
class CaseSince:
    """What a person has to decide, and since when."""

    kind: CaseKind
    """What it is about."""
    detail: str
    """The same in words."""
    since: datetime
    """Since when."""
    about: str | None = None
    """What at the party it is about, such as the id of a dispute; null where the kind says it all."""
    answer_by: datetime | None = None
    """Until when the party takes an answer, as of a dispute; null where nothing is to be answered."""


@dataclass(frozen=True, slots=True)
class ProcessRow:
    """A process, and since when and until when it waits; `since` is None once it waits for nothing more, and `until`
    where nothing is under way, as when a shipment waits to leave.

    `case_since` is since when a person has to look at it, None where nobody has to; `note` is what was noted last
    meanwhile, sealed.
    """

    process_id: UUID
    since: datetime | None
    until: datetime | None
    state: Process
    cases: tuple[CaseSince, ...] = ()
    case_since: datetime | None = None
    note: Sealed | None = None


@dataclass(frozen=True, slots=True)
class ProcessView:
    """What an order waits for, in plain words; `case` says what a person has to look at."""

    order_id: UUID
    """The order."""
    stage: Stage
    """How far it is."""
    waiting_for: str | None
    """What is waited for; null once nothing is."""
    since: datetime | None
    """Since when."""
    until: datetime | None
    """When it is given up or looked at again by itself; null where nothing limits it. Customers are not told by when
    the shop wants to ship."""
    next: str | None
    """What happens when that has come; null once nothing is waited for."""
    case: str | None
    """What a person has to look at; null where nobody has to."""
    why: str | None
    """Why the order is where it is; null for customers, like what follows."""
    owner: str | None
    """Who looks after what is open about it."""
    money_at_risk: Money | None
    """What of its money may be lost while nobody decides."""
    actions: list[str]
    """What may be done about it now: the last parts of the paths below `/ops/processes/{order_id}` and
    `/ops/cases/{order_id}`."""
    definition: int | None
    """The version of the process's definition that the order began with, and ends under; null for customers."""
    version: int
    """How many events its process has; also its ETag."""
    steps: Sequence[StepStatus] = ()
    """Its steps in their order, and what became of each; empty for customers, and in lists."""


@dataclass(frozen=True, slots=True)
class CaseView:
    """What a person has to decide about an order, and since when."""

    order_id: UUID
    """The order. Where there is none (`no_order`), an id that stands in its place in the paths below."""
    number: str | None
    """What people call the order; null where there is none, or while the list of orders does not show it yet."""
    kind: CaseKind
    """What it is about."""
    detail: str
    """What the person has to decide."""
    since: datetime
    """Since when."""
    age_s: int
    """For how many seconds."""
    about: str | None
    """What at the party it is about, such as the id of a dispute; null where the kind says it all."""
    answer_by: datetime | None
    """Until when the party takes an answer, as of a dispute; null where nothing is to be answered."""
    stage: Stage
    """How far the order's process is."""
    waiting_for: str | None
    """What is waited for; null once nothing is."""
    money_at_risk: Money | None
    """What of the order's money may be lost while nobody decides; null where nobody knows."""
    owner: str | None
    """Who looks after it; null for nobody."""
    note: str | None
    """What was noted last; null where nothing was."""
    actions: list[str]
    """What may be done now: the last parts of the paths below `/ops/processes/{order_id}` and
    `/ops/cases/{order_id}`."""
    further: list[CaseSince]
    """What else is open about the same order."""


@dataclass(frozen=True, slots=True)
class OpenCases:
    """The open cases of one kind: how many there are, of them those that nobody looks after, and since when the
    oldest is open."""

    count: int
    unassigned: int
    oldest: datetime


@dataclass(frozen=True, slots=True)
class Attention:
    """What needs an operator now: the open cases by kind, and the processes past the time they set themselves."""

    cases: Mapping[CaseKind, OpenCases]
    overdue: int


def fold(row: ProcessRow | None, recorded: Recorded) -> ProcessRow | None:
    """Apply one event."""
    event = cast(ProcessEvent, recorded.event)
    if row is None and not isinstance(event, ProcessStarted | UnclaimedMoneyFound | LedgerDiffered):
        return None
    state = evolve(row.state if row else None, event)
    before = waiting_for(row.state) if row else None
    now = waiting_for(state)
    cases = _cases_since(row, state, recorded.recorded_at)
    case_since = min((case.since for case in cases), default=None)
    note = _note(row, event) if cases else None
    if now is None:
        return ProcessRow(state.id, None, None, state, cases, case_since, note)
    unchanged = row is not None and before is not None and before.what == now.what
    since = row.since if row and unchanged else recorded.recorded_at
    until = None if state.stage is Stage.COMPLETED else now.until
    return ProcessRow(state.id, since, until, state, cases, case_since, note)


def _cases_since(row: ProcessRow | None, state: Process, at: datetime) -> tuple[CaseSince, ...]:
    """The open cases; one that is told again is open since it was told first."""
    if not state.cases:
        return ()
    known = {(case.kind, case.about): case.since for case in (row.cases if row else ())}
    return tuple(
        CaseSince(case.kind, case.detail, known.get((case.kind, case.about), at), case.about, case.answer_by)
        for case in state.cases
    )


def _note(row: ProcessRow | None, event: ProcessEvent) -> Sealed | None:
    if isinstance(event, CaseNoted):
        return event.note
    return row.note if row else None


PROCESSES = Projection(
    name="processes",
    version=11,
    topics=topics_of(*get_args(ProcessEvent)),
    row=ProcessRow,
    ddl=_DDL,
    key="process_id",
    fold=fold,
)


def process_view(
    row: ProcessRow, *, within: bool = True, troubles: Mapping[str, str] = MappingProxyType({})
) -> ProcessView:
    """A process as clients see it; one who is not `within` the shop is not told what went wrong there.

    `troubles` say why parties outside cannot be asked now, by their names.
    """
    state, waiting, why = row.state, waiting_for(row.state), why_here(row.state)
    told = "; ".join(f"the {party}: {troubles[party]}" for party in sorted(awaited_parties(state) & troubles.keys()))
    if waiting and told and not waiting.postponed:
        waiting, why = replace(waiting, postponed=told), f"{why} ({told})"
    return ProcessView(
        order_id=state.order_id,
        stage=state.stage,
        waiting_for=_told(waiting, within) if waiting else None,
        since=row.since,
        until=waiting.until if waiting and (within or state.stage is not Stage.COMPLETED) else None,
        next=waiting.next if waiting else None,
        case=state.case if within else None,
        why=why if within else None,
        owner=state.owner if within else None,
        money_at_risk=money_at_risk(state) if within else None,
        actions=possible_actions(state) if within else [],
        definition=state.definition if within else None,
        version=state.version,
    )


def _told(waiting: AwaitedStep, within: bool) -> str:
    return f"{waiting.what}; {waiting.postponed}" if waiting.postponed and within else waiting.what


async def find_processes(
    pool: Pool,
    *,
    overdue: bool = False,
    definition: int | None = None,
    paging: PageRequest = FIRST_PAGE,
    troubles: Mapping[str, str] = MappingProxyType({}),
) -> Page[ProcessView]:
    """Processes that wait for something, those begun last first; or only those that wait too long or have a case, or
    that began with a definition. `troubles` are as in `process_view`.

    Raises `InvalidInput` for the cursor.
    """
    where = [_OVERDUE if overdue else _WAITS]
    if definition is not None:
        where.append(Condition("since IS NOT NULL AND definition = %s", [definition]))
    page = await newest_first(pool, PROCESSES, paging, where)
    return Page([process_view(row, troubles=troubles) for row in page.items], page.next_cursor)


async def find_cases(
    pool: Pool, paging: PageRequest = FIRST_PAGE, *, kind: CaseKind | None = None, owner: str | None = None
) -> Page[ProcessRow]:
    """Orders whose process has an open case, those begun last first; of one kind, or of one owner (the empty one: of
    nobody). Raises `InvalidInput` for the cursor."""
    where = [_HAS_CASE]
    if kind is not None:
        where.append(Condition("cases @> jsonb_build_array(jsonb_build_object('kind', %s::text))", [kind]))
    if owner is not None:
        where.append(Condition("coalesce(owner, '') = %s", [owner]))
    return await newest_first(pool, PROCESSES, paging, where)


def case_view(row: ProcessRow, number: str | None, note: str | None, now: datetime) -> CaseView:
    """What a person has to decide, as it is listed; `number` is the order's, and `note` the last one in plain text."""
    state, waiting = row.state, waiting_for(row.state)
    *further, last = row.cases
    assert row.case_since is not None
    return CaseView(
        order_id=state.order_id,
        number=number,
        kind=last.kind,
        detail=last.detail,
        since=row.case_since,
        about=last.about,
        answer_by=last.answer_by,
        age_s=max(0, int((now - row.case_since).total_seconds())),
        stage=state.stage,
        waiting_for=_told(waiting, within=True) if waiting else None,
        money_at_risk=money_at_risk(state),
        owner=state.owner,
        note=note,
        actions=possible_actions(state),
        further=further,
    )


async def attention(pool: Pool) -> Attention:
    """Raises `Unavailable`."""
    found = await fetch(
        pool,
        f"""
        SELECT one ->> 'kind', count(*), count(*) FILTER (WHERE owner IS NULL), min((one ->> 'since')::timestamptz)
        FROM (SELECT cases, owner FROM {PROCESSES.table}
              WHERE opened_case IS NOT NULL ORDER BY first LIMIT {MOST_COUNTED_ORDERS}) AS open
        CROSS JOIN LATERAL jsonb_array_elements(cases) AS one
        GROUP BY 1
        UNION ALL
        SELECT NULL, count(*), 0, NULL
        FROM (SELECT until FROM {PROCESSES.table} WHERE until IS NOT NULL OR opened_case IS NOT NULL
              ORDER BY first LIMIT {MOST_COUNTED_ORDERS}) AS waiting
        WHERE until < clock_timestamp() - interval '{OVERDUE_AFTER_S} s'""",
    )
    cases = {kind: OpenCases(*counted) for kind, *counted in found if kind is not None}
    (overdue,) = (count for kind, count, *_ in found if kind is None)
    return Attention(cases, overdue)


async def money_in_cases(pool: Pool) -> dict[CaseKind, list[Money]]:
    """What may be lost in the open cases by the kind that is listed of each order, a sum in each currency; of the
    `MOST_ADDED_CASES` oldest, as what a case puts at risk is no column. Raises what `select_shown` raises.
    """
    found = await PROCESSES.select_shown(pool, f"{_HAS_CASE.sql} ORDER BY first LIMIT %s", [MOST_ADDED_CASES])
    sums: dict[tuple[CaseKind, str], Money] = {}
    for row in (folded.row for folded in found):
        amount = money_at_risk(row.state)
        if amount is not None and amount.amount:
            key = row.cases[-1].kind, amount.currency
            sums[key] = sums.get(key, Money.zero(amount.currency)) + amount
    return {kind: [one for (of, _), one in sums.items() if of == kind] for kind, _ in sums}


async def unfinished_orders(pool: Pool) -> dict[int, int]:
    """How many orders wait for something under each definition that this code knows; `MOST_COUNTED_ORDERS` stand for
    that many or more. Raises `Unavailable`, and psycopg's errors where there is no such read model."""
    counted = await fetch(
        pool,
        f"""
        SELECT known.definition, (
            SELECT count(*) FROM (
                SELECT FROM {PROCESSES.table} AS one
                WHERE since IS NOT NULL AND one.definition = known.definition ORDER BY first LIMIT %s
            ) AS unfinished)
        FROM unnest(%s::integer[]) AS known (definition)""",
        [MOST_COUNTED_ORDERS, sorted(DEFINITIONS)],
    )
    return dict(counted)
