"""What an owner of the database may try beyond a single change: rewriting the tree as well, the heads, or the end
of both."""

from __future__ import annotations

from uuid import uuid4

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from commerce.eventstore import EventStore, MissingKey
from commerce.evidence.heads import parse_head, sign_head
from commerce.evidence.leaf import ROW_COLUMNS
from commerce.evidence.merkle import Frontier, InvalidProof
from commerce.evidence.seal import Sealing
from commerce.evidence.tree import TreeDamaged, load_frontier, rows_where, tree_size
from commerce.ordering.events import OrderPlaced
from tests.catch_up import catch_up
from tests.conftest import Database
from tests.integration.evidence.conftest import Shop

FORGE = "UPDATE commerce_events SET state = state || ' ' WHERE notification_id = %s"
SEAL = "UPDATE commerce_audit_leaves SET hash = %s WHERE notification_id = %s"


async def execute(shop: Shop, statement: str, *parameters: object) -> None:
    await shop.owner.execute(statement.encode(), parameters)


async def forge(shop: Shop, position: int) -> None:
    """Change an event, and its leaf so that it fits."""
    await execute(shop, FORGE, position)
    row = (await rows_where(shop.owner, "notification_id = %b", [position]))[0]
    await execute(shop, SEAL, row.hash(), position)


async def test_an_untouched_log_is_good_and_says_up_to_where_it_is_signed(shop: Shop) -> None:
    sealed = await shop.store.head()
    await shop.orders(1)
    report = await shop.verify(shop.file)
    assert report.is_good
    assert (report.events, report.sealed, report.unsealed) == (sealed + 4, sealed, 4)
    assert report.signed is not None
    assert report.signed.tree_size == sealed


async def test_an_event_that_was_slipped_in_is_named(shop: Shop) -> None:
    stream, first = uuid4(), (await shop.store.read_log(0, 99))[0]
    await execute(shop, "DELETE FROM commerce_events WHERE notification_id = %s", first.position + 1)
    await execute(
        shop,
        "INSERT INTO commerce_events (originator_id, originator_version, topic, state, notification_id)"
        " VALUES (%s, 1, 'ordering.OrderConfirmed', '{}', 0)",
        stream,
    )
    report = await shop.verify()
    assert [(finding.kind, finding.position) for finding in report.findings] == [("inserted", 0), ("removed", 2)]
    assert report.findings[0].stream == stream


async def test_time_that_runs_backwards_and_holes_are_found_before_anything_is_sealed(shop: Shop) -> None:
    await shop.orders(2)
    late = (await shop.store.read_log(0, 99))[-8:]
    await execute(shop, "DELETE FROM commerce_events WHERE notification_id = %s", late[0].position)
    await execute(
        shop,
        "UPDATE commerce_events SET recorded_at = recorded_at - interval '1 hour' WHERE notification_id = %s",
        late[5].position,
    )
    await execute(
        shop,
        "UPDATE commerce_events SET originator_version = 7 WHERE notification_id = %s",
        late[3].position,
    )
    found = [(finding.kind, finding.position) for finding in (await shop.verify()).findings]
    assert found == [("time", late[5].position), ("stream", late[3].position)]


async def test_a_changed_leaf_is_not_laid_to_the_event_s_charge(shop: Shop) -> None:
    await execute(shop, SEAL, b"x" * 32, 5)
    (finding,) = (await shop.verify()).findings
    assert (finding.kind, finding.position) == ("seal", 5)
    assert "the event is as it was signed" in finding.detail


async def test_a_leaf_that_is_gone_is_named_and_the_rest_still_checked(shop: Shop) -> None:
    await execute(shop, "DELETE FROM commerce_audit_leaves WHERE notification_id = ANY(%s)", [5, 20])
    await execute(shop, FORGE, 7)
    found = [(finding.kind, finding.position) for finding in (await shop.verify()).findings]
    assert sorted(found, key=str) == [("changed", 7), ("seal", 20), ("seal", 5)]


async def test_rewriting_the_leaf_too_contradicts_the_signed_head(shop: Shop) -> None:
    before = await shop.store.head()
    placed = await shop.orders(2)
    await shop.seal()
    forged = (await shop.store.read_stream(placed[0]))[0].position
    await forge(shop, forged)
    (finding,) = (await shop.verify()).findings
    assert finding.kind == "head"
    assert f"after position {before} up to {before + 8}" in finding.detail
    assert (await shop.verify()).signed == (await shop.verify(shop.file)).signed


async def test_heads_without_a_good_signature_are_named(shop: Shop) -> None:
    await forge(shop, 3)
    root = (await load_frontier(shop.owner)).root()
    await execute(shop, "UPDATE commerce_audit_heads SET root = %s", root)
    (finding,) = (await shop.verify()).findings
    assert finding.detail == "the stored head of 22 leaves has no good signature"
    assert [each.kind for each in (await shop.verify(shop.file)).findings] == ["head", "head"]


async def test_exported_heads_betray_a_log_whose_end_was_cut_off_with_its_tree(shop: Shop) -> None:
    await shop.orders(1)
    await shop.seal()
    for table, column in (
        ("commerce_events", "notification_id"),
        ("commerce_audit_leaves", "notification_id"),
        ("commerce_audit_heads", "tree_size"),
    ):
        await execute(shop, f"DELETE FROM {table} WHERE {column} > 22")
    assert (await shop.verify()).is_good
    (finding,) = (await shop.verify(shop.file)).findings
    assert (finding.kind, finding.detail) == ("removed", "after position 22, 4 events are gone, with their leaves")


