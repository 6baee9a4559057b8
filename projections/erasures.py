"""The erasures of people's data: who asked for each, when, and how far it has come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import cast, get_args
from uuid import UUID

from commerce.customers.erasure import ErasureStatus
from commerce.customers.erasure_events import (
    ErasureCompleted,
    ErasureEvent,
    ErasureGround,
    ErasureRequested,
    KeysDestroyed,
    PersonKind,
)
from commerce.eventstore import Pool, Recorded
from projections.engine.pages import FIRST_PAGE, Condition, Page, PageRequest, newest_first
from projections.engine.projection import Folded, Projection, fetch, topics_of
from projections.orders import ENDED

_DDL = """
CREATE TABLE {table} (
    person_id uuid PRIMARY KEY,
    kind text NOT NULL,
    ground text NOT NULL,
    status text NOT NULL,
    requested_by text NOT NULL,
    requested_at timestamptz NOT NULL,
    destroyed_at timestamptz,
    completed_at timestamptz,
    first bigint NOT NULL,
    position bigint NOT NULL
);
CREATE INDEX ON {table} (first);
CREATE INDEX ON {table} (status, first);
"""


@dataclass(frozen=True, slots=True)
class ErasureRow:
    """An erasure as its events leave it."""

    person_id: UUID
    kind: PersonKind
    ground: ErasureGround
    status: ErasureStatus
    requested_by: str
    requested_at: datetime
    destroyed_at: datetime | None = None
    completed_at: datetime | None = None


def fold(row: ErasureRow | None, recorded: Recorded) -> ErasureRow | None:
    """Apply one event."""
    event, at = recorded.event, recorded.recorded_at
    match event:
        case ErasureRequested():
            return ErasureRow(
                event.person_id, event.kind, event.ground, ErasureStatus.REQUESTED, recorded.actor, requested_at=at
            )
        case KeysDestroyed() if row is not None:
            return replace(row, status=ErasureStatus.KEYS_DESTROYED, destroyed_at=row.destroyed_at or at)
        case ErasureCompleted() if row is not None:
            return replace(row, status=ErasureStatus.COMPLETED, completed_at=at)
        case _:
            return row


def _person_of(recorded: Recorded) -> UUID:
    return cast(ErasureEvent, recorded.event).person_id


ERASURES = Projection(
    name="erasures",
    version=1,
    topics=topics_of(*get_args(ErasureEvent)),
    row=ErasureRow,
    ddl=_DDL,
    key="person_id",
    fold=fold,
    key_of=_person_of,
    partitions=1,
    partition_key="correlation_id",
)

_OPEN = [ErasureStatus.REQUESTED, ErasureStatus.KEYS_DESTROYED]


async def find_erasures(
    pool: Pool, paging: PageRequest = FIRST_PAGE, *, is_open: bool | None = None
) -> Page[ErasureRow]:
    """Erasures, those requested last first; `is_open`: only those that are not complete, or only those that are.

    Raises `InvalidInput` for the cursor.
    """
    statuses = _OPEN if is_open else [ErasureStatus.COMPLETED]
    chosen = [] if is_open is None else [Condition("status = ANY(%s)", [statuses])]
    return await newest_first(pool, ERASURES, paging, chosen)


async def open_erasures(pool: Pool, after: int, limit: int) -> Sequence[Folded[ErasureRow]]:
    """Erasures that are not complete, those requested first first, after a position; `first` is that of the request."""
    return await ERASURES.select(pool, "status = ANY(%s) AND first > %s ORDER BY first LIMIT %s", [_OPEN, after, limit])


async def guests_to_erase(pool: Pool, days: int, limit: int) -> list[UUID]:
    """Orders of guests that ended more than so many days ago, whose erasure nobody requested, oldest first. Raises
    `Unavailable`."""
    rows = await fetch(
        pool,
        f"""SELECT o.order_id FROM projections.orders o
            WHERE o.customer_id IS NULL AND o.status = ANY(%s)
              AND o.updated_at < clock_timestamp() - make_interval(days => %s)
              AND NOT EXISTS (SELECT FROM {ERASURES.table} e WHERE e.person_id = o.order_id)
            ORDER BY o.first LIMIT %s""",
        [list(ENDED), days, limit],
    )
    return [order_id for (order_id,) in rows]
