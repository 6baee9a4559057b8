"""The master key is rotated while the shop is open: everything that rests on it stays as it was, wherever it is cut
off, and the old one can be removed in the end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx2
import psycopg
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from commerce.customers.erasure_commands import reapply_erasures
from commerce.events import EVENTS
from commerce.eventstore import (
    Append,
    EventStore,
    Metadata,
    MissingKey,
    PersonKey,
    Sealed,
    open_store,
    rewrap_keys,
    rewrapped_keys,
    wrapped_counts,
)
from commerce.master_keys import commands
from commerce.master_keys.commands import (
    prepare_master_key,
    read_standing,
    remove_master_key,
    rotate_master_key,
)
from commerce.master_keys.master_key_list import MasterKeyInUse, RotatedMeanwhile
from commerce.ordering.commands import load_order
from commerce.ordering.events import OrderCancellationRequested
from commerce.runtime.master_key import MasterKey
from commerce.runtime.master_keys import MasterKeys
from commerce.runtime.tokens import issue_token, load_keys
from commerce.values import ids
from commerce.values.errors import BadUsage, NotFound, Unavailable
from commerce.webhooks.commands import load_endpoint
from tests.conftest import MASTER_KEY, Database
from tests.integration.api.conftest import Shop, key, order, serving
from tests.integration.api.test_api_keys import bearer
from tests.integration.api.test_customers import log_in, register, registered
from tests.integration.api.test_erasure import erase, file_of, job_of, let_end, shopper
from tests.integration.api.test_find import found
from tests.integration.api.test_staff import Member, joined
from tests.integration.api.test_webhook_endpoints import added
from tests.waiting import LIMIT_S, eventually
from workers.privacy.rotation import MasterKeyRotation

BY_ANNA = Metadata("system:anna")
FIRST = MasterKey(MASTER_KEY).id
EMAIL = "ada@example.org"


@asynccontextmanager
async def another_process(shop: Shop) -> AsyncIterator[EventStore]:
    """A process that has the installation's keys from its folder."""
    address = shop.settings.required("database_url")
    async with open_store(address, load_keys(shop.settings).master, "other", known=EVENTS) as store:
        yield store


@asynccontextmanager
async def another_api(shop: Shop) -> AsyncIterator[Shop]:
    """An API that starts now."""
    opened: list[httpx2.AsyncClient] = []
    async with serving(shop.settings) as url, another_process(shop) as store:

        def client(role: Any = None, subject: str = "somebody") -> httpx2.AsyncClient:
            token = issue_token(shop.settings, role=role, subject=subject) if role else ""
            headers = {"Authorization": f"Bearer {token}"} if token else {}
            opened.append(httpx2.AsyncClient(base_url=f"{url}/api/v1", headers=headers, timeout=LIMIT_S, verify=False))
            return opened[-1]

        yield replace(shop, url=url, store=store, client=client)
        for one in opened:
            await one.aclose()


@dataclass
class Past:
    """What the shop had before the rotation."""

    customer: str
    guest: str
    request: dict[str, str]
    answer: dict[str, Any]
    api_key: str
    key_request: dict[str, str]
    endpoint: UUID
    secret: str
    erased: str
    staff: Member


async def past_of(shop: Shop, outbox: Path) -> Past:
    """Orders, a customer, a member of staff, a service, a webhook endpoint, and somebody who was erased."""
    staff = await joined(shop, outbox)
    erased, order_id = await shopper(shop)
    await let_end(shop, order_id)
    await erase(shop, erased)
    await shop.show()
    await job_of(shop).look()
    customer = await registered(shop, EMAIL)
    operator, request, key_request = shop.client("operator", "anna"), key(), key()
    body = order(email="Guest@Example.org", reference="INV-7001")
    answer = (await operator.post("/orders", json=body, headers=request)).raise_for_status().json()
    await shop.client("customer", customer).post("/orders", json=order(), headers=key())
    made = await operator.post("/auth/keys", json={"service": "erp", "scopes": ["orders:read"]}, headers=key_request)
    endpoint = await added(shop)
    api_key = made.raise_for_status().json()["key"]
    endpoint_id, secret = UUID(endpoint["endpoint_id"]), endpoint["secret"]
    await shop.show()
    return Past(customer, answer["order_id"], request, answer, api_key, key_request, endpoint_id, secret, erased, staff)


