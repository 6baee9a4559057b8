"""The order processes: what each order waits for, since when, until when, what comes next, and which need a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import cast, get_args
from uuid import UUID

from commerce.eventstore import Pool, Recorded
from commerce.saga.description import AwaitedStep, waiting_for
from commerce.saga.events import ProcessEvent, ProcessStarted
from commerce.saga.process import Process, Stage, evolve
from projections.engine.pages import FIRST_PAGE, Condition, Page, PageRequest, newest_first
from projections.engine.projection import Projection, fetch, topics_of

_DDL = """
CREATE TABLE {table} (
    process_id uuid PRIMARY KEY,
    since timestamptz,
    until timestamptz,
    case_since timestamptz,
    state jsonb NOT NULL,
    order_id uuid NOT NULL GENERATED ALWAYS AS ((state ->> 'order_id')::uuid) STORED,
    stage text NOT NULL GENERATED ALWAYS AS (state ->> 'stage') STORED,
    opened_case text GENERATED ALWAYS AS (state ->> 'case') STORED,
    first bigint NOT NULL,
    position bigint NOT NULL
);
CREATE INDEX ON {table} (first) WHERE since IS NOT NULL;
CREATE INDEX ON {table} (first) WHERE opened_case IS NOT NULL;
CREATE INDEX ON {table} (first) WHERE until IS NOT NULL OR opened_case IS NOT NULL;
"""
OVERDUE_AFTER_S = 10
"""From a deadline to its counting as unnoticed: the process manager looks every second."""

_WAITS = Condition("since IS NOT NULL")
_HAS_CASE = Condition("opened_case IS NOT NULL")
_OVERDUE = Condition(
    "(until IS NOT NULL OR opened_case IS NOT NULL) AND (until < clock_timestamp() OR opened_case IS NOT NULL)"
)


@dataclass(frozen=True, slots=True)
class ProcessRow:
    """A process, and since when and until when it waits; `since` is None once it waits for nothing more.

    `case_since` is when its open case was opened, None without one.
    """

    process_id: UUID
    since: datetime | None
    until: datetime | None
    state: Process
    case_since: datetime | None = None


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
    """When it is given up or looked at again by itself; null where nothing limits it."""
    next: str | None
    """What happens when that has come; null once nothing is waited for."""
    case: str | None
    """What a person has to look at; null where nobody has to."""


@dataclass(frozen=True, slots=True)
class CaseView:
    """What a person has to decide about an order, and since when."""

    order_id: UUID
    """The order."""
    detail: str
    """What the person has to decide."""
    since: datetime
    """Since when."""
    stage: Stage
    """How far it is."""
    waiting_for: str | None
    """What is waited for; null once nothing is."""


@dataclass(frozen=True, slots=True)
class Attention:
    """How many processes need a person now: those with an open case, and those past the time they set themselves."""

    cases: int
    overdue: int
    oldest_case: datetime | None


def fold(row: ProcessRow | None, recorded: Recorded) -> ProcessRow | None:
    """Apply one event."""
    event = cast(ProcessEvent, recorded.event)
    if row is None and not isinstance(event, ProcessStarted):
        return None
    state = evolve(row.state if row else None, event)
    before = waiting_for(row.state) if row else None
    now = waiting_for(state)
    case_since = None
    if state.case is not None:
        case_since = row.case_since if row and row.case_since else recorded.recorded_at
    if now is None:
        return ProcessRow(state.id, None, None, state, case_since)
    unchanged = row is not None and before is not None and before.what == now.what
    since = row.since if row and unchanged else recorded.recorded_at
    return ProcessRow(state.id, since, now.until, state, case_since)


PROCESSES = Projection(
    name="processes",
    version=4,
    topics=topics_of(*get_args(ProcessEvent)),
    row=ProcessRow,
    ddl=_DDL,
    key="process_id",
    fold=fold,
)


def process_view(row: ProcessRow, *, within: bool = True) -> ProcessView:
    """A process as clients see it; one who is not `within` the shop is not told what went wrong there."""
    state, waiting = row.state, waiting_for(row.state)
    return ProcessView(
        order_id=state.order_id,
        stage=state.stage,
        waiting_for=_told(waiting, within) if waiting else None,
        since=row.since,
        until=row.until,
        next=waiting.next if waiting else None,
        case=state.case if within else None,
    )


def _told(waiting: AwaitedStep, within: bool) -> str:
    return f"{waiting.what}; {waiting.postponed}" if waiting.postponed and within else waiting.what


async def find_processes(pool: Pool, *, overdue: bool = False, paging: PageRequest = FIRST_PAGE) -> Page[ProcessView]:
    """Processes that wait for something, those begun last first; or only those that wait too long or have a case.

    Raises `InvalidInput` for the cursor.
    """
    page = await newest_first(pool, PROCESSES, paging, [_OVERDUE if overdue else _WAITS])
    return Page([process_view(row) for row in page.items], page.next_cursor)


async def find_cases(pool: Pool, paging: PageRequest = FIRST_PAGE) -> Page[CaseView]:
    """Orders whose process has an open case, those begun last first. Raises `InvalidInput` for the cursor."""
    page = await newest_first(pool, PROCESSES, paging, [_HAS_CASE])
    return Page([_case_view(row) for row in page.items], page.next_cursor)


def _case_view(row: ProcessRow) -> CaseView:
    waiting = waiting_for(row.state)
    assert row.state.case is not None
    assert row.case_since is not None
    told = _told(waiting, within=True) if waiting else None
    return CaseView(row.state.order_id, row.state.case, row.case_since, row.state.stage, told)


async def attention(pool: Pool) -> Attention:
    """Raises `Unavailable`."""
    query = f"""
        SELECT count(*) FILTER (WHERE opened_case IS NOT NULL),
               count(*) FILTER (WHERE until < clock_timestamp() - interval '{OVERDUE_AFTER_S} s'), min(case_since)
        FROM {PROCESSES.table} WHERE until IS NOT NULL OR opened_case IS NOT NULL"""
    return Attention(*(await fetch(pool, query))[0])
