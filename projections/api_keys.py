"""The API keys of services: who issued them, what for, until when, and what became of them; never the keys
themselves."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import get_args
from uuid import UUID

from commerce.eventstore import Pool, Recorded
from commerce.machines.events import ApiKeyEvent, ApiKeyIssued, ApiKeyReplaced, ApiKeyRevoked
from projections.engine.pages import FIRST_PAGE, Condition, Page, PageRequest, newest_first
from projections.engine.projection import Projection, topics_of

_DDL = """
CREATE TABLE {table} (
    key_id uuid PRIMARY KEY,
    service text NOT NULL,
    scopes text[] NOT NULL,
    beginning text NOT NULL,
    issued_by text NOT NULL,
    issued_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    replaces uuid,
    successor uuid,
    ends_at timestamptz,
    revoked_at timestamptz,
    first bigint NOT NULL,
    position bigint NOT NULL
);
CREATE INDEX ON {table} (first);
"""


@dataclass(frozen=True, slots=True)
class ApiKeyRow:
    """A key as its events leave it."""

    key_id: UUID
    service: str
    scopes: list[str]
    beginning: str
    issued_by: str
    issued_at: datetime
    expires_at: datetime
    replaces: UUID | None = None
    successor: UUID | None = None
    ends_at: datetime | None = None
    revoked_at: datetime | None = None


def fold(row: ApiKeyRow | None, recorded: Recorded) -> ApiKeyRow | None:
    """Apply one event."""
    event = recorded.event
    match event:
        case ApiKeyIssued():
            return ApiKeyRow(
                key_id=recorded.stream,
                service=event.service,
                scopes=list(event.scopes),
                beginning=event.beginning,
                issued_by=recorded.actor,
                issued_at=recorded.recorded_at,
                expires_at=event.expires_at,
                replaces=event.replaces,
            )
        case ApiKeyReplaced() if row is not None:
            return replace(row, successor=event.successor, ends_at=event.ends_at)
        case ApiKeyRevoked() if row is not None:
            return replace(row, revoked_at=recorded.recorded_at)
        case _:
            return row


API_KEYS = Projection(
    name="api_keys",
    version=1,
    topics=topics_of(*get_args(ApiKeyEvent)),
    row=ApiKeyRow,
    ddl=_DDL,
    key="key_id",
    fold=fold,
    partitions=1,
)


async def find_keys(pool: Pool, service: str | None = None, paging: PageRequest = FIRST_PAGE) -> Page[ApiKeyRow]:
    """Keys, those issued last first; with `service`, its keys only. Raises `InvalidInput` for the cursor."""
    return await newest_first(pool, API_KEYS, paging, [Condition("service = %s", [service])] if service else [])
