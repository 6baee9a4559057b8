"""The members of staff: who they are, what they may do, and whether they still do."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import get_args
from uuid import UUID

from commerce.eventstore import Pool, Recorded, Sealed
from commerce.staff.events import (
    StaffDeactivated,
    StaffEvent,
    StaffInvitationAccepted,
    StaffInvited,
    StaffRole,
    StaffRoleChanged,
)
from commerce.staff.member import StaffStatus
from projections.engine.pages import FIRST_PAGE, Page, PageRequest, newest_first
from projections.engine.projection import Projection, topics_of

_DDL = """
CREATE TABLE {table} (
    member_id uuid PRIMARY KEY,
    email text NOT NULL,
    role text NOT NULL,
    scopes text[],
    status text NOT NULL,
    invited_by text NOT NULL,
    invited_at timestamptz NOT NULL,
    invited_until timestamptz,
    accepted_at timestamptz,
    deactivated_at timestamptz,
    first bigint NOT NULL,
    position bigint NOT NULL
);
CREATE INDEX ON {table} (first);
"""


@dataclass(frozen=True, slots=True)
class StaffRow:
    """A member of staff as their events leave them."""

    member_id: UUID
    email: Sealed
    role: StaffRole
    scopes: list[str] | None
    status: StaffStatus
    invited_by: str
    invited_at: datetime
    invited_until: datetime | None
    accepted_at: datetime | None = None
    deactivated_at: datetime | None = None


def fold(row: StaffRow | None, recorded: Recorded) -> StaffRow | None:
    """Apply one event."""
    event = recorded.event
    if isinstance(event, StaffInvited):
        return _invited(row, recorded, event)
    match event:
        case StaffInvitationAccepted() if row is not None:
            return replace(row, status=StaffStatus.ACTIVE, invited_until=None, accepted_at=recorded.recorded_at)
        case StaffRoleChanged() if row is not None:
            return replace(row, role=event.role, scopes=_listed(event.scopes))
        case StaffDeactivated() if row is not None:
            at = recorded.recorded_at
            return replace(row, status=StaffStatus.DEACTIVATED, invited_until=None, deactivated_at=at)
        case _:
            return row


def _invited(row: StaffRow | None, recorded: Recorded, event: StaffInvited) -> StaffRow:
    is_active = row is not None and row.status is StaffStatus.ACTIVE
    return StaffRow(
        member_id=recorded.stream,
        email=event.email,
        role=event.role,
        scopes=_listed(event.scopes),
        status=StaffStatus.ACTIVE if is_active else StaffStatus.INVITED,
        invited_by=recorded.actor,
        invited_at=recorded.recorded_at,
        invited_until=event.expires_at,
        accepted_at=None if row is None else row.accepted_at,
    )


def _listed(scopes: tuple[str, ...] | None) -> list[str] | None:
    return None if scopes is None else list(scopes)


STAFF = Projection(
    name="staff",
    version=1,
    topics=topics_of(*get_args(StaffEvent)),
    row=StaffRow,
    ddl=_DDL,
    key="member_id",
    fold=fold,
    partitions=1,
)


async def find_staff(pool: Pool, paging: PageRequest = FIRST_PAGE) -> Page[StaffRow]:
    """Members of staff, those invited last first. Raises `InvalidInput` for the cursor."""
    return await newest_first(pool, STAFF, paging, [])