async def holds(shop: Shop, past: Past) -> None:
    """Everything from before is as it was, in a process that only knows the folder as it is now."""
    operator = shop.client("operator", "anna")
    shown = (await operator.get(f"/orders/{past.guest}")).raise_for_status().json()
    assert (shown["shipping_address"]["name"], shown["email"]) == ("Ada Lovelace", "Guest@Example.org")
    assert shown["reference"] == "INV-7001"
    for params in ({"q": "guest@example.org"}, {"reference": "INV-7001"}):
        assert await found(operator, **params) == [past.guest]
    assert past.guest in await found(operator, q="lovelace")
    again = await operator.post("/orders", json=order(reference="INV-7001"), headers=key())
    assert again.json()["type"] == "/docs/problems/reference-taken"
    body = order(email="Guest@Example.org", reference="INV-7001")
    repeated = await operator.post("/orders", json=body, headers=past.request)
    assert (repeated.status_code, repeated.json()) == (202, past.answer), "the request is recognised"
    assert (await register(shop, EMAIL)).status_code == 409, "the address is taken"
    assert (await log_in(shop, EMAIL)).status_code == 200
    assert (await shop.client("customer", past.customer).get("/customers/me")).json()["email"] == EMAIL
    wanted = {"service": "erp", "scopes": ["orders:read"]}
    made = await operator.post("/auth/keys", json=wanted, headers=past.key_request)
    assert made.json()["key"] == past.api_key, "a repeat is answered with the same key"
    by_key = await shop.client().get(f"/orders/{past.guest}", headers=bearer(past.api_key))
    assert by_key.status_code == 200
    staff = replace(past.staff, shop=shop)
    assert (await staff.log_in()).json()["type"] == "/docs/problems/second-factor-needed"
    endpoint = await load_endpoint(shop.store, past.endpoint)
    assert await shop.store.keys.open(Sealed(endpoint.secret)) == past.secret
    assert (await operator.get(f"/customers/{past.erased}/erasure")).json()["status"] == "completed"
    assert await reapply_erasures(shop.store, file_of(shop)) == 0, "the file is read, and nothing is left to do"
    state = await load_order(shop.store, UUID(past.guest))
    assert "Ada" in await shop.store.keys.open(state.shipping_address)


async def finish(store: EventStore) -> None:
    """Have the job take the rotation to its end."""
    job = MasterKeyRotation(store, closed_after_s=0)
    for _ in range(6):
        assert await job.look() is None


