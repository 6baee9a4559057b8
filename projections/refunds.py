"""The refunds that people asked for: who asked for each and why, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import cast
from uuid import UUID

from commerce.eventstore import Pool, Recorded, Sealed
from commerce.payments.events import (
    PaymentAnswerDiffered,
    PaymentRefunded,
    PaymentRefundFailed,
    PaymentRefundRequested,
    RefundAttempted,
)
from commerce.payments.requested_refunds import RefundStatus, RequestedRefund, refunds_after
from projections.engine.pages import FIRST_PAGE, Condition, Page, PageRequest, newest_first
from projections.engine.projection import Projection, topics_of

_DDL = """
CREATE TABLE {table} (
    key text PRIMARY KEY,
    order_id uuid NOT NULL,
    refund jsonb NOT NULL,
    reason text NOT NULL,
    requested_by text NOT NULL,
    requested_at timestamptz NOT NULL,
    attempted_at timestamptz,
    settled_at timestamptz,
    status text NOT NULL GENERATED ALWAYS AS (refund ->> 'status') STORED,
    first bigint NOT NULL,
    position bigint NOT NULL
);
CREATE INDEX ON {table} (first);
CREATE INDEX ON {table} (status, first);
"""

_Told = PaymentRefundRequested | RefundAttempted | PaymentRefunded | PaymentRefundFailed | PaymentAnswerDiffered


@dataclass(frozen=True, slots=True)
class RefundRow:
    """A refund as its events leave it; what the undoing of an order gives back is none. `reason` is sealed.

    `key` names the order and the refund, as the events of both are together. `attempted_at` is when the payment
    provider was called for it first, None before.
    """

    key: str
    order_id: UUID
    refund: RequestedRefund
    reason: Sealed
    requested_by: str
    requested_at: datetime
    attempted_at: datetime | None = None
    settled_at: datetime | None = None


def fold(row: RefundRow | None, recorded: Recorded) -> RefundRow | None:
    """Apply one event; the payment's own fold says what it means for the refund."""
    event, at = cast(_Told, recorded.event), recorded.recorded_at
    if row is None:
        if not isinstance(event, PaymentRefundRequested):
            return None
        asked = refunds_after({}, event)[event.request_id]
        return RefundRow(_key_of(recorded), event.order_id, asked, event.reason, recorded.actor, at)
    if isinstance(event, RefundAttempted):
        return replace(row, attempted_at=row.attempted_at or at)
    refund = refunds_after({event.request_id: row.refund}, event)[event.request_id]
    return row if refund.status is row.refund.status else replace(row, refund=refund, settled_at=at)


def _key_of(recorded: Recorded) -> str:
    event = cast(_Told, recorded.event)
    return f"{event.order_id}/{event.request_id}"


REFUNDS = Projection(
    name="refunds",
    version=1,
    topics=topics_of(
        PaymentRefundRequested, RefundAttempted, PaymentRefunded, PaymentRefundFailed, PaymentAnswerDiffered
    ),
    row=RefundRow,
    ddl=_DDL,
    key="key",
    fold=fold,
    key_of=_key_of,
    partitions=1,
    partition_key="correlation_id",
    place=lambda key: UUID(key.partition("/")[0]),
)


async def find_refunds(
    pool: Pool, paging: PageRequest = FIRST_PAGE, status: RefundStatus | None = None
) -> Page[RefundRow]:
    """Refunds, those asked for last first; only those at one status, if given.

    Raises `InvalidInput` for the cursor, `ParkedRow`.
    """
    chosen = [] if status is None else [Condition(f"status = '{status.value}'")]
    return await newest_first(pool, REFUNDS, paging, chosen)
