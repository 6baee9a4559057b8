"""The same request, sent again."""

from __future__ import annotations

import asyncio
import hmac
import json
from typing import Any
from uuid import uuid4

import httpx2
import psycopg
import pytest

from api.app import create_app
from api.http.fingerprints import Fingerprints
from api.schemas.fields import AS_SENT, Body
from commerce.runtime.settings import Settings
from commerce.values import ids
from tests.conftest import Database
from tests.integration.api.conftest import Shop, key, order, serving
from tests.integration.api.test_after_placing import confirmed
from tests.integration.api.test_problems import check
from workers.runtime.request_retention import forget_once


async def test_twenty_equal_requests_at_once_are_one_order_and_twenty_equal_answers(shop: Shop) -> None:
    await shop.stock("lamp")
    operator, same = shop.client("operator"), key()
    before = await shop.store.head()
    answers = await asyncio.gather(*(operator.post("/orders", json=order(), headers=same) for _ in range(20)))
    told = {(answer.status_code, answer.text, answer.headers["Location"], answer.headers["Commerce-Position"])
            for answer in answers}  # fmt: skip
    assert len(told) == 1
    assert await shop.store.head() == before + 1


async def test_two_api_processes_recognise_the_same_request(shop: Shop, settings: Settings) -> None:
    await shop.stock("lamp")
    operator, same = shop.client("operator"), key()
    async with serving(settings) as other:
        answers = await asyncio.gather(
            *(operator.post(f"{url}/api/v1/orders", json=order(), headers=same) for url in (shop.url, other) * 5)
        )
    assert len({answer.text for answer in answers}) == 1


async def test_a_key_stands_for_one_body_in_whatever_spelling(shop: Shop) -> None:
    await shop.stock("lamp")
    operator, same = shop.client("operator"), key()
    command = order()
    first = await operator.post("/orders", json=command, headers=same)
    spelled = json.dumps(dict(reversed(command.items())), indent=2)
    again = await operator.post("/orders", content=spelled, headers={**same, "Content-Type": "application/json"})
    assert (again.status_code, again.text) == (first.status_code, first.text)
    other = await operator.post("/orders", json=order(("lamp", 2)), headers=same)
    assert (other.status_code, other.json()["type"]) == (422, "/docs/problems/idempotency-key-reused")


async def test_an_accepted_request_is_answered_again_when_it_would_be_rejected_by_now(shop: Shop) -> None:
    await shop.stock("lamp", quantity=5)
    operator, same = shop.client("operator"), key()
    taken = {"quantity": -5, "reason": "flood"}
    first = await operator.post("/inventory/lamp/adjustments", json=taken, headers=same)
    assert (first.status_code, first.json()["quantity"]) == (201, -5)
    again = await operator.post("/inventory/lamp/adjustments", json=taken, headers=same)
    assert (again.status_code, again.text) == (first.status_code, first.text)
    rejected = await operator.post("/inventory/lamp/adjustments", json=taken, headers=key())
    problem = check(rejected, 409, "reserved-stock")
    assert (problem["version"], problem["actions"]) == (3, ["receipts", "adjustments"])


async def test_only_accepted_requests_are_remembered(shop: Shop) -> None:
    operator, same = shop.client("operator"), key()
    assert (await operator.post("/orders", json=order(), headers=same)).status_code == 422
    await shop.stock("lamp")
    assert (await operator.post("/orders", json=order(), headers=same)).status_code == 202


async def test_a_key_is_the_askers_and_the_paths_own(shop: Shop) -> None:
    await shop.stock("lamp")
    await shop.stock("vase")
    same, pieces = key(), {"quantity": 1}
    told = [
        (await client.post(f"/inventory/{sku}/receipts", json=pieces, headers=same)).json()["position"]
        for client in (shop.client("operator", "anna"), shop.client("operator", "otto"))
        for sku in ("lamp", "vase")
    ]
    assert len(set(told)) == 4


