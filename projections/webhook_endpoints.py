"""The webhook endpoints: where they are, what they are told, and whether they are told at all; never their secrets."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import get_args
from uuid import UUID

from commerce.eventstore import Pool, Recorded, Sealed
from commerce.webhooks.events import (
    EndpointAdded,
    EndpointChanged,
    EndpointDisabled,
    EndpointEnabled,
    EndpointEvent,
    EndpointRemoved,
    SecretRotated,
)
from projections.engine.pages import FIRST_PAGE, Condition, Page, PageRequest, newest_first
from projections.engine.projection import Projection, topics_of

_DDL = """
CREATE TABLE {table} (
    endpoint_id uuid PRIMARY KEY,
    url text NOT NULL,
    event_types text[] NOT NULL,
    notice_to text,
    added_by text NOT NULL,
    added_at timestamptz NOT NULL,
    previous_until timestamptz,
    disabled text,
    disabled_at timestamptz,
    removed_at timestamptz,
    first bigint NOT NULL,
    position bigint NOT NULL
);
CREATE INDEX ON {table} (first);
"""


@dataclass(frozen=True, slots=True)
class WebhookEndpointRow:
    """An endpoint as its events leave it."""

    endpoint_id: UUID
    url: str
    event_types: list[str]
    notice_to: Sealed | None
    added_by: str
    added_at: datetime
    previous_until: datetime | None = None
    disabled: str | None = None
    disabled_at: datetime | None = None
    removed_at: datetime | None = None


def fold(row: WebhookEndpointRow | None, recorded: Recorded) -> WebhookEndpointRow | None:
    """Apply one event."""
    event = recorded.event
    if isinstance(event, EndpointAdded):
        return WebhookEndpointRow(
            endpoint_id=recorded.stream,
            url=event.url,
            event_types=list(event.event_types),
            notice_to=event.notice_to,
            added_by=recorded.actor,
            added_at=recorded.recorded_at,
        )
    if row is None:
        return None
    match event:
        case EndpointChanged():
            row = replace(row, url=event.url, event_types=list(event.event_types), notice_to=event.notice_to)
        case SecretRotated():
            row = replace(row, previous_until=event.previous_until)
        case EndpointDisabled():
            row = replace(row, disabled=event.reason, disabled_at=recorded.recorded_at)
        case EndpointEnabled():
            row = replace(row, disabled=None, disabled_at=None)
        case EndpointRemoved():
            row = replace(row, removed_at=recorded.recorded_at)
    return row


WEBHOOK_ENDPOINTS = Projection(
    name="webhook_endpoints",
    version=1,
    topics=topics_of(*get_args(EndpointEvent)),
    row=WebhookEndpointRow,
    ddl=_DDL,
    key="endpoint_id",
    fold=fold,
    partitions=1,
)


async def find_endpoints(pool: Pool, paging: PageRequest = FIRST_PAGE) -> Page[WebhookEndpointRow]:
    """Endpoints that were not removed, those added last first. Raises `InvalidInput` for the cursor."""
    return await newest_first(pool, WEBHOOK_ENDPOINTS, paging, [Condition("removed_at IS NULL")])
