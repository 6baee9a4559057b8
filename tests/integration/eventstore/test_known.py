"""A process starts only on a log of which it knows every kind of event, and finds that out without searching the
log."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from uuid import UUID

import psycopg
import pytest

from commerce.events import EVENTS
from commerce.eventstore import Append, EventStore, Metadata, open_store
from commerce.inventory.events import StockItemRegistered
from commerce.values import ids
from commerce.values.errors import BadUsage
from tests.conftest import MASTER_KEY, Database
from tests.waiting import LIMIT_S

STREAM = ids.stock_item_id("LAMP")


async def opens(database: Database) -> None:
    """Open the store as every process does."""
    async with open_store(database.app_url, MASTER_KEY, "test", known=EVENTS):
        pass


def write(database: Database, topic: str, state: bytes, stream: UUID = STREAM) -> None:
    """Append as a version of the code that we do not know might: as the owner, past our own function."""
    with psycopg.connect(database.admin_url) as connection:
        connection.execute(
            "INSERT INTO commerce_events (originator_id, originator_version, topic, state) VALUES (%s, 1, %s, %s)",
            [stream, topic, state],
        )


def write_unknown(database: Database) -> None:
    """Append an event of a topic that we do not know."""
    write(database, "ordering.OrderGifted", b"{}")


async def test_a_log_of_known_events_opens(store: EventStore, database: Database) -> None:
    event = StockItemRegistered(originator_id=STREAM, originator_version=1, sku="LAMP")
    await store.append(Append([event], None, Metadata("operator:tess")))
    await opens(database)


@pytest.mark.parametrize(
    ("topic", "state", "said"),
    [
        (
            "ordering.OrderGifted",
            b"{}",
            "the log holds ordering.OrderGifted, which this version does not know; install",
        ),
        (
            "inventory.StockReceived",
            b'{"class_version":12,"sku":"LAMP"}',
            "the log holds inventory.StockReceived in version 12, of which this version knows 1; install",
        ),
    ],
)
async def test_a_log_with_an_unknown_event_is_rejected(database: Database, topic: str, state: bytes, said: str) -> None:
    write(database, topic, state)
    with pytest.raises(BadUsage, match=said):
        await opens(database)


def test_a_process_that_does_not_know_an_event_ends_with_one_line_and_exit_code_2(
    database: Database, tmp_path: Path
) -> None:
    write_unknown(database)
    addresses = {"DATABASE": database.app_url, "BROKER": "nats://127.0.0.1:1", "PROVIDER": "http://127.0.0.1:1"}
    settings = {f"COMMERCE_{name}_URL": address for name, address in addresses.items()}
    environment = {**os.environ, **settings, "COMMERCE_HOME": str(tmp_path)}
    command = [sys.executable, "-m", "faststream", "run", "workers.payments:app"]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=LIMIT_S, check=False)
    said = ended.stdout + ended.stderr
    assert ended.returncode == 2
    assert said.count("ordering.OrderGifted, which this version does not know") == 1
    assert "Traceback" not in said


async def test_a_schema_from_before_the_topics_were_noted_is_rejected(database: Database) -> None:
    with psycopg.connect(database.admin_url) as connection:
        connection.execute("DROP TABLE commerce_topics CASCADE")
    with pytest.raises(BadUsage, match="run `commerce migrate` first"):
        await opens(database)


@pytest.mark.parametrize(
    ("state", "version"),
    [
        (b'{"sku":"LAMP"}', 1),
        (b'{"class_version":2}', 2),
        (b'{"class_version":17,"sku":"LAMP"}', 17),
        (b'{"class_version":"x"}', 1),
        (b"\x00\xff", 1),
        (b"", 1),
    ],
)
def test_the_version_of_a_payload_is_read_in_the_database(database: Database, state: bytes, version: int) -> None:
    with psycopg.connect(database.admin_url) as connection:
        assert connection.execute("SELECT commerce_class_version(%s)", [state]).fetchone() == (version,)