@pytest.mark.parametrize("value", ["", "x" * 256, "caf\u00e9"])
async def test_a_key_is_needed_and_has_to_be_printable(shop: Shop, value: str) -> None:
    headers = {b"Idempotency-Key": value.encode("latin-1")} if value else {}
    answer = await shop.client("operator").post("/orders", json=order(), headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (400, "/docs/problems/malformed-request")


async def test_the_longest_key_will_do(shop: Shop) -> None:
    await shop.stock("lamp")
    answer = await shop.client("operator").post("/orders", json=order(), headers=key("~" * 255))
    assert answer.status_code == 202


async def test_what_is_left_out_is_the_same_as_what_is_null_or_at_its_default(shop: Shop) -> None:
    await shop.stock("lamp")
    operator, same = shop.client("operator"), key()
    price = {"amount": "8.9", "currency": "EUR"}
    command = order(lines=[{"sku": "lamp", "quantity": 1, "unit_price": price}], customer_id=str(uuid4()))
    first = await operator.post("/orders", json=command, headers=same)
    assert first.status_code == 202, first.text
    address = command["shipping_address"]
    for spelled in (
        {"customer_id": command["customer_id"].upper()},
        {"shipping_address": {**address, "line2": None}},
        {"shipping_address": {**address, "line2": ""}},
        {"lines": [{"sku": "lamp", "quantity": 1, "unit_price": {**price, "amount": "08.90"}}]},
    ):
        again = await operator.post("/orders", json={**command, **spelled}, headers=same)
        assert (again.status_code, again.text) == (first.status_code, first.text), spelled
    other = {"lines": [{"sku": "lamp", "quantity": 1}]}
    assert (await operator.post("/orders", json={**command, **other}, headers=same)).status_code == 422


async def test_a_guests_order_is_the_same_with_a_null_for_the_customer(shop: Shop) -> None:
    await shop.stock("lamp")
    operator, same = shop.client("operator"), key()
    first = await operator.post("/orders", json=order(), headers=same)
    nulls = order(customer_id=None, lines=[{"sku": "lamp", "quantity": 1, "unit_price": None}])
    again = await operator.post("/orders", json=nulls, headers=same)
    assert (again.status_code, again.text) == (first.status_code, first.text)


def earlier_fingerprint(fingerprints: Fingerprints, body: Body) -> bytes:
    """As release 0.1.0 made it."""
    sent = body.model_dump_json(exclude_unset=True, context=AS_SENT)
    return hmac.digest(fingerprints._key, sent.encode(), "sha256")


PRICED = {"sku": "lamp", "quantity": 1, "unit_price": {"amount": "8.9", "currency": "EUR"}}


@pytest.mark.parametrize("changed", [{}, {"customer_id": None}, {"lines": [PRICED]}])
async def test_a_request_that_an_earlier_release_accepted_is_recognised(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, changed: dict[str, Any]
) -> None:
    await shop.stock("lamp")
    operator, same, command = shop.client("operator"), key(), order(**changed)
    with monkeypatch.context() as earlier:
        earlier.setattr(Fingerprints, "of", earlier_fingerprint)
        first = await operator.post("/orders", json=command, headers=same)
    again = await operator.post("/orders", json=command, headers=same)
    assert (again.status_code, again.text) == (first.status_code, first.text)


async def test_a_path_is_the_same_in_either_form_of_its_letters(shop: Shop) -> None:
    await shop.stock("caf\u00e9", quantity=0)
    operator, same = shop.client("operator"), key()
    first = await operator.post("/inventory/caf%C3%A9/receipts", json={"quantity": 1}, headers=same)
    again = await operator.post("/inventory/cafe%CC%81/receipts", json={"quantity": 1}, headers=same)
    assert (again.status_code, again.text) == (first.status_code, first.text)


async def test_an_order_is_the_same_in_either_form_of_a_skus_letters(shop: Shop) -> None:
    await shop.stock("caf\u00e9")
    operator, same = shop.client("operator"), key()
    first = await operator.post("/orders", json=order(("caf\u00e9", 1)), headers=same)
    again = await operator.post("/orders", json=order(("cafe\u0301", 1)), headers=same)
    assert (first.status_code, again.status_code, again.text) == (202, 202, first.text)


async def test_a_customers_own_id_is_the_same_as_none(shop: Shop) -> None:
    await shop.stock("lamp")
    own, same = str(uuid4()), key()
    customer = shop.client("customer", own)
    first = await customer.post("/orders", json=order(customer_id=own.upper()), headers=same)
    again = await customer.post("/orders", json=order(), headers=same)
    assert (first.status_code, again.status_code, again.text) == (202, 202, first.text)
    operator = shop.client("operator")
    await operator.post("/orders", json=order(customer_id=own), headers=same)
    assert (await operator.post("/orders", json=order(), headers=same)).status_code == 422  # a guest's is another


async def told(client: httpx2.AsyncClient, path: str, body: Any, same: dict[str, str]) -> tuple[int, str, str | None]:
    """What a command answers: status, body, and the position in its header."""
    answer = await client.post(path, json=body, headers=same)
    return answer.status_code, answer.text, answer.headers.get("Commerce-Position")


async def test_every_command_that_makes_or_moves_something_honours_a_key(shop: Shop, settings: Settings) -> None:
    order_id = await confirmed(shop)
    shipment = (await shop.client("operator").get(f"/orders/{order_id}/shipments")).json()["items"][0]["shipment_id"]
    await shop.stock("lamp")
    operator = shop.client("operator")
    cancelled = (await operator.post("/orders", json=order(), headers=key())).json()["order_id"]
    commands: list[tuple[str, Any, Any]] = [
        (f"/orders/{cancelled}/cancellation", {"reason": "no"}, {"reason": "yes"}),
        (f"/shipments/{shipment}/dispatch", None, None),
        (f"/shipments/{shipment}/delivery", None, None),
        ("/ops/projections/orders/rebuild", None, None),
        ("/ops/projections/orders/verification", {}, None),
    ]
    async with serving(settings) as other:
        for path, body, another in commands:
            same = key()
            first = await told(operator, path, body, same)
            assert first[0] in (200, 202), first
            head = await shop.store.head()
            assert await told(operator, path, body, same) == first, path
            assert await told(operator, f"{other}/api/v1{path}", body, same) == first, path
            assert await shop.store.head() == head
            if another is not None:
                reused = await told(operator, path, another, same)
                assert (reused[0], "idempotency-key-reused" in reused[1]) == (422, True), path


def test_every_command_says_whether_it_takes_a_key() -> None:
    document = create_app(Settings()).openapi()
    without = {
        path.removeprefix("/api/v1")
        for path, methods in document["paths"].items()
        if "post" in methods and "Idempotency-Key" not in {one["name"] for one in methods["post"].get("parameters", ())}
    }
    of_people = ("/auth/", "/webhooks/", "/staff", "/customers/")
    by_their_nature = {name for name in without if name.startswith(of_people) or name.endswith("/erasure")}
    assert without == by_their_nature, "what makes or moves something is to be done once"


async def test_a_request_is_forgotten_after_its_time_and_its_order_is_never_placed_twice(
    shop: Shop, database: Database
) -> None:
    await shop.stock("lamp")
    operator, old, young = shop.client("operator"), key(), key()
    first = (await operator.post("/orders", json=order(), headers=old)).json()
    with psycopg.connect(database.admin_url, autocommit=True) as owner:
        owner.execute("UPDATE commerce_idempotency SET created_at = created_at - interval '31 days'")
    kept = (await operator.post("/orders", json=order(), headers=young)).json()
    assert await forget_once(shop.store, 30 * 24 * 3600) == 1  # the receipt's
    assert await forget_once(shop.store, 30 * 24 * 3600) == 0
    assert (await operator.post("/orders", json=order(), headers=young)).json() == kept
    head = await shop.store.head()
    for body in (order(), order(("lamp", 2))):
        again = await operator.post("/orders", json=body, headers=old)
        assert (again.status_code, again.json()["type"]) == (409, "/docs/problems/order-placed-before")
        assert again.json()["order_id"] == first["order_id"]
    assert await shop.store.head() == head


async def test_an_order_of_an_older_release_whose_request_is_forgotten_is_not_placed_again(
    shop: Shop, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await shop.stock("lamp")
    operator, old = shop.client("operator", "anna"), key()
    placed = ids.order_id_of_request("operator:anna\nPOST /api/v1/orders", old["Idempotency-Key"])
    with monkeypatch.context() as older:
        older.setattr(ids, "new_order_id", lambda: placed)
        (await operator.post("/orders", json=order(), headers=old)).raise_for_status()
    with psycopg.connect(database.admin_url, autocommit=True) as owner:
        owner.execute("DELETE FROM commerce_idempotency")
    again = await operator.post("/orders", json=order(), headers=old)
    assert (again.status_code, again.json()["type"]) == (409, "/docs/problems/order-placed-before")
    assert again.json()["order_id"] == str(placed)