async def test_a_rotation_that_is_cut_off_and_followed_by_another_ends_and_leaves_all_as_it_was(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    past = await past_of(shop, tmp_path / "outbox")
    operator = shop.client("operator", "anna")
    async with another_process(shop) as store:
        before = await wrapped_counts(store.pool)
        assert set(before) == {FIRST}, "each wrapped key says which master key did it"
        second = await rotate_master_key(store, BY_ANNA)
        during = (await operator.post("/orders", json=order(), headers=key())).raise_for_status().json()["order_id"]
        pages = 0

        async def dies(*args: Any) -> int:
            nonlocal pages
            pages += 1
            if pages == 3:
                raise asyncio.CancelledError
            return await stored(*args)

        stored = rewrapped_keys._store
        monkeypatch.setattr(rewrapped_keys, "_store", dies)
        with pytest.raises(asyncio.CancelledError):
            await rewrap_keys(store.pool, store.keys.masters, 1)
        monkeypatch.undo()
        assert set(await wrapped_counts(store.pool)) == {FIRST, second}, "some are, and some are not"
        await holds(replace(shop, store=store), past)

        with pytest.raises(MasterKeyInUse, match="keys are wrapped with it"):
            await remove_master_key(store, FIRST, BY_ANNA)
        third = await rotate_master_key(store, BY_ANNA)
        async with another_api(shop) as later:
            await holds(later, past)
        await finish(store)
        assert set(await wrapped_counts(store.pool)) == {third}
        standing = (await read_standing(store)).listed
        assert standing is not None
        assert [(key.id, key.status) for key in standing.keys] == [
            (FIRST, "retired"),
            (second, "retired"),
            (third, "current"),
        ]
        with pytest.raises(MasterKeyInUse, match="is current"):
            await remove_master_key(store, third, BY_ANNA)
        for one in (FIRST, second):
            assert await remove_master_key(store, one, BY_ANNA)
            assert not await remove_master_key(store, one, BY_ANNA), "once more is no harm"
    assert [path.name for path in shop.settings.keys_folder.glob("master*")] == [f"master-{third}.key"]
    assert {path.stat().st_mode & 0o777 for path in shop.settings.keys_folder.glob("master*")} == {0o600}
    async with another_api(shop) as later:
        await holds(later, past)
        staff = replace(past.staff, shop=later)
        assert await staff.tokens(), "their second factor is known"
        told = await later.client("auditor").get("/audit/events", params={"stream_id": str(ids.MASTER_KEYS)})
        assert {one["actor"] for one in told.json()["items"]} == {"system:anna", "service:master-key-rotation"}
        assert (await later.client("operator").get(f"/orders/{during}")).json()["shipping_address"]["name"]


async def test_a_running_process_wraps_with_the_new_key_soon_and_never_with_one_that_is_closed(
    shop: Shop, store: EventStore, database: Database
) -> None:
    async with another_process(shop) as other, another_process(shop) as frozen:
        with psycopg.connect(database.admin_url, autocommit=True) as owner:
            second = await rotate_master_key(other, BY_ANNA)

            async def wraps_with_the_new() -> bool:
                order_id = (await placed(shop)).json()["order_id"]
                read = "SELECT wrapped FROM commerce_keys WHERE owner_id = %s"
                (wrapped,) = owner.execute(read, [order_id]).fetchone() or (b"",)
                return bytes(wrapped)[1:17] == second.bytes

            await shop.stock("lamp")
            await eventually(wraps_with_the_new)
            await finish(other)
            late = frozen.keys.fresh(uuid4())
            with pytest.raises(Unavailable, match="the master key was rotated"):
                await append_with(frozen, late)
            await frozen.keys.masters.refresh()
            again = frozen.keys.fresh(late.owner)
            await append_with(frozen, again)
            assert set(await wrapped_counts(other.pool)) == {second}


async def placed(shop: Shop) -> httpx2.Response:
    """An order of a guest."""
    return (await shop.client("operator").post("/orders", json=order(), headers=key())).raise_for_status()


def as_before_ids(database: Database, owner_id: str) -> bytes:
    """Somebody's key, wrapped as releases did that wrote no id of the master key."""
    with psycopg.connect(database.admin_url) as owner:
        read = "SELECT wrapped FROM commerce_keys WHERE owner_id = %s"
        (wrapped,) = owner.execute(read, [owner_id]).fetchone() or (b"",)
    secret = MasterKey(MASTER_KEY).unwrap(UUID(owner_id), bytes(wrapped))
    return b"n" * 12 + AESGCM(MASTER_KEY).encrypt(b"n" * 12, secret, UUID(owner_id).bytes)


async def append_with(store: EventStore, new: PersonKey) -> None:
    """Append something together with a new key."""
    event = OrderCancellationRequested(originator_id=new.owner, originator_version=1, reason=new.seal("x"))
    await store.append(Append([event], new.owner, Metadata("customer:x"), keys=new.new))


async def test_what_is_damaged_holds_up_the_retirement_and_is_told(shop: Shop, database: Database) -> None:
    await shop.stock("lamp")
    sound, damaged = [(await placed(shop)).json()["order_id"] for _ in range(2)]
    async with another_process(shop) as store:
        with psycopg.connect(database.admin_url, autocommit=True) as owner:
            spoilt = "set_byte(wrapped, 40, get_byte(wrapped, 40) # 1)"
            spoil = f"UPDATE commerce_keys SET wrapped = {spoilt} WHERE owner_id = %s"
            owner.execute(spoil, [damaged])
            unnamed = "UPDATE commerce_keys SET wrapped = %s WHERE owner_id = %s"
            owner.execute(unnamed, [as_before_ids(database, sound), sound])
            second = await rotate_master_key(store, BY_ANNA)
            job = MasterKeyRotation(store, closed_after_s=0)
            assert "1 keys are damaged" in str(await job.look())
            assert (await wrapped_counts(store.pool))[FIRST] == 1
            owner.execute(spoil, [damaged])
            await finish(store)
        assert set(await wrapped_counts(store.pool)) == {second}
        for one in (sound, damaged):
            assert await store.keys.of(UUID(one))


async def test_of_two_rotations_at_once_one_is_told_and_a_prepared_key_is_taken(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with another_process(shop) as store, another_process(shop) as other:
        prepared = await prepare_master_key(store)
        assert await prepare_master_key(other) == prepared
        spare = commands._spare
        monkeypatch.setattr(commands, "_spare", lambda keys, _listed: keys.make())
        both = await asyncio.gather(
            rotate_master_key(store, BY_ANNA), rotate_master_key(other, BY_ANNA), return_exceptions=True
        )
        assert [type(one) for one in both if isinstance(one, Exception)] == [RotatedMeanwhile]
        monkeypatch.setattr(commands, "_spare", spare)
        third = await rotate_master_key(store, BY_ANNA)
        unused = {one.id for one in store.keys.masters.keys.kept()} - {FIRST, third, *both}
        assert third == prepared or prepared in unused
        with pytest.raises(NotFound):
            await remove_master_key(store, uuid4(), BY_ANNA)


async def test_without_the_current_key_no_process_starts_and_without_an_older_one_its_data_is_missing(
    shop: Shop,
) -> None:
    await shop.stock("lamp")
    order_id = (await placed(shop)).json()["order_id"]
    folder = shop.settings.keys_folder
    prepared = MasterKeys(folder).make().id
    (folder / "master.key").rename(folder / "kept")
    told = f"master key {FIRST}, the first, is not among this installation's keys .here: {prepared}.; restore its file"
    with pytest.raises(BadUsage, match=told):  # as with a backup from before a rotation, and the key of that time gone
        async with another_process(shop):
            pass
    (folder / "kept").rename(folder / "master.key")
    async with another_process(shop) as store:
        second = await rotate_master_key(store, BY_ANNA)
    current, first = folder / f"master-{second}.key", folder / "master.key"
    current.rename(folder / "kept")
    with pytest.raises(BadUsage, match=f"master key {second} is not among this installation's keys"):
        async with another_process(shop):
            pass
    (folder / "kept").rename(current)
    first.rename(folder / "kept")
    async with another_process(shop) as store:
        with pytest.raises(MissingKey, match=f"master key {FIRST}, which is not here"):
            await store.keys.of(UUID(order_id))
        (folder / "kept").rename(first)
        assert await store.keys.of(UUID(order_id)), "it is looked for again"


async def test_another_installations_key_starts_nothing_where_people_are_and_one_damaged_key_keeps_nothing_from_it(
    shop: Shop, database: Database, tmp_path: Path
) -> None:
    other = load_keys(shop.settings.model_copy(update={"home": tmp_path / "other"})).master
    async with open_store(database.app_url, other, "api", known=EVENTS):
        pass  # nobody's data is there yet
    await shop.stock("lamp")
    order_ids = [UUID((await placed(shop)).json()["order_id"]) for _ in range(2)]
    again = load_keys(shop.settings.model_copy(update={"home": tmp_path / "other"})).master
    with pytest.raises(BadUsage, match="the first, is not among this installation's keys"):
        async with open_store(database.app_url, again, "api", known=EVENTS):
            pass
    with psycopg.connect(database.admin_url, autocommit=True) as connection:
        connection.execute("UPDATE commerce_keys SET wrapped = '' WHERE owner_id = %s", [min(order_ids)])
    async with another_process(shop) as store:
        assert await store.keys.of(max(order_ids))