async def test_a_tree_that_was_rewritten_gets_no_signature(shop: Shop) -> None:
    await forge(shop, 3)
    await execute(shop, "DELETE FROM commerce_audit_heads")
    await shop.orders(1)
    with pytest.raises(InvalidProof, match="does not begin with"):
        await shop.seal()
    assert [head.tree_size for head in shop.file.heads()] == [22]


async def test_a_tree_that_is_shorter_than_what_was_signed_gets_no_signature(shop: Shop) -> None:
    await execute(shop, "DELETE FROM commerce_audit_leaves WHERE leaf_index > 10")
    with pytest.raises(TreeDamaged, match="11 leaves, and a head of 22 was signed"):
        await shop.sealing.sign()


async def test_a_head_that_somebody_else_signed_is_not_exported(shop: Shop) -> None:
    forged = sign_head(Ed25519PrivateKey.generate(), 1000, 0, b"r" * 32)
    await execute(
        shop,
        "INSERT INTO commerce_audit_heads VALUES (%s, %s, %s, %s)",
        forged.tree_size,
        forged.timestamp,
        forged.root,
        forged.signature,
    )
    with pytest.raises(TreeDamaged, match="1000 leaves was not signed with our key"):
        await shop.sealing.sign()


async def test_erasure_leaves_everything_as_it_was(shop: Shop, store: EventStore) -> None:
    (order,) = await shop.orders(1)
    await shop.seal()
    placed = (await store.read_stream(order))[0].event
    assert isinstance(placed, OrderPlaced)
    await execute(shop, "DELETE FROM commerce_keys WHERE owner_id = %s", order)
    with pytest.raises(MissingKey):
        await store.keys.open(placed.shipping_address)
    await shop.orders(1)
    await shop.seal()
    assert (await shop.verify(shop.file)).is_good


async def test_large_subtrees_are_stored_and_a_changed_one_is_named(shop: Shop) -> None:
    await shop.orders(130)
    await shop.seal()
    fresh = Frontier()
    for row in await rows_where(shop.owner, "true ORDER BY notification_id", []):
        fresh.append(row.hash())
    assert (await load_frontier(shop.owner)).root() == fresh.root()
    assert fresh.size == 542
    assert (await shop.verify(shop.file)).is_good

    await execute(shop, "UPDATE commerce_audit_nodes SET hash = %s WHERE node_index = 1", b"x" * 32)
    (finding,) = (await shop.verify()).findings
    assert finding.detail == "the stored hash over leaves 256 to 511 is missing or not theirs"


async def test_findings_are_bounded(shop: Shop) -> None:
    await shop.orders(260)
    await shop.seal()
    await execute(shop, "UPDATE commerce_events SET state = '{}'")
    report = await shop.verify()
    assert len(report.findings) + report.more == 1062
    assert len(report.findings) == 1000


async def test_positions_with_gaps_make_leaves_without(shop: Shop) -> None:
    await execute(shop, "SELECT setval('commerce_events_notification_id_seq', 500)")
    await shop.orders(1)
    await shop.seal()
    assert (await tree_size(shop.owner), await shop.store.head()) == (26, 504)
    assert (await shop.verify(shop.file)).is_good


async def test_a_worker_that_is_replaced_goes_on_with_the_tree(shop: Shop) -> None:
    for _ in range(3):
        await shop.orders(1)
        other = Sealing(shop.store, shop.key, shop.file)
        await catch_up(shop.store, other.subscription)
        await other.sign()
    assert (await shop.verify(shop.file)).is_good
    assert [head.tree_size for head in shop.file.heads()] == [22, 26, 30, 34]


async def test_sealing_the_same_events_again_fails_loudly(shop: Shop) -> None:
    await execute(shop, "UPDATE commerce_tracking SET notification_id = 0 WHERE application_name = 'seal:0'")
    with pytest.raises(psycopg.errors.UniqueViolation):
        await catch_up(shop.store, shop.sealing.subscription)
    assert (await shop.verify(shop.file)).is_good


async def test_a_line_cut_off_by_a_crash_is_written_again(shop: Shop) -> None:
    await shop.orders(1)
    await shop.seal()
    whole = shop.file.path.read_text()
    shop.file.path.write_text(whole[:-30])
    assert (await shop.verify(shop.file)).findings[0].kind == "head"
    await shop.sealing.sign()
    assert shop.file.path.read_text() == whole
    assert parse_head(whole.splitlines()[-1]).tree_size == 26


async def test_the_application_may_add_to_the_tree_and_change_nothing(database: Database) -> None:
    async with await psycopg.AsyncConnection.connect(database.app_url, autocommit=True) as application:
        for table in ("commerce_audit_leaves", "commerce_audit_nodes", "commerce_audit_heads"):
            for statement in (
                f"DELETE FROM {table}",
                f"UPDATE {table} SET {'root' if 'heads' in table else 'hash'} = ''",
            ):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    await application.execute(statement.encode())


async def test_every_column_of_the_log_is_in_the_leaf(shop: Shop) -> None:
    """Fails when a column is added to the log and not to the leaf, which then needs another header."""
    cursor = await shop.owner.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_name = 'commerce_events' AND table_schema = "
        "'public'"
    )
    columns = {row[0] for row in await cursor.fetchall()}
    assert columns == {column for column in columns if column in ROW_COLUMNS}
    assert len(columns) == 9
