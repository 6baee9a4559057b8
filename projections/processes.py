"""The order processes: what each order waits for, since when, until when, what comes next, and which need a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import cast, get_args
from uuid import UUID

from commerce import ids
from commerce.eventstore.reading import Pool
from commerce.eventstore.records import Recorded
from commerce.saga.describe import Waiting, waiting_for
from commerce.saga.events import ProcessEvent, ProcessStarted
from commerce.saga.process import Process, Stage, evolve
from projections.paging import LIMIT, Condition, Page, newest_first
from projections.projection import Projection, stream_of, topics_of

_DDL = """
CREATE TABLE {table} (
    process_id uuid PRIMARY KEY,
    since timestamptz,
    until timestamptz,
    state jsonb NOT NULL,
    order_id uuid NOT NULL GENERATED ALWAYS AS ((state ->> 'order_id')::uuid) STORED,
    stage text NOT NULL GENERATED ALWAYS AS (state ->> 'stage') STORED,
    opened_case text GENERATED ALWAYS AS (state ->> 'case') STORED,
    first bigint NOT NULL,
    position bigint NOT NULL
);
CREATE INDEX ON {table} (first) WHERE since IS NOT NULL;
CREATE INDEX ON {table} (first) WHERE until IS NOT NULL OR opened_case IS NOT NULL;
"""
_WAITS = Condition("since IS NOT NULL")
_OVERDUE = Condition(
    "(until IS NOT NULL OR opened_case IS NOT NULL) AND (until < clock_timestamp() OR opened_case IS NOT NULL)"
)


@dataclass(frozen=True, slots=True)
class ProcessRow:
    """A process, and since when and until when it waits; `since` is None once it waits for nothing more."""

    process_id: UUID
    since: datetime | None
    until: datetime | None
    state: Process


@dataclass(frozen=True, slots=True)
class ProcessView:
    """What an order waits for, in plain words; `case` says what a person has to look at."""

    order_id: UUID
    stage: Stage
    waiting_for: str | None
    since: datetime | None
    until: datetime | None
    next: str | None
    case: str | None


def fold(row: ProcessRow | None, recorded: Recorded) -> ProcessRow | None:
    """Apply one fact."""
    event = cast(ProcessEvent, recorded.event)
    if row is None and not isinstance(event, ProcessStarted):
        return None
    state = evolve(row.state if row else None, event)
    before = waiting_for(row.state) if row else None
    now = waiting_for(state)
    if now is None:
        return ProcessRow(state.id, None, None, state)
    unchanged = row is not None and before is not None and before.what == now.what
    return ProcessRow(state.id, row.since if row and unchanged else recorded.recorded_at, now.until, state)


PROCESSES = Projection(
    name="processes",
    version=2,
    topics=topics_of(*get_args(ProcessEvent)),
    row=ProcessRow,
    ddl=_DDL,
    key="process_id",
    key_of=stream_of,
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


def _told(waiting: Waiting, within: bool) -> str:
    return f"{waiting.what}; {waiting.postponed}" if waiting.postponed and within else waiting.what


async def process_of(pool: Pool, order_id: UUID) -> ProcessView | None:
    """The process of an order, once it has begun."""
    process_id = ids.process_id(order_id)
    found = await PROCESSES.load(pool, [process_id])
    return process_view(found[process_id].row) if found else None


async def list_processes(
    pool: Pool, *, overdue: bool = False, cursor: str | None = None, limit: int = LIMIT
) -> Page[ProcessView]:
    """Processes that wait for something, those begun last first; or only those that wait too long or have a case.

    Raises `InvalidInput` for `cursor` and `limit`.
    """
    page = await newest_first(pool, PROCESSES, [_OVERDUE if overdue else _WAITS], cursor, limit)
    return Page([process_view(row) for row in page.items], page.next_cursor)
