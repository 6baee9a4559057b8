"""Personal data: readable with its person's key, and with nothing else."""

from __future__ import annotations

from uuid import uuid4

import psycopg
import pytest

from commerce.eventstore import (
    Append,
    EventStore,
    Metadata,
    MissingKey,
    Sealed,
    migrate,
    open_store,
    recorded_in_plain_text,
)
from commerce.eventstore.personal_keys import owner_of
from commerce.ordering.events import OrderCancellationRequested
from commerce.values.errors import BadUsage
from tests.conftest import MASTER_KEY, Database
from tests.plain_text import assert_sealed


async def seal_and_append(store: EventStore, text: str) -> Sealed:
    owner, stream = uuid4(), uuid4()
    key = await store.keys.of(owner)
    sealed = key.seal(text)
    event = OrderCancellationRequested(originator_id=stream, originator_version=1, reason=sealed)
    await store.append(Append([event], stream, Metadata("customer:x"), keys=key.new))
    return sealed


async def test_what_was_sealed_can_be_opened_by_every_process(store: EventStore, database: Database) -> None:
    sealed = await seal_and_append(store, "moved to Zoë's")
    async with open_store(database.app_url, MASTER_KEY, "other") as other:
        assert await other.keys.open(sealed) == "moved to Zoë's"


async def test_the_same_text_never_looks_the_same(store: EventStore) -> None:
    key = await store.keys.of(uuid4())
    assert key.seal("x") != key.seal("x")


async def test_the_database_holds_no_plain_text(store: EventStore, database: Database) -> None:
    await seal_and_append(store, "Ada Lovelace")
    async with await psycopg.AsyncConnection.connect(database.admin_url) as connection:
        cursor = await connection.execute("SELECT string_agg(encode(state, 'escape'), '') FROM commerce_events")
        row = await cursor.fetchone()
    assert row is not None
    assert_sealed(("Ada Lovelace", "Lovelace"), row[0].encode())


async def test_without_its_key_data_is_gone_and_that_is_said(store: EventStore, database: Database) -> None:
    sealed = await seal_and_append(store, "x")
    async with await psycopg.AsyncConnection.connect(database.admin_url, autocommit=True) as connection:
        await connection.execute("DELETE FROM commerce_keys WHERE owner_id = %s", [owner_of(sealed)])
    with pytest.raises(MissingKey, match=str(owner_of(sealed))):
        await store.keys.open(sealed)


async def test_of_several_values_those_that_can_be_read_are_whatever_is_wrong_with_the_others(
    store: EventStore, database: Database
) -> None:
    good, gone, damaged, replaced = [await seal_and_append(store, text) for text in ("a", "b", "c", "d")]
    cut, forged = Sealed(good[:-8]), Sealed(good.replace(owner_of(good).hex, owner_of(gone).hex))
    before_sealing, damage = recorded_in_plain_text("e"), [Sealed("word"), Sealed("v1.x.y"), Sealed("")]
    async with await psycopg.AsyncConnection.connect(database.admin_url, autocommit=True) as connection:
        await connection.execute("DELETE FROM commerce_keys WHERE owner_id = %s", [owner_of(gone)])
        await connection.execute(
            "UPDATE commerce_keys SET wrapped = substring(wrapped FOR 20) WHERE owner_id = %s", [owner_of(damaged)]
        )
        await connection.execute(
            "UPDATE commerce_keys SET wrapped = (SELECT wrapped FROM commerce_keys WHERE owner_id = %s) WHERE "
            "owner_id = %s",
            [owner_of(good), owner_of(replaced)],
        )
    values = [*damage, gone, damaged, replaced, cut, forged, good, before_sealing]
    assert await store.keys.open_readable(values) == {good: "a", before_sealing: "e"}
    with pytest.raises(MissingKey):
        await store.keys.open_all(values)
    with pytest.raises(MissingKey, match=r"master\.key"):
        await store.keys.of(owner_of(damaged))


async def test_a_sealed_value_does_not_open_as_somebody_elses(store: EventStore) -> None:
    sealed = await seal_and_append(store, "x")
    other = await seal_and_append(store, "y")
    forged = Sealed(sealed.replace(owner_of(sealed).hex, owner_of(other).hex))
    with pytest.raises(MissingKey):
        await store.keys.open(forged)


async def test_another_master_key_opens_nothing(store: EventStore, database: Database) -> None:
    sealed = await seal_and_append(store, "x")
    async with open_store(database.app_url, b"x" * 32, "other") as other:
        with pytest.raises(MissingKey, match="is not here; restore its file"):
            await other.keys.open(sealed)


async def test_migrating_twice_changes_nothing(database: Database) -> None:
    assert migrate(database.admin_url, database.app_url) == []


async def test_bad_addresses_are_told_in_a_line(database: Database) -> None:
    nowhere = "postgresql://u:p@127.0.0.1:1/x"
    for admin, app in (
        (nowhere, nowhere),
        (database.admin_url, "postgresql://127.0.0.1/x"),
        (database.admin_url, "postgresql://nobody_here:p@127.0.0.1/x"),
        (database.admin_url, "what is this"),
        (database.app_url, database.app_url),
    ):
        with pytest.raises(BadUsage) as told:
            migrate(admin, app)
        assert "\n" not in str(told.value)


async def test_a_database_without_a_log_is_named(database: Database) -> None:
    async with await psycopg.AsyncConnection.connect(database.admin_url, autocommit=True) as connection:
        await connection.execute("DROP TABLE commerce_events CASCADE")
    with pytest.raises(BadUsage, match="commerce migrate"):
        async with open_store(database.app_url, MASTER_KEY, "test"):
            pass
