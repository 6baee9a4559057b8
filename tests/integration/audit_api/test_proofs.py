"""Signed tree heads and proofs over HTTP, checked by the script that knows nothing of our code."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest

from api.queries import signed_log
from commerce.audit.events import PersonalDataRead
from tests.conftest import Database
from tests.integration.api.conftest import Shop, key, order
from tests.integration.api.test_problems import check
from tests.integration.audit_api.test_log import all_pages
from tests.integration.evidence.test_proof import check as check_proof


async def placed(shop: Shop) -> str:
    await shop.stock("lamp")
    answer = await shop.client("service").post("/orders", json=order(), headers=key())
    return str(answer.raise_for_status().json()["order_id"])


async def test_a_proof_and_the_heads_that_the_api_gives_convince_the_script(shop: Shop, tmp_path: Path) -> None:
    order_id, auditor = await placed(shop), shop.client("auditor", "vera")
    assert (await auditor.get("/audit/heads")).json() == {"items": [], "next_cursor": None}
    for _ in range(2):
        await placed(shop)
        await shop.seal()
    proof, heads = tmp_path / "proof.json", tmp_path / "heads.jsonl"
    proof.write_bytes((await auditor.get(f"/audit/orders/{order_id}/proof")).raise_for_status().content)
    found = await all_pages(auditor, "/audit/heads", limit=1)
    assert [head["tree_size"] for head in found] == sorted((head["tree_size"] for head in found), reverse=True)
    size = found[-1]["tree_size"]
    assert (await auditor.get("/audit/heads", params={"tree_size": size})).json()["items"] == found[-1:]
    assert (await auditor.get("/audit/heads", params={"tree_size": size + 1})).json()["items"] == []
    heads.write_text("".join(f"{json.dumps(head)}\n" for head in found))
    code, line = check_proof(proof, heads)
    assert (code, line.partition(" stand ")[0]) == (0, f"yes: 1 events of order {order_id}")
    older = await auditor.get(f"/audit/orders/{order_id}/proof", params={"tree_size": found[-1]["tree_size"]})
    proof.write_bytes(older.raise_for_status().content)
    assert check_proof(proof, heads)[0] == 0
    looks = [one.event for one in await shop.store.read_log(0, 10**9, topics=[PersonalDataRead.TOPIC])]
    seen = [(each.what, each.orders) for each in looks if isinstance(each, PersonalDataRead)]
    assert seen == [("GET /api/v1/audit/orders/{order_id}/proof", (UUID(order_id),))]


async def test_a_proof_waits_for_the_head_that_covers_it_and_says_when_there_is_none(
    shop: Shop, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    order_id, operator = await placed(shop), shop.client("operator")
    path = f"/audit/orders/{order_id}/proof"
    answer = await operator.get(path)
    check(answer, 503, "unavailable")
    assert answer.headers["Retry-After"] == "5"
    monkeypatch.setattr(signed_log, "HEAD_WAIT_S", 10.0)
    asked = asyncio.create_task(operator.get(path))
    await shop.seal()
    size = (await asked).raise_for_status().json()["tree_size"]
    check(await operator.get(f"/audit/orders/{uuid4()}/proof"), 404, "not-found")
    check(await operator.get(path, params={"tree_size": size + 1}), 404, "not-found")
    later = await placed(shop)
    check(await operator.get(f"/audit/orders/{later}/proof", params={"tree_size": size}), 409, "not-signed-yet")
    async with await psycopg.AsyncConnection.connect(database.admin_url, autocommit=True) as owner:
        changed = 'UPDATE commerce_events SET metadata = \'{"actor": "service:x"}\' WHERE originator_id = %s'
        await owner.execute(changed, [UUID(order_id)])
        problem = check(await operator.get(path), 409, "tree-damaged")
    assert "is not what was signed" in problem["detail"]
