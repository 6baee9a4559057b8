"""The command line against a running system: the demonstration, and a real shop's history."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.system.conftest import System

OWN_FILE = Path(__file__).parents[1] / "data" / "shop.csv"
SHOP = Path(os.environ.get("COMMERCE_SHOP_CSV", OWN_FILE))


def test_the_demonstration_ends_as_it_says(system: System) -> None:
    shown = system.commerce("demo", timeout=180)
    assert shown.returncode == 0, shown.stdout + shown.stderr


def test_a_shops_orders_come_out_right_to_the_penny(system: System) -> None:
    played = system.commerce("play", str(SHOP), "--invoices", "100", "--json", timeout=240)
    assert played.returncode == 0, played.stdout + played.stderr
    report = json.loads(played.stdout)
    assert report["agrees"]
    assert report["orders"]["confirmed"] == report["orders"]["placed"] > 0


def test_the_doctor_finds_nothing_wrong_with_a_running_system(system: System) -> None:
    shown = system.commerce("doctor", "--json")
    assert shown.returncode == 0, shown.stdout + shown.stderr
    findings = json.loads(shown.stdout)["findings"]
    assert {one["check"] for one in findings} >= {
        "privileges",
        "migrations",
        "workers",
        "followers",
        "streams",
        "processes",
    }


@pytest.mark.long
@pytest.mark.parametrize("stock", ["1.0", "0.9"])
def test_a_shops_whole_history_comes_out_right_to_the_penny(fresh_system: System, stock: str) -> None:
    played = fresh_system.commerce("play", str(SHOP), "--stock", stock, "--json", timeout=1800)
    assert played.returncode == 0, played.stdout + played.stderr
