"""One person has one spelling: in the scope of keys, as the actor, as the owner of orders, and as whom a key
belongs to."""

from __future__ import annotations

from uuid import uuid4

import pytest

from commerce.values.ids import read_id
from tests.integration.api.conftest import Shop, key, order

ADA = "6dfd04b1-3b40-4be4-b5a1-b6d5c7d3e8b7"
SPELLINGS = [ADA.upper(), f"{{{ADA}}}", f"urn:uuid:{ADA}", ADA.replace("-", ""), f" {ADA} ", f"URN:UUID:{ADA.upper()}"]


async def test_a_customer_is_the_same_however_the_token_spells_the_uuid(shop: Shop) -> None:
    await shop.stock("lamp")
    headers = key()
    first = await shop.client("customer", ADA).post("/orders", json=order(reference="7"), headers=headers)
    assert first.status_code == 202
    for spelling in SPELLINGS:
        client = shop.client("customer", spelling)
        again = await client.post("/orders", json=order(reference="7"), headers=headers)
        assert (again.status_code, again.json()) == (202, first.json()), spelling
        assert (await client.get(f"/orders/{first.json()['order_id']}")).json()["customer_id"] == ADA
        taken = await client.post("/orders", json=order(reference="7"), headers=key())
        assert taken.status_code == 409, spelling
    second = await shop.client("customer", SPELLINGS[0]).post("/orders", json=order(), headers=key())
    await shop.show()
    for spelling in (ADA, *SPELLINGS):
        listed = (await shop.client("customer", spelling).get("/orders")).json()["items"]
        assert [one["order_id"] for one in listed] == [second.json()["order_id"], first.json()["order_id"]], spelling
    auditor = shop.client("auditor")
    for spelling in (ADA, ADA.upper(), f"{{{ADA}}}"):
        params = {"actor": f"customer:{spelling}", "topic": "ordering.OrderPlaced"}
        events = (await auditor.get("/audit/events", params=params)).json()["items"]
        assert [one["actor"] for one in events] == [f"customer:{ADA}"] * 2, spelling
        by_id = (await auditor.get("/orders", params={"customer_id": spelling})).json()["items"]
        assert len(by_id) == 2
    stranger = shop.client("customer", str(uuid4()))
    assert (await stranger.get(f"/orders/{first.json()['order_id']}")).status_code == 404


async def test_an_operator_is_the_same_in_both_forms_of_an_accent_and_with_spaces_around_the_name(shop: Shop) -> None:
    await shop.stock("lamp")
    headers = key()
    answers = [
        await shop.client("operator", name).post("/inventory/lamp/receipts", json={"quantity": 1}, headers=headers)
        for name in ("Ren\u00e9", "Rene\u0301", " Ren\u00e9 ")
    ]
    assert [answer.status_code for answer in answers] == [201] * 3
    assert len({answer.json()["position"] for answer in answers}) == 1
    params = {"actor": "operator:Rene\u0301"}
    events = (await shop.client("auditor").get("/audit/events", params=params)).json()["items"]
    assert [one["actor"] for one in events] == ["operator:Ren\u00e9"]


async def test_an_order_is_the_same_however_its_id_is_written(shop: Shop) -> None:
    await shop.stock("lamp")
    operator = shop.client("operator")
    order_id = (await operator.post("/orders", json=order(), headers=key())).json()["order_id"]
    for written in (order_id.upper(), f"%7B{order_id}%7D", f"urn:uuid:{order_id}", order_id.replace("-", "")):
        assert (await operator.get(f"/orders/{written}")).json()["order_id"] == order_id
        assert (await operator.get(f"/audit/streams/{written}/state")).json()["stream_id"] == order_id


@pytest.mark.parametrize("subject", ["\u200b", " ", "anna\nbob", "an\u2028na", "an\u202ena"])
async def test_a_token_that_names_nobody_who_can_be_shown_is_not_accepted(shop: Shop, subject: str) -> None:
    answer = await shop.client("operator", subject).get("/orders")
    assert (answer.status_code, answer.json()["type"]) == (401, "/docs/problems/invalid-token")


@pytest.mark.parametrize("text", ["", "anna", ADA[:-1], f"{{{ADA}", f"{ADA}}}", "1_" * 16, "\uff11" * 32, f"{ADA}-"])
def test_what_is_no_uuid_is_no_id(text: str) -> None:
    assert read_id(text) is None
