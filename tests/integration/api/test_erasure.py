"""Personal data is erased: once orders have ended, wherever a process dies, and again after an older backup."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import httpx2
import psycopg
import pytest
from psycopg import sql

from api.app import open_context
from api.orders.person_key import key_of_order
from api.queries import person_export
from commerce.customers import erasure_commands
from commerce.customers.erasure_commands import load_erasure, reapply_erasures
from commerce.customers.erasure_file import ErasureFile
from commerce.eventstore import DataErased, PersonKey, Sealed, connection_from, open_store
from commerce.eventstore.personal_keys import owner_of
from commerce.ordering.commands import load_order
from commerce.runtime.master_key import MasterKey
from commerce.values import ids
from commerce.values.errors import BadUsage
from projections.engine.projection import make_table
from projections.orders import ORDERS
from tests.conftest import MASTER_KEY, Database
from tests.integration.api.conftest import ADDRESS, Shop, key, order, serving
from tests.integration.api.test_customers import log_in, register, registered
from tests.integration.api.test_problems import check
from tests.waiting import eventually
from workers.gateways.mail import FileOutbox, Mail
from workers.privacy.erasures import Erasures

WORDS = ("Quillfeather", "Xanthippe", "Zyzzyva", "Quokka", "xanthippe@example.org", "5550199", "1915-12-10")
"""What no one is to find any more."""
PROFILE: dict[str, Any] = {
    "given_name": "Xanthippe",
    "family_name": "Quillfeather",
    "phone": "+44 20 5550199",
    "date_of_birth": "1915-12-10",
    "addresses": [{**ADDRESS, "line1": "99 Zyzzyva Boulevard"}],
}
EMAIL = "xanthippe@example.org"


def job_of(shop: Shop) -> Erasures:
    """What the notifications worker runs."""
    return Erasures(shop.store, FileOutbox(shop.settings.outbox_folder), file_of(shop))


def file_of(shop: Shop) -> ErasureFile:
    """Where erasures are kept outside the database."""
    return ErasureFile(shop.settings.audit_folder, shop.store.keys)


async def shopper(shop: Shop) -> tuple[str, str]:
    """A customer with an account, who is logged in and has an order that cannot be delivered, and that order."""
    customer = await registered(shop, EMAIL, **PROFILE)
    await log_in(shop, EMAIL)
    await shop.stock("lamp", quantity=0)
    body = order(shipping_address={**ADDRESS, "name": "Xanthippe Quillfeather"}, email=EMAIL, reference="Quokka-1")
    placed = await shop.client("customer", customer).post("/orders", json=body, headers=key())
    return customer, str(placed.raise_for_status().json()["order_id"])


async def let_end(shop: Shop, order_id: str) -> None:
    """Have an order that lacks stock come to its end."""
    async with shop.following():
        await eventually(lambda: _is_at(shop, order_id, "rejected"))
    await shop.show()


async def _is_at(shop: Shop, order_id: str, status: str) -> bool:
    return (await load_order(shop.store, UUID(order_id))).status == status


async def erase(shop: Shop, customer: str, **body: Any) -> dict[str, Any]:
    """Ask for it as the customer."""
    answer = await shop.client("customer", customer).post(f"/customers/{customer}/erasure", json=body)
    assert answer.status_code == 202, answer.text
    assert answer.headers["Location"] == f"/api/v1/customers/{customer}/erasure"
    accepted: dict[str, Any] = answer.json()
    return accepted


def readable_texts(database: Database) -> list[str]:
    """All that somebody can read who has the whole database, and the master key."""
    found: list[str] = []
    with psycopg.connect(database.admin_url) as owner:
        tables = owner.execute(
            "SELECT schemaname, tablename FROM pg_tables WHERE schemaname IN ('public', 'projections')"
        ).fetchall()
        for schema, table in tables:
            rows = owner.execute(sql.SQL("SELECT * FROM {}").format(sql.Identifier(schema, table))).fetchall()
            found += [
                value.decode(errors="replace") if isinstance(value, bytes) else str(value)
                for row in rows
                for value in row
            ]
        keys: dict[UUID, bytes] = dict(
            owner.execute("SELECT owner_id, wrapped FROM commerce_keys WHERE wrapped IS NOT NULL").fetchall()
        )
    for text in list(found):
        for part in text.split('"'):
            if part.startswith("v1.") and owner_of(Sealed(part)) in keys:
                owner_id = owner_of(Sealed(part))
                secret = MasterKey(MASTER_KEY).unwrap(owner_id, bytes(keys[owner_id]))
                found.append(PersonKey(owner_id, secret).open(Sealed(part)))
    return found


def leaks(database: Database) -> set[str]:
    """Which of the words somebody can read."""
    return {word for text in readable_texts(database) for word in WORDS if word in text}


async def test_a_person_is_erased_once_their_orders_have_ended_and_the_rest_of_the_shop_goes_on(
    shop: Shop, database: Database
) -> None:
    customer, order_id = await shopper(shop)
    await FileOutbox(shop.settings.outbox_folder).put(
        Mail(UUID(order_id), "rejected", "Sorry", "Dear Xanthippe", EMAIL)
    )
    await FileOutbox(shop.settings.outbox_folder).put(Mail(UUID(customer), "email", "Hello", "Dear Xanthippe", EMAIL))
    assert leaks(database) == set(WORDS)
    operator, job = shop.client("operator", "olga"), job_of(shop)
    asked = await erase(shop, customer, ground="objection")
    assert (asked["status"], asked["ground"], asked["person_id"]) == ("requested", "objection", customer)
    assert await erase(shop, customer, ground="unlawful") == asked, "the first request counts"
    await shop.show()
    assert await job.look() is None
    waiting = (await operator.get(f"/customers/{customer}/erasure")).json()
    assert (waiting["status"], waiting["erased_at"], waiting["certificate"]) == ("requested", None, None)
    (listed,) = (await operator.get("/ops/erasures?complete=false")).json()["items"]
    assert (listed["person_id"], listed["status"]) == (customer, "requested")
    assert (await operator.get(f"/orders/{order_id}")).json()["email"] == EMAIL
    assert len((await operator.get(f"/orders?q={EMAIL}")).json()["items"]) == 1
    check(await log_in(shop, EMAIL), 400, "credentials-not-accepted")
    again = await operator.post("/orders", json=order(customer_id=customer), headers=key())
    check(again, 409, "erasure-under-way")
    check(await register(shop, EMAIL), 409, "email-taken")

    await let_end(shop, order_id)
    assert await job.look() is None
    await shop.show()
    assert leaks(database) == set()
    assert [*shop.settings.outbox_folder.iterdir()] == []
    for by in (EMAIL, "Quillfeather"):
        assert (await operator.get(f"/orders?q={by}")).json()["items"] == []

    shown = (await operator.get(f"/customers/{customer}")).json()
    assert (shown["status"], shown["personal_data"], shown["email"], shown["addresses"]) == (
        "erased",
        "erased",
        None,
        [],
    )
    erasure = shown["erasure"]
    assert (erasure["status"], erasure["requested_by"]) == ("completed", f"customer:{customer}")
    assert erasure["certificate"]["keys"] == [customer]
    assert (erasure["certificate"]["orders"], erasure["certificate"]["address_released"]) == (1, True)
    seen = (await operator.get(f"/orders/{order_id}")).json()
    assert (seen["personal_data"], seen["shipping_address"], seen["total"]["amount"]) == ("erased", None, "10.00")
    then = (await operator.get(f"/orders/{order_id}?version=1")).json()
    assert (then["status"], then["personal_data"]) == ("placed", "erased")
    timeline = (await operator.get(f"/orders/{order_id}/timeline")).json()["items"]
    assert timeline[0]["data"]["email"].startswith(f"erased by customer:{customer} at 20")
    told = (await operator.get(f"/audit/events?correlation_id={customer}")).json()["items"]
    begun = next(number for number, item in enumerate(told) if item["topic"] == "customers.ErasureRequested")
    assert [item["topic"] for item in told[begun:] if item["topic"] != "customers.LoginRefused"] == [
        "customers.ErasureRequested",
        "customers.Deactivated",
        "customers.KeysDestroyed",
        "customers.Erased",
        "customers.EmailReleased",
        "customers.ErasureCompleted",
    ]
    for path in (f"/audit/orders/{order_id}/trace", f"/audit/streams/{order_id}/state", "/reports/sales"):
        assert (await operator.get(path)).status_code == 200, path
    own = shop.client("customer", customer)
    check(await own.patch("/customers/me", json={"given_name": "X"}), 409, "customer-not-active")
    check(await own.post("/orders", json=order(), headers=key()), 409, "erasure-under-way")
    assert await erase(shop, customer) == asked
    assert (await operator.get("/ops/erasures?complete=false")).json()["items"] == []
    newcomer = await registered(shop, EMAIL)
    assert newcomer != customer
    assert (await log_in(shop, EMAIL)).status_code == 200
    assert (await shop.client("customer", newcomer).get("/customers/me")).json()["email"] == EMAIL


async def test_a_person_gets_everything_about_them_as_one_document_and_nobody_elses(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer, order_id = await shopper(shop)
    others = (await shop.client("operator").post("/orders", json=order(), headers=key())).json()["order_id"]
    await let_end(shop, order_id)
    await shop.client("operator", "olga").get(f"/orders/{order_id}")
    await shop.client("operator", "olga").get(f"/customers/{customer}")
    answer = await shop.client("customer", customer).get(f"/customers/{customer}/export")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    found = answer.json()
    assert (found["customer"]["email"], found["customer"]["given_name"]) == (EMAIL, "Xanthippe")
    (exported,) = found["orders"]
    assert (exported["order"]["order_id"], exported["order"]["email"]) == (order_id, EMAIL)
    assert [event["topic"] for event in exported["events"]] == ["ordering.OrderPlaced", "ordering.OrderRejected"]
    topics = [event["topic"] for event in found["events"]]
    assert {"customers.Registered", "customers.LoggedIn", "customers.SessionStarted"} <= set(topics)
    assert [one["what"] for one in found["accesses"]] == [
        "GET /api/v1/orders/{order_id}",
        "GET /api/v1/customers/{customer_id}",
    ]
    assert not [word for word in ("olga", others, "argon2", '"password"') if word in answer.text]
    check(await shop.client("customer", str(uuid4())).get(f"/customers/{customer}/export"), 404, "not-found")
    by_staff = await shop.client("operator", "olga").get(f"/customers/{customer}/export")
    assert by_staff.json()["orders"] == found["orders"]
    monkeypatch.setattr(person_export, "PAGE_EVENTS", 1)
    in_pieces = await shop.client("customer", customer).get(f"/customers/{customer}/export")
    assert [in_pieces.json()[part] for part in ("orders", "events")] == [found["orders"], found["events"]]
    assert in_pieces.json()["accesses"][:2] == found["accesses"]
    readings = await shop.client("auditor").get(f"/audit/orders/{order_id}/readings")
    assert readings.json()["items"][-1]["route"] == "GET /api/v1/customers/{customer_id}/export"


async def test_every_process_forgets_a_destroyed_key_at_once(shop: Shop, database: Database) -> None:
    customer, order_id = await shopper(shop)
    await let_end(shop, order_id)
    email = (await load_order(shop.store, UUID(order_id))).email
    assert email is not None
    async with open_store(database.app_url, MASTER_KEY, "other") as other:
        assert await other.keys.open(email) == EMAIL
        assert (await shop.client("operator").get(f"/orders/{order_id}")).json()["email"] == EMAIL
        await erase(shop, customer)
        await shop.show()
        await job_of(shop).look()
        with pytest.raises(DataErased, match=f"erased by customer:{customer} at"):
            await other.keys.open(email)
        with pytest.raises(DataErased):
            await other.keys.of(UUID(customer))
    assert (await shop.client("operator").get(f"/orders/{order_id}")).json()["personal_data"] == "erased"


class Killed(OSError):
    """The process ended here."""


async def _killed(*_about: object, **_more: object) -> None:
    raise Killed


def _file_is_full(patch: pytest.MonkeyPatch) -> None:
    def full(*_about: object) -> None:
        raise Killed

    patch.setattr(ErasureFile, "append", full)


def _before_keys_are_gone(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(erasure_commands, "append_and_destroy_keys", _killed)


def _before_mails_are_removed(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(FileOutbox, "remove", _killed)


def _before_the_certificate(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("workers.privacy.erasures.complete_erasure", _killed)


@pytest.mark.parametrize(
    "kill", [_file_is_full, _before_keys_are_gone, _before_mails_are_removed, _before_the_certificate]
)
async def test_wherever_the_process_dies_a_successor_goes_on(
    shop: Shop, database: Database, monkeypatch: pytest.MonkeyPatch, kill: Callable[..., None]
) -> None:
    customer, order_id = await shopper(shop)
    await let_end(shop, order_id)
    await FileOutbox(shop.settings.outbox_folder).put(Mail(UUID(order_id), "rejected", "Sorry", "Dear Xanthippe"))
    await erase(shop, customer)
    await shop.show()
    with monkeypatch.context() as patch:
        kill(patch)
        assert "Killed" in str(await job_of(shop).look())
    await shop.show()
    if kill is not _file_is_full:
        assert sum(len(batch) for batch in file_of(shop).batches()) == 1, "no erasure is done that the file lacks"
    successors = [job_of(shop), job_of(shop)]
    await asyncio.gather(*(job.look() for job in successors))
    await shop.show()
    await asyncio.gather(*(job.look() for job in successors))
    topics = [event.topic for event in await shop.store.read_correlated(UUID(customer))]
    assert [topics.count(f"customers.{name}") for name in ("KeysDestroyed", "Erased", "ErasureCompleted")] == [1, 1, 1]
    assert leaks(database) == set()
    assert [*shop.settings.outbox_folder.iterdir()] == []


async def test_an_older_backup_that_is_restored_is_not_served_before_later_erasures_are_applied(
    shop: Shop, database: Database
) -> None:
    customer, order_id = await shopper(shop)
    await let_end(shop, order_id)
    with psycopg.connect(database.admin_url, autocommit=True) as owner:
        head = await shop.store.head()
        owner.execute("CREATE TABLE kept AS SELECT * FROM commerce_keys")
        await erase(shop, customer)
        await shop.show()
        await job_of(shop).look()
        assert (await load_erasure(shop.store, UUID(customer))).erasure.status == "completed"
        owner.execute("DELETE FROM commerce_events WHERE notification_id > %s", [head])
        owner.execute("TRUNCATE commerce_keys")
        owner.execute("INSERT INTO commerce_keys SELECT * FROM kept")
        owner.execute("DROP TABLE kept")
        assert leaks(database) == set(WORDS), "the backup has everything"
        async with serving(shop.settings):
            assert leaks(database) == set()
        found = await load_erasure(shop.store, UUID(customer))
        assert (found.requested_by, found.erasure.status) == (f"customer:{customer}", "keys_destroyed")
        assert await reapply_erasures(shop.store, file_of(shop)) == 0
        owner.execute(
            "UPDATE commerce_keys SET wrapped = %s, erased_at = NULL, erased_by = NULL WHERE owner_id = %s",
            [b"a row of the backup", customer],
        )
        assert await reapply_erasures(shop.store, file_of(shop)) == 1, "a row alone may be put back, too"
        assert await reapply_erasures(shop.store, file_of(shop)) == 0
    (destroyed,) = [one for one in found.history if one.topic == "customers.KeysDestroyed"]
    assert destroyed.actor == "service:erasure"


async def test_nobody_without_the_keys_of_the_installation_has_data_erased_by_the_file(shop: Shop) -> None:
    customer, order_id = await shopper(shop)
    await let_end(shop, order_id)
    await erase(shop, customer)
    await shop.show()
    await job_of(shop).look()
    file = file_of(shop).path
    whole = file.read_bytes()
    assert b"example" not in whole
    file.write_bytes(whole + whole[:50])
    async with open_context(shop.settings.model_copy()):
        pass
    ErasureFile(file.parent, shop.store.keys).append(next(file_of(shop).batches())[0])
    assert sum(len(batch) for batch in file_of(shop).batches()) == 2, "what a crash cut off is passed over"
    file.write_bytes(whole.replace(customer.encode(), str(uuid4()).encode()))
    with pytest.raises(BadUsage, match=r"line 1 of .*erasures\.jsonl is not signed with the keys"):
        async with open_context(shop.settings):
            pass


async def test_a_guest_is_erased_with_their_order_and_who_is_unknown_is_not(shop: Shop, database: Database) -> None:
    await shop.stock("lamp", quantity=0)
    operator = shop.client("operator", "olga")
    body = order(shipping_address={**ADDRESS, "name": "Xanthippe Quillfeather"})
    guests, other = [
        (await operator.post("/orders", json=one, headers=key())).raise_for_status().json()["order_id"]
        for one in (body, order())
    ]
    check(await operator.post(f"/customers/{guests}/erasure", json={}), 404, "not-found")
    check(await operator.post(f"/customers/{uuid4()}/erasure", json={}), 404, "not-found")
    check(await operator.get(f"/customers/{guests}/erasure"), 404, "not-found")
    check(await operator.post(f"/orders/{guests}/erasure", json={"ground": "because"}), 422, "invalid-input")
    accepted = await operator.post(f"/orders/{guests}/erasure", json={"ground": "no_longer_needed"})
    assert (accepted.status_code, accepted.json()["person_id"]) == (202, guests)
    await let_end(shop, guests)
    async with connection_from(shop.store.pool) as connection:
        await make_table(connection, ORDERS, "projections.orders_rebuild_1")
        await job_of(shop).look()
        waiting = (await operator.get(f"/orders/{guests}/erasure")).json()
        assert waiting["status"] == "keys_destroyed", "a rebuild may still write what it read before"
        await connection.execute("DROP TABLE projections.orders_rebuild_1, projections.orders_rebuild_1_terms")
    await shop.show()
    await job_of(shop).look()
    shown = (await operator.get(f"/orders/{guests}/erasure")).json()
    assert (shown["kind"], shown["status"], shown["requested_by"]) == ("guest", "completed", "operator:olga")
    assert (await operator.get(f"/orders/{guests}")).json()["personal_data"] == "erased"
    assert (await operator.get(f"/orders/{other}")).json()["personal_data"] == "readable"
    customers = await shop.client("service").post("/orders", json=order(customer_id=str(uuid4())), headers=key())
    refused = await operator.post(f"/orders/{customers.json()['order_id']}/erasure", json={})
    check(refused, 409, "order-of-customer")
    stranger = shop.client("customer", str(uuid4()))
    check(await stranger.post(f"/customers/{uuid4()}/erasure", json={}), 404, "not-found")


async def test_a_key_that_is_merely_missing_is_not_called_erased_and_notes_are_taken_after_an_erasure(
    shop: Shop, database: Database
) -> None:
    customer, order_id = await shopper(shop)
    operator = shop.client("operator")
    with psycopg.connect(database.admin_url, autocommit=True) as owner:
        (kept,) = owner.execute("SELECT wrapped FROM commerce_keys WHERE owner_id = %s", [customer]).fetchone() or (
            b"",
        )
        owner.execute("DELETE FROM commerce_keys WHERE owner_id = %s", [customer])
        assert (await operator.get(f"/orders/{order_id}")).json()["personal_data"] == "key_missing"
        reason = {"reason": "Quillfeather rang"}
        assert (await operator.post(f"/orders/{order_id}/cancellation", json=reason)).status_code == 202
        owner.execute("INSERT INTO commerce_keys (owner_id, wrapped) VALUES (%s, %s)", [customer, kept])
    await erase(shop, customer)
    async with shop.following():
        await eventually(lambda: _is_at(shop, order_id, "cancelled"))
    await shop.show()
    await job_of(shop).look()
    assert leaks(database) == set()
    certificate = (await operator.get(f"/customers/{customer}/erasure")).json()["certificate"]
    assert certificate["keys"] == [customer, str(ids.process_id(UUID(order_id)))]
    row = await ORDERS.find(shop.store.pool, UUID(order_id))
    assert row is not None
    later = await key_of_order(shop.store, row)
    assert later.owner == ids.notes_after_erasure_id(UUID(order_id))
    assert later.new


async def test_an_order_and_its_customers_erasure_have_an_order_in_the_log(shop: Shop) -> None:
    customer = str(uuid4())
    await shop.stock("lamp")
    client = shop.client("service")
    orders = [client.post("/orders", json=order(customer_id=customer), headers=key()) for _ in range(8)]
    first = await client.post("/orders", json=order(customer_id=customer), headers=key())
    await shop.show()
    answers = await asyncio.gather(*orders[:4], erase(shop, customer), *orders[4:])
    events = await shop.store.read_log(0, 10**9)
    requested = next(event.position for event in events if event.topic == "customers.ErasureRequested")
    placed = [event.position for event in events if event.topic == "ordering.OrderPlaced"]
    assert first.status_code == 202
    assert max(placed) < requested
    codes = [answer.status_code for answer in answers if isinstance(answer, httpx2.Response)]
    assert codes.count(202) == len(placed) - 1
    assert set(codes) <= {202, 409}
