"""Order details by the `eventsourcing` library's `ProjectionRunner`: projection_runner.py OWNER_URL EVENTS prints
events/s.

It reads our log as it is, and does in SQL what it can: an order's row is inserted once and patched by each later event.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.persistence import Mapper, StoredEvent, Tracking
from eventsourcing.postgres import PostgresTrackingRecorder
from eventsourcing.projection import Projection, ProjectionRunner
from psycopg.sql import SQL

_TABLE = """
CREATE TABLE order_details (
    order_id uuid PRIMARY KEY,
    placed_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    state jsonb NOT NULL,
    customer_id uuid GENERATED ALWAYS AS ((state ->> 'customer_id')::uuid) STORED,
    status text NOT NULL GENERATED ALWAYS AS (state ->> 'status') STORED,
    position bigint NOT NULL
)"""
_INDEXES = ("(position)", "(customer_id, position)", "(status, position)")
_STATUS = {
    "OrderConfirmed": "confirmed",
    "OrderRejected": "rejected",
    "OrderCancellationRequested": "cancelling",
    "OrderCancelled": "cancelled",
    "OrderShipped": "shipped",
    "OrderDelivered": "delivered",
}


@dataclass(frozen=True, slots=True)
class Event:
    """An event of an order, decoded."""

    originator_id: UUID
    originator_version: int
    timestamp: datetime
    kind: str
    fields: dict[str, Any]


class EventMapper(Mapper[UUID]):
    """Decodes our log."""

    def to_domain_event(self, stored_event: StoredEvent) -> Event:
        """One event."""
        kind = stored_event.topic.rpartition(".")[2]
        when = datetime.now(UTC)
        fields = json.loads(stored_event.state)
        return Event(UUID(str(stored_event.originator_id)), stored_event.originator_version, when, kind, fields)


class Orders(Application[UUID]):
    """The log."""

    name = "commerce"


class OrderDetails(PostgresTrackingRecorder):
    """The table; each event's change and its position are one transaction, as the library's own views do it."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.sql_create_statements.append(SQL(_TABLE).format())
        self.sql_create_statements += [SQL(f"CREATE INDEX ON order_details {columns}").format() for columns in _INDEXES]

    def insert(self, event: Event, tracking: Tracking) -> None:
        """A new order."""
        state = json.dumps({"id": str(event.originator_id), "version": 1, "status": "placed", **event.fields})
        parameters = [event.originator_id, event.timestamp, event.timestamp, state, tracking.notification_id]
        self._execute("INSERT INTO order_details VALUES (%s, %s, %s, %s, DEFAULT, DEFAULT, %s)", parameters, tracking)

    def patch(self, event: Event, tracking: Tracking) -> None:
        """An order goes on."""
        patch = json.dumps({"version": event.originator_version, "status": _STATUS[event.kind], **event.fields})
        parameters = [patch, event.timestamp, tracking.notification_id, event.originator_id]
        self._execute(
            "UPDATE order_details SET state = state || %s::jsonb, updated_at = %s, position = %s WHERE order_id = %s",
            parameters,
            tracking,
        )

    def _execute(self, statement: str, parameters: Sequence[object], tracking: Tracking) -> None:
        with self.datastore.transaction(commit=True) as cursor:
            self._insert_tracking(cursor, tracking)
            cursor.execute(statement, parameters, prepare=True)


class OrderDetailsProjection(Projection[OrderDetails]):
    """One event after the other."""

    name = "order_details"
    topics = tuple(f"ordering.{kind}" for kind in ("OrderPlaced", *_STATUS))

    def process_event(self, domain_event: Any, tracking: Tracking) -> None:
        """Apply one."""
        if domain_event.kind == "OrderPlaced":
            self.view.insert(domain_event, tracking)
        else:
            self.view.patch(domain_event, tracking)


def main() -> None:
    """Catch up with a part of the log."""
    place, number = urlsplit(sys.argv[1]), int(sys.argv[2])
    environment = {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "COMMERCE_MAPPER_TOPIC": f"{__name__}:EventMapper",
        "COMMERCE_CREATE_TABLE": "no",
        "ORIGINATOR_ID_TYPE": "uuid",
        "POSTGRES_DBNAME": place.path[1:],
        "POSTGRES_HOST": str(place.hostname),
        "POSTGRES_PORT": str(place.port),
        "POSTGRES_USER": str(place.username),
        "POSTGRES_PASSWORD": str(place.password),
    }
    began = time.perf_counter()
    with ProjectionRunner(
        application_class=Orders, projection_class=OrderDetailsProjection, view_class=OrderDetails, env=environment
    ) as runner:
        runner.wait(number, timeout=100)
        print(number / (time.perf_counter() - began))


if __name__ == "__main__":
    main()
