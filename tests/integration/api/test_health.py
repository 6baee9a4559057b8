"""Health and metrics say what is true."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from uuid import uuid4

import psycopg
from prometheus_client.parser import text_string_to_metric_families
from psycopg import sql

from projections.products import PRODUCTS
from tests.catch_up import catch_up
from tests.conftest import Database
from tests.integration.api.conftest import Shop, key, order


async def test_a_process_is_ready_while_its_database_is_and_again_afterwards(shop: Shop, database: Database) -> None:
    await shop.stock("lamp")
    visitor, operator = shop.client(), shop.client("operator")
    assert (await visitor.get(f"{shop.url}/health/live")).json()["status"] == "ok"
    await catch_up(shop.store, PRODUCTS.subscription())
    await operator.post("/inventory/lamp/receipts", json={"quantity": 1}, headers=key())
    answer = await visitor.get(f"{shop.url}/health/ready")
    assert answer.json() == {"status": "ok", "problems": {}, "behind": {"products": 1}}
    with unreachable(database):
        answer = await visitor.get(f"{shop.url}/health/ready")
        assert (answer.status_code, answer.json()["status"]) == (503, "failing")
        assert "database" in answer.json()["problems"]
        assert (await visitor.get(f"{shop.url}/health/live")).status_code == 200
        rejected = await operator.get(f"/orders/{uuid4()}")
        assert (rejected.status_code, rejected.json()["type"]) == (503, "/docs/problems/unavailable")
        assert int(rejected.headers["Retry-After"]) >= 1
    assert (await operator.post("/orders", json=order(), headers=key())).status_code == 202
    assert (await visitor.get(f"{shop.url}/health/ready")).status_code == 200


async def test_a_process_whose_database_cannot_record_is_not_ready_and_names_no_file_of_it(
    shop: Shop, database: Database
) -> None:
    await shop.stock("lamp")
    operator = shop.client("operator")
    assert (await operator.get(f"{shop.url}/health/ready")).status_code == 200
    with full(database):
        rejected = await operator.post("/orders", json=order(), headers=key())
        assert rejected.status_code == 503
        assert rejected.json()["detail"] == "the command could not be recorded: the database has no room on its disk"
        assert int(rejected.headers["Retry-After"]) > 1
        answer = await operator.get(f"{shop.url}/health/ready")
        assert answer.status_code == 503
        assert answer.json()["problems"] == {"append": "nothing can be recorded: the database has no room on its disk"}
    assert (await operator.post("/orders", json=order(), headers=key())).status_code == 202
    assert (await operator.get(f"{shop.url}/health/ready")).status_code == 200


@contextmanager
def full(database: Database) -> Iterator[None]:
    """Have the database reject every event as it does when its disk is full."""
    with closing(psycopg.connect(database.admin_url, autocommit=True)) as connection:
        connection.execute("""
            CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                RAISE EXCEPTION 'could not extend file "base/16384/16401": No space left on device' USING ERRCODE =
                '53100';
            END $$""")
        connection.execute("CREATE TRIGGER no_room BEFORE INSERT ON commerce_events EXECUTE FUNCTION no_room()")
        yield
        connection.execute("DROP FUNCTION no_room CASCADE")


@contextmanager
def unreachable(database: Database) -> Iterator[None]:
    """End all sessions with the database, and let nobody in."""
    server, _, name = database.admin_url.rpartition("/")
    with closing(psycopg.connect(f"{server}/postgres", autocommit=True)) as connection:
        connection.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(sql.Identifier(name)))
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        yield
        connection.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS true").format(sql.Identifier(name)))


async def test_requests_are_counted_by_route_without_ids(shop: Shop) -> None:
    operator = shop.client("operator")
    await shop.stock("lamp")
    await operator.post("/orders", json=order(), headers=key())
    await operator.get("/nonsense/4711")
    await operator.get("/products/lamp")
    told = (await operator.get(f"{shop.url}/metrics")).text
    samples = {
        (sample.labels["method"], sample.labels["route"], sample.labels["status"]): sample.value
        for family in text_string_to_metric_families(told)
        for sample in family.samples
        if sample.name == "commerce_api_request_seconds_count"
    }
    assert samples["POST", "/api/v1/orders", "202"] == 1
    assert samples["GET", "/api/v1/products/{sku}", "200"] == 1
    assert samples["GET", "unmatched", "404"] == 1
    assert "process_resident_memory_bytes" in told
    assert "commerce_append_queue_length 0.0" in told
    assert 'commerce_append_batch_commands_bucket{le="512"}' in told
