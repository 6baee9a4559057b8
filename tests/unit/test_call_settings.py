"""How parties are called is set for a party, or for one of its operations, and checked for sense."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import fields, replace
from operator import attrgetter
from pathlib import Path

import pytest

from commerce.cli.checks.variables import unknown_variables
from commerce.outside.policy import CallPolicy
from commerce.payments.ports import PROVIDER, PROVIDER_CALLED, PROVIDER_CALLS
from commerce.runtime.settings import CallSettings, environment_settings
from commerce.shipping.ports import CARRIER, CARRIER_CALLED, CARRIER_CALLS
from commerce.values.errors import BadUsage
from workers.runtime.party_worker import Party, policies_of

PAGE = (Path(__file__).parents[2] / "docs" / "operation.md").read_text()
PAYMENTS = Party(PROVIDER, PROVIDER_CALLED, PROVIDER_CALLS, attrgetter("provider_calls"), str)
SHIPPING = Party(CARRIER, CARRIER_CALLED, CARRIER_CALLS, attrgetter("carrier_calls"), str)


def test_without_settings_each_operation_is_called_by_the_usual_rules() -> None:
    settings = environment_settings()
    assert policies_of(PAYMENTS, settings) == dict.fromkeys(("authorize", "capture", "void", "refund"), PROVIDER_CALLS)
    assert policies_of(SHIPPING, settings) == dict.fromkeys(("book", "cancel"), CARRIER_CALLS)
    assert (PROVIDER_CALLS.timeout_s, PROVIDER_CALLS.breaker_failures) == (10, 2)
    assert (CARRIER_CALLS.timeout_s, CARRIER_CALLS.breaker_failures) == (5, 5)


def test_what_is_set_for_an_operation_counts_before_what_is_set_for_its_party(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMMERCE_PROVIDER_CALLS__TIMEOUT_S", "8")
    monkeypatch.setenv("COMMERCE_PROVIDER_CALLS__CAPTURE__TIMEOUT_S", "15")
    monkeypatch.setenv("COMMERCE_PROVIDER_CALLS__CAPTURE__ATTEMPTS", "3")
    found = policies_of(PAYMENTS, environment_settings())
    assert found["authorize"] == replace(PROVIDER_CALLS, timeout_s=8)
    assert found["capture"] == replace(PROVIDER_CALLS, timeout_s=15, attempts=3)
    assert policies_of(SHIPPING, environment_settings())["book"] == CARRIER_CALLS


def test_every_rule_can_be_set_and_stands_on_the_page_with_its_usual_values() -> None:
    assert {field.name for field in fields(CallPolicy)} == set(CallSettings.model_fields)
    for name in CallSettings.model_fields:
        row = next(line for line in PAGE.splitlines() if line.startswith(f"| `{name.upper()}` |"))
        values = [cell.strip() for cell in row.split("|")[3:5]]
        assert values == [f"{getattr(policy, name):g}" for policy in (PROVIDER_CALLS, CARRIER_CALLS)], row


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("COMMERCE_PROVIDER_CALLS__TIMEOUT_S", "0"),
        ("COMMERCE_PROVIDER_CALLS__TIMEOUT_S", "soon"),
        ("COMMERCE_PROVIDER_CALLS__CAPTURE__TIMEOUT_S", "300"),
        ("COMMERCE_CARRIER_CALLS__BOOK__BREAKER_FAILURES", "0"),
        ("COMMERCE_CARRIER_CALLS__BREAKER_PAUSE_S", "86400"),
        ("COMMERCE_CARRIER_CALLS__CONCURRENCY", "100000"),
        ("COMMERCE_CARRIER_CALLS__CAPTURE__TIMEOUT_S", "5"),
        ("COMMERCE_PROVIDER_CALLS__TIMOUT_S", "5"),
    ],
)
def test_what_makes_no_sense_is_named_in_one_line(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(BadUsage) as raised:
        environment_settings()
    assert str(raised.value).count("\n") == 0
    assert str(raised.value).startswith("_".join(name.split("_")[:4]))


def test_an_operation_that_there_is_not_is_named_and_where_those_are_that_there_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COMMERCE_PROVIDER_CALLS__CAPTUR__TIMEOUT_S", "5")
    with pytest.raises(BadUsage, match=r"^COMMERCE_PROVIDER_CALLS__CAPTUR is no setting; docs/operation.md lists"):
        environment_settings()


def test_a_value_that_is_no_json_is_named_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMMERCE_PROVIDER_CALLS", "quickly")
    with pytest.raises(BadUsage, match=r"^COMMERCE_PROVIDER_CALLS is not JSON; set each of its values, such as "):
        environment_settings()


def test_a_worker_ends_with_exit_code_2_and_one_line(tmp_path: Path) -> None:
    environment = {"COMMERCE_HOME": str(tmp_path), "COMMERCE_PROVIDER_CALLS__TIMEOUT_S": "0"}
    command = [sys.executable, "-m", "commerce.cli.main", "token", "--role", "operator", "--subject", "anna"]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr.count("\n")) == (2, 1), ended.stderr
    assert "COMMERCE_PROVIDER_CALLS__TIMEOUT_S" in ended.stderr


def test_the_doctor_knows_all_of_them_and_says_what_a_wrong_one_may_mean() -> None:
    known = ["COMMERCE_PROVIDER_CALLS__TIMEOUT_S", "COMMERCE_CARRIER_CALLS__BOOK__BREAKER_PAUSE_S"]
    assert unknown_variables(known) == []
    (found,) = unknown_variables(["COMMERCE_PROVIDER_CALLS_TIMEOUT_S"])
    assert found.remedy == "is COMMERCE_PROVIDER_CALLS__TIMEOUT_S meant?"
