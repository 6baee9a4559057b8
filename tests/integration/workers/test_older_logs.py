"""The log of every older version of the code starts, replays and goes on.

`tests/data/log-<version>.sql.gz` is what pg_dump made of a running system's database, with an order on its way; its
master key stands beside it.
"""

from __future__ import annotations

import base64
import gzip
import json
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import sql

from commerce.audit.state import rebuild_state
from commerce.embedded.postgres import EmbeddedPostgres
from commerce.events import EVENTS
from commerce.eventstore import Append, EventStore, Idempotency, Metadata, migrate, open_store
from commerce.eventstore.errors import Repeated
from commerce.inventory.events import StockReceived
from commerce.ordering.order import Order
from commerce.values import ids
from projections import ALL, subscriptions
from projections.engine.projection import make_tables
from tests.catch_up import catch_up_all
from tests.conftest import Database, drop_database
from tests.integration.rebuild.conftest import worker
from tests.integration.workers.shop import Shop, running
from tests.waiting import eventually
from workers.inventory import app as inventory_app
from workers.payments import payments_app
from workers.relay import relay_app
from workers.saga import saga_app
from workers.shipping import shipping_app

SCOPE, KEY = "operator:Änne\nPOST /api/v1/orders", "ada@example.com 1"
DUMPS = sorted((Path(__file__).parents[2] / "data").glob("log-*.sql.gz"))


@pytest.fixture(params=DUMPS, ids=lambda path: path.name)
def dump(request: pytest.FixtureRequest) -> Path:
    """One dump."""
    path: Path = request.param
    return path


@pytest.fixture
def master_key(dump: Path) -> bytes:
    """The key of the persons' keys in it, as a `master.key` file has it."""
    return (dump.parent / dump.name.replace(".sql.gz", ".key")).read_bytes().strip()


@pytest.fixture
def database(postgres: EmbeddedPostgres, dump: Path) -> Iterator[Database]:
    """A database restored from a dump, and migrated to the schema of this version."""
    name = f"test_{uuid4().hex}"
    server, application = (url.rpartition("/")[0] for url in (postgres.admin_url, postgres.app_url))
    restored = Database(f"{server}/{name}", f"{application}/{name}")
    with closing(psycopg.connect(f"{server}/postgres", autocommit=True)) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        with closing(psycopg.connect(restored.admin_url, autocommit=True)) as owner:
            owner.execute(gzip.decompress(dump.read_bytes()))
            owner.execute(
                """INSERT INTO public.commerce_idempotency (scope, key, fingerprint, answer, position)
                   VALUES (%s, %s, '', '{}', 1)""",
                [SCOPE, KEY],
            )
        assert migrate(restored.admin_url, restored.app_url)
        yield restored
        drop_database(connection, name)


@pytest.fixture
async def store(database: Database, master_key: bytes) -> AsyncIterator[EventStore]:
    """The log, opened as every process opens it."""
    async with open_store(database.app_url, base64.b64decode(master_key), "test", known=EVENTS) as opened:
        yield opened


async def streams_of(store: EventStore) -> dict[UUID, int]:
    """Every stream, with its version."""
    async with store.pool.connection() as connection:
        cursor = await connection.execute(
            "SELECT originator_id, max(originator_version) FROM commerce_events GROUP BY originator_id"
        )
        return dict(await cursor.fetchall())


async def test_every_stream_of_an_older_log_is_replayed_and_its_personal_data_opened(store: EventStore) -> None:
    streams = await streams_of(store)
    orders = []
    for stream, version in streams.items():
        rebuilt = await rebuild_state(store, stream)
        assert rebuilt is not None
        assert rebuilt.state is not None
        assert rebuilt.state.version == version
        if isinstance(rebuilt.state, Order):
            orders.append(rebuilt.state)
            assert json.loads(await store.keys.open(rebuilt.state.shipping_address))["name"]
    assert len(streams) > 50
    assert {order.status for order in orders} >= {
        "placed",
        "confirmed",
        "rejected",
        "cancelled",
        "shipped",
        "delivered",
    }


async def test_the_read_models_of_an_older_log_go_on_and_can_be_rebuilt(store: EventStore) -> None:
    states = [await rebuild_state(store, stream) for stream in await streams_of(store)]
    folded = Counter(found.state.status for found in states if found and isinstance(found.state, Order))
    for from_the_start in (False, True):
        if from_the_start:
            await drop_read_models(store)
        await make_tables(store.pool, ALL)
        async with worker(store):  # which makes those anew that the older version knew in another shape
            await eventually(lambda: all_followed(store))
        await catch_up_all(store, subscriptions())
        async with store.pool.connection() as connection:
            cursor = await connection.execute("SELECT status, count(*) FROM projections.orders GROUP BY status")
            assert dict(await cursor.fetchall()) == folded


async def test_requests_that_an_older_version_accepted_are_recognised_and_their_keys_are_not_kept(
    store: EventStore,
) -> None:
    assert await store.remembered(SCOPE, KEY) is not None
    async with store.pool.connection() as connection:
        cursor = await connection.execute("SELECT count(*) FROM commerce_idempotency WHERE key NOT LIKE 'sha256:%'")
        assert await cursor.fetchone() == (0,)
    event = StockReceived(originator_id=uuid4(), originator_version=1, sku="cup", quantity=1)
    with pytest.raises(Repeated):
        await store.append(
            Append([event], None, Metadata("service:test"), idempotency=Idempotency(SCOPE, KEY, b"", b"{}"))
        )


async def all_followed(store: EventStore) -> bool:
    """Whether every read model is one of this version."""
    async with store.pool.connection() as connection:
        cursor = await connection.execute("SELECT split_part(application_name, ':', 1), version FROM commerce_tracking")
        versions = dict(await cursor.fetchall())
    return all(versions.get(projection.name) == projection.version for projection in ALL)


async def drop_read_models(store: EventStore) -> None:
    """Forget every read model and how far it was."""
    async with store.pool.connection() as connection:
        for projection in ALL:
            await connection.execute(f"DROP TABLE {projection.table}")
            await connection.execute(
                "DELETE FROM commerce_tracking WHERE split_part(application_name, ':', 1) = %s", [projection.name]
            )


async def test_the_orders_of_an_older_log_go_on_and_new_ones_end(
    shop: Shop, environment: pytest.MonkeyPatch, tmp_path: Path, master_key: bytes
) -> None:
    (tmp_path / "keys" / "master.key").write_bytes(master_key)
    streams = await streams_of(shop.store)
    on_their_way = [stream for stream in streams if await is_on_its_way(shop.store, stream)]
    assert on_their_way

    async def all_went_on() -> bool:
        now = await streams_of(shop.store)
        return all(now[ids.payment_id(order)] > streams.get(ids.payment_id(order), 0) for order in on_their_way)

    async with running(saga_app(), inventory_app, relay_app(), payments_app(), shipping_app()):
        assert await shop.ended(await shop.place(), 45.0) == "ordering.OrderConfirmed"
        await eventually(all_went_on)


async def is_on_its_way(store: EventStore, stream: UUID) -> bool:
    """Whether a stream is that of an order which has not ended."""
    rebuilt = await rebuild_state(store, stream)
    return rebuilt is not None and isinstance(rebuilt.state, Order) and rebuilt.state.status == "placed"
