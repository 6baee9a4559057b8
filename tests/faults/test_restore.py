"""A restored backup, older than what was signed and than what the broker holds: the system starts, says so, and
works."""

from __future__ import annotations

import shutil
from pathlib import Path

import httpx2
import pytest

from tests.system.conftest import ADDRESS, System, running
from tests.waiting import eventually


@pytest.mark.long
@pytest.mark.fault("restored from an older backup", "folder put back")
async def test_a_restored_system_starts_says_what_is_ahead_and_heals_as_the_page_says(tmp_path: Path) -> None:
    home, backup = tmp_path / "home", tmp_path / "backup"
    heads = home / "audit" / "heads.jsonl"
    with running(home) as system:
        await order(system, "before")
    shutil.copytree(home / "postgres", backup)
    with running(home) as system:
        signed = heads.stat().st_size
        lost = await order(system, "lost")
        await eventually(lambda: heads.stat().st_size > signed)
    shutil.rmtree(home / "postgres")
    shutil.copytree(backup, home / "postgres")
    with running(home) as system:
        said = "".join(system.said)
        assert "AHEAD OF THE LOG: a log of" in said
        assert "docs/restore.md" in said
        assert "projections is NOT well" in said
        assert "restored" in system.commerce("doctor").stdout
        assert await order(system, "after") != lost
        heads.rename(heads.with_name("heads-until-restore.jsonl"))
        await eventually(heads.exists)
        await eventually(lambda: system.commerce("audit", "verify").returncode == 0)
        assert await order(system, "lost") == lost, "the same request again is the same order"


async def order(system: System, key: str) -> str:
    """Place an order under a key and see it confirmed; its id."""
    headers = {
        "Authorization": f"Bearer {system.token('operator', 'olga')}",
        "Idempotency-Key": key,
        "Prefer": "wait=30",
    }
    body = {
        "currency": "EUR",
        "lines": [{"sku": "CUP-STONE", "quantity": 1}],
        "shipping_address": ADDRESS,
        "payment_method": "pm_card_ok",
    }
    async with httpx2.AsyncClient(trust_env=False, timeout=60) as http:
        answer = await http.post(f"{system.api_url}/api/v1/orders", json=body, headers=headers)
    placed = answer.raise_for_status().json()
    assert placed["status"] == "confirmed"
    return str(placed["order_id"])
