"""The `eventsourcing` library's own test cases for recorders, against our migrated schema, and its application
over our log."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from uuid import uuid4

import pytest
from eventsourcing.persistence import ApplicationRecorder, ProcessRecorder
from eventsourcing.postgres import (
    PostgresAggregateRecorder,
    PostgresApplicationRecorder,
    PostgresDatastore,
    PostgresProcessRecorder,
    PostgresTrackingRecorder,
)
from eventsourcing.tests.persistence import (
    AggregateRecorderTestCase,
    ApplicationRecorderTestCase,
    NonInterleavingNotificationIDsBaseCase,
    ProcessRecorderTestCase,
    TrackingRecorderTestCase,
)
from psycopg.conninfo import conninfo_to_dict

from commerce.eventstore import Append, EventStore, Metadata
from commerce.eventstore.application import CommerceApplication
from commerce.inventory.events import StockItemEvent, StockItemRegistered, StockReceived
from commerce.inventory.stock_item import StockItem, evolve
from tests.conftest import Database


class OnOurSchema:
    """Opens the test's own migrated database, as its owner, the way the library does."""

    datastore: PostgresDatastore

    @pytest.fixture(autouse=True)
    def _open(self, database: Database) -> Iterator[None]:
        parts = {name: str(value) for name, value in conninfo_to_dict(database.admin_url).items()}
        self.datastore = PostgresDatastore(
            dbname=parts["dbname"],
            host=parts["host"],
            port=parts["port"],
            user=parts["user"],
            password=parts["password"],
            pool_size=4,
            lock_timeout=10,
        )
        yield
        self.datastore.close()


class TestAggregateRecorder(OnOurSchema, AggregateRecorderTestCase):
    def create_recorder(self) -> PostgresAggregateRecorder:
        return PostgresAggregateRecorder(self.datastore, events_table_name="commerce_events")


class TestApplicationRecorder(OnOurSchema, ApplicationRecorderTestCase[ApplicationRecorder]):
    EXPECT_CONTIGUOUS_NOTIFICATION_IDS = False

    def create_recorder(self) -> ApplicationRecorder:
        return PostgresApplicationRecorder(self.datastore, events_table_name="commerce_events")


class TestTrackingRecorder(OnOurSchema, TrackingRecorderTestCase):
    def create_recorder(self) -> PostgresTrackingRecorder:
        return PostgresTrackingRecorder(self.datastore, tracking_table_name="commerce_tracking")


class TestProcessRecorder(OnOurSchema, ProcessRecorderTestCase):
    def create_recorder(self) -> ProcessRecorder:
        return PostgresProcessRecorder(
            self.datastore, events_table_name="commerce_events", tracking_table_name="commerce_tracking"
        )


class TestNonInterleaving(OnOurSchema, NonInterleavingNotificationIDsBaseCase):
    def create_recorder(self) -> ApplicationRecorder:
        return PostgresApplicationRecorder(self.datastore, events_table_name="commerce_events")


def project(item: StockItem | None, events: Iterable[StockItemEvent]) -> StockItem | None:
    """The library's projector function for a stock item."""
    for event in events:
        item = evolve(item, event)
    return item


async def test_a_plain_library_application_reads_our_log(store: EventStore, database: Database) -> None:
    stream = uuid4()
    events: list[StockItemEvent] = [
        StockItemRegistered(originator_id=stream, originator_version=1, sku="A"),
        *(StockReceived(originator_id=stream, originator_version=n, sku="A", quantity=n - 1) for n in (2, 3, 4)),
    ]
    await store.append(Append(events, None, Metadata("operator:tess")))
    application = CommerceApplication.connect(database.app_url)
    try:
        assert list(application.events.get(stream)) == events
        item = application.repository.get(stream, version=3, projector_func=project)
        assert (item.version, item.on_hand) == (3, 3)
        assert [notification.id for notification in application.notification_log.select(start=1, limit=10)] == [
            1,
            2,
            3,
            4,
        ]
    finally:
        application.close()
