"""The command line on a real log: replayed, traced, followed; readable, and as JSON."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from commerce.cli.main import main
from tests.closed_pipe import unread
from tests.command_line import commerce
from tests.conftest import Database
from tests.integration.api.conftest import Shop, key, order
from tests.waiting import LIMIT_S

ID = "3f0e4c6e-8f4b-5a0e-9d57-0a4c2f1b7d11"


@pytest.fixture(autouse=True)
def environment(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command line finds the test's database, and no key."""
    monkeypatch.setenv("COMMERCE_HOME", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("COMMERCE_DATABASE_URL", database.app_url)


async def document(*arguments: str) -> Any:
    """What a command prints as JSON."""
    answer = await commerce(*arguments, "--json")
    assert answer.returncode == 0, answer.stderr
    return json.loads(answer.stdout)


async def rejected(shop: Shop) -> str:
    """An order for more than there is."""
    await shop.stock("rug", 1)
    async with shop.following():
        answer = await shop.client("operator", "anna").post(
            "/orders", json=order(("rug", 2)), headers={**key(), "Prefer": "wait=20"}
        )
    assert answer.json()["status"] == "rejected"
    return str(answer.json()["order_id"])


async def test_an_order_is_replayed_event_by_event(shop: Shop, tmp_path: Path) -> None:
    order_id = await rejected(shop)
    own = await document("replay", order_id)
    assert [event["event"]["topic"] for event in own["events"]] == ["ordering.OrderPlaced", "ordering.OrderRejected"]
    assert {"field": "status", "before": "placed", "after": "rejected"} in own["events"][1]["changes"]
    assert own["streams"][0]["state"]["shipping_address"] == "sealed"
    assert own["streams"][0]["state"]["reason"] == "out_of_stock"
    placed_at = own["events"][0]["event"]["recorded_at"]
    for then in (
        await document("replay", order_id, "--version", "1"),
        await document("replay", order_id, "--as-of", placed_at),
    ):
        assert (len(then["events"]), then["streams"][0]["state"]["status"]) == (1, "placed")
    printed = re.findall(r"20\d\d-\d\d-\d\d \d\d:\d\d:\d\d\.\d+\S*", (await commerce("replay", order_id)).stdout)
    assert len(printed) == 2
    for version, then in enumerate(printed, start=1):
        assert (await document("replay", order_id, "--as-of", then))["streams"][0]["version"] >= version
    for number in ("2026", "20261123", "0001-01-01T00:00:00+14:00"):
        assert (await commerce("replay", order_id, "--as-of", number)).returncode == 2
    early = await commerce("replay", order_id, "--as-of", "2001-01-01T00:00:00Z")
    assert early.returncode == 1
    assert f"order {order_id} did not exist yet at 2001-01-01" in early.stderr
    whole = await document("replay", order_id, "--all")
    assert {stream["kind"] for stream in whole["streams"]} == {"order", "process", "reservation"}
    text = (await commerce("replay", order_id, "--all")).stdout
    assert "status  placed → rejected" in text
    assert "Ada" not in text
    assert "\x1b" not in text
    assert not (tmp_path / "elsewhere").exists()


async def test_an_order_is_traced(shop: Shop) -> None:
    order_id = await rejected(shop)
    assert await document("audit", order_id) == await document("audit", "trace", order_id)
    text = (await commerce("audit", order_id)).stdout
    assert "operator:anna, request " in text
    number = (await shop.client("operator").get(f"/orders/{order_id}")).json()["number"]
    assert f"└ +0.000 s  Operator anna placed order {number} for a guest: 2 × rug at 10.00 EUR" in text
    assert (await commerce("audit", number.lower())).stdout == text
    assert "Nothing could be reserved, as there is too little in stock: 2 × rug wanted, 1 there" in text
    assert "The order is rejected: out_of_stock" in text


async def test_commands_whose_output_nobody_reads_end_without_a_word(shop: Shop) -> None:
    order_id = await rejected(shop)
    for words in (["audit", order_id], ["follow", "--json", "--after", "0"]):
        assert await asyncio.to_thread(unread, *words) == (141, "")


async def test_the_log_is_followed_until_ctrl_c(shop: Shop) -> None:
    await shop.stock("rug", 1)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "commerce.cli.main", "follow", "--json", "--sku", "rug", "--after", "0"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert [json.loads(await process.stdout.readline())["topic"] for _ in range(3)] == [
        "catalog.ProductAdded",
        "inventory.StockItemRegistered",
        "inventory.StockReceived",
    ]
    change = {"quantity": -1, "reason": "broken"}
    await shop.client("operator", "anna").post("/inventory/rug/adjustments", json=change, headers=key())
    followed = json.loads(await process.stdout.readline())
    assert followed["text"] == "Operator anna corrected the count of rug by -1: sealed"
    process.send_signal(signal.SIGINT)
    async with asyncio.timeout(LIMIT_S):
        rest = await process.communicate()
    assert (process.returncode, *rest) == (0, b"", b"")


async def test_the_past_is_shown_and_filtered(shop: Shop) -> None:
    order_id = await rejected(shop)
    lines = (await commerce("follow", "--past", "--topic", "ordering.OrderRejected")).stdout.splitlines()
    assert len(lines) == 1
    assert f"order {order_id}: The order is rejected: out_of_stock" in lines[0]
    assert len((await commerce("follow", "--past", "--order", order_id)).stdout.splitlines()) == len(
        (await document("replay", order_id, "--all"))["events"]
    )
    nobody = await commerce("follow", "--past", "--actor", "operator:nobody")
    assert (nobody.stdout, nobody.stderr) == ("", "no event in the log matches\n")


async def test_who_looked_at_an_order_is_told(shop: Shop) -> None:
    order_id = await rejected(shop)
    assert (await commerce("audit", "readings", order_id)).stdout == "nobody looked at it\n"
    (await shop.client("operator", "anna").get(f"/orders/{order_id}/timeline")).raise_for_status()
    told = await commerce("audit", "readings", order_id)
    assert told.returncode == 0
    assert "operator:anna" in told.stdout
    assert "GET /api/v1/orders/{order_id}/timeline" in told.stdout
    assert json.loads((await commerce("audit", "readings", order_id, "--json")).stdout)["actor"] == "operator:anna"
    unknown = await commerce("audit", "readings", ID)
    assert (unknown.returncode, unknown.stderr) == (1, f"commerce: there is no order {ID}\n")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["replay", "x"], "'x' is neither an order's number"),
        (["replay", "3f0e4c6e-8f4b-5a0e-9d57-0a4c2f1b7d11", "--all", "--version", "1"], "with --all use --as-of"),
        (["replay", "3f0e4c6e-8f4b-5a0e-9d57-0a4c2f1b7d11", "--as-of", "noon"], "'noon' is not a time"),
        (["follow", "--topic", "nonsense"], "no event has the topic 'nonsense'"),
        (["audit"], "say which order: commerce audit ORDER_ID"),
        (["follow", "--past", "--topic", "audit.PersonalDataRead", "--order", ID], f"commerce audit readings {ID}"),
        (["follow", "--past", "--topic", "catalog.PriceChanged", "--order", ID], "about no order"),
        (["follow", "--past", "--topic", "payments.Captured", "--sku", "rug"], "leave out the one or the other"),
        (["follow", "--past", "--actor", "anna"], "operator:anna"),
        (["token", "--role", "customer", "--subject", "bob"], "is the UUID that orders are placed under"),
    ],
)
def test_bad_use_is_one_line(
    arguments: list[str], said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["commerce", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    errors = capsys.readouterr().err
    assert said in errors
    assert errors.count("\n") == 1


async def test_an_order_that_does_not_exist_is_said_not_to() -> None:
    for command in ("replay", "audit"):
        answer = await commerce(command, "3f0e4c6e-8f4b-5a0e-9d57-0a4c2f1b7d11")
        assert answer.returncode == 1
        assert answer.stderr.startswith("commerce: there is no order 3f0e4c6e")
