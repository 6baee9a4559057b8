"""The command line against a running system: the demonstration, and a real shop's history."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.system.conftest import System

OWN_FILE = Path(__file__).parents[1] / "data" / "shop.csv"
HEADING = "Invoice,StockCode,Description,Quantity,Price,Customer ID,Country"
TWO_INVOICES = f"""{HEADING}
P-7001,PLAYED-CUP,CUP,2,2.55,17850.0,UK
P-7001,PLAYED-TEA,TEA,1,"3,10",17850,United Kingdom
P-7002,PLAYED-CUP,CUP,3,2.55,,EIRE
P-7002,PLAYED-TEA,TEA,2,3.30,,Ireland
"""
SHOP = Path(os.environ.get("COMMERCE_SHOP_CSV", OWN_FILE))


def test_the_demonstration_ends_as_it_says(system: System) -> None:
    shown = system.commerce("demo", timeout=180)
    assert shown.returncode == 0, shown.stdout + shown.stderr


def test_a_shops_orders_come_out_right_to_the_penny(system: System) -> None:
    played = system.commerce("play", str(SHOP), "--invoices", "25", "--json", timeout=240)
    assert played.returncode == 0, played.stdout + played.stderr
    report = json.loads(played.stdout)
    assert report["agrees"]
    assert report["orders"]["confirmed"] == report["orders"]["placed"] > 0


def test_a_shop_that_is_played_again_is_recognised_and_an_invoice_that_was_corrected_is_told(
    system: System, tmp_path: Path
) -> None:
    whole = tmp_path / "orders.csv"
    whole.write_text(TWO_INVOICES, "utf-8")
    with httpx2.Client(base_url=f"{system.api_url}/api/v1", headers=authorized(system)) as api:
        tea = {"name": "Our tea", "price": {"amount": "9.90", "currency": "GBP"}}
        api.put("/products/PLAYED-TEA", json=tea).raise_for_status()
        reports = [played(system, whole, *options) for options in (("--invoices", "1"), (), (), ("--stock", "0.5"))]
        assert [(report["played"], sorted(report["recognised"])) for _, report in reports] == [
            (1, []),
            (1, ["P-7001"]),
            (0, ["P-7001", "P-7002"]),
            (0, ["P-7001", "P-7002"]),
        ]
        assert [code for code, _ in reports] == [0, 0, 0, 0]
        assert reports[-1][1]["revenue"]["ledger"] == "22.45"
        assert api.get("/inventory/PLAYED-CUP").json()["on_hand"] == 5
        shown = api.get("/products/PLAYED-TEA").json()
        assert (shown["name"], shown["price"]) == (tea["name"], tea["price"])
        assert [each["sku"] for each in reports[-1][1]["left_alone"]] == ["PLAYED-TEA"]
        whole.write_text(TWO_INVOICES.replace("CUP,2", "CUP,4") + "P-7003,PLAYED-CUP,CUP,1,2.55,,France\n", "utf-8")
        code, report = played(system, whole)
        assert (code, report["played"], report["recognised"]) == (1, 1, ["P-7002"])
        assert [each["invoice"] for each in report["differing"]] == ["P-7001"]
        (order,) = api.get("/orders", params={"reference": "P-7001"}).json()["items"]
        assert order["reference"] == "P-7001"


def test_a_play_that_is_killed_and_started_again_orders_and_books_in_once(system: System, tmp_path: Path) -> None:
    many = tmp_path / "orders.csv"
    lines = [f"K-{number},KILLED-{number % 7},CUP,{number % 5 + 1},2.5{number % 10},7,France" for number in range(60)]
    many.write_text("\n".join([HEADING, *lines]), "utf-8")
    with subprocess.Popen(
        [sys.executable, "-m", "commerce.cli.main", "play", str(many), "--concurrency", "4"],
        env=system.environment,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        encoding="utf-8",
    ) as playing:
        assert playing.stderr is not None
        assert any(line.startswith("orders: ") for line in playing.stderr)  # the first fifth of them has ended
        playing.kill()
    code, report = played(system, many)
    assert code == 0, report
    assert report["played"] + len(report["recognised"]) == 60
    assert len(report["recognised"]) >= 12
    with httpx2.Client(base_url=f"{system.api_url}/api/v1", headers=authorized(system)) as api:
        on_hand = [api.get(f"/inventory/KILLED-{place}").json()["on_hand"] for place in range(7)]
    assert sum(on_hand) == sum(number % 5 + 1 for number in range(60))


def played(system: System, file: Path, *options: str) -> tuple[int, dict[str, Any]]:
    """The exit code and the report of a play."""
    ended = system.commerce("play", str(file), "--json", *options, timeout=240)
    assert ended.returncode in (0, 1), ended.stdout + ended.stderr
    return ended.returncode, json.loads(ended.stdout)


def authorized(system: System) -> dict[str, str]:
    """The headers of an operator."""
    return {"Authorization": f"Bearer {system.token('operator', 'olga')}"}


def test_the_doctor_finds_nothing_wrong_with_a_running_system(system: System) -> None:
    shown = system.commerce("doctor", "--json")
    assert shown.returncode == 0, shown.stdout + shown.stderr
    findings = json.loads(shown.stdout)["findings"]
    assert {one["check"] for one in findings} >= {
        "privileges",
        "migrations",
        "workers",
        "subscriptions",
        "streams",
        "processes",
    }


@pytest.mark.long
@pytest.mark.parametrize("stock", ["1.0", "0.9"])
def test_a_shops_whole_history_comes_out_right_to_the_penny(fresh_system: System, stock: str) -> None:
    played = fresh_system.commerce("play", str(SHOP), "--stock", stock, "--json", timeout=1800)
    assert played.returncode == 0, played.stdout + played.stderr
