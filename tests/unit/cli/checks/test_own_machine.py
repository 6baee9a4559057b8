"""What the doctor finds on its own machine: variables, files, and the processes of `run.json`."""

from __future__ import annotations

import base64
import os
from pathlib import Path

import pytest

from commerce.cli.checks import files, variables
from commerce.cli.checks.finding import Finding
from commerce.cli.checks.processes import Examined, examine, judge_processes
from commerce.embedded.ports import free_port
from commerce.runtime.settings import Settings
from commerce.runtime.tokens import load_keys


def told(findings: list[Finding]) -> str:
    """Everything that was found, as one text."""
    return "\n".join(f"{one.level}: {one.text} -> {one.remedy}" for one in findings)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A sound installation."""
    own = Settings(home=tmp_path, database_url="postgresql://a:b@h/d", broker_url="nats://h:1")
    load_keys(own)
    return own


def test_a_variable_that_nobody_reads_is_named_with_the_one_that_may_be_meant() -> None:
    found = variables.unknown_variables(["COMMERCE_DATABSE_URL", "COMMERCE_XYZZY", "COMMERCE_HOME", "PATH"])
    assert [one.level for one in found] == ["warning", "warning"]
    assert "COMMERCE_DATABSE_URL" in found[0].text
    assert found[0].remedy == "is COMMERCE_DATABASE_URL meant?"
    assert found[1].remedy == "remove it"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (
            {"database_url": None},
            "problem: no database_url is known: without it nothing works -> set COMMERCE_DATABASE",
        ),
        ({"broker_url": None}, "no broker_url"),
        ({"database_url": "rubbish"}, "COMMERCE_DATABASE_URL is no address"),
        ({"admin_database_url": "postgresql://"}, "COMMERCE_ADMIN_DATABASE_URL is no address"),
        ({"broker_url": "nats://h:1,http://h"}, "COMMERCE_BROKER_URL is no address"),
        ({"order_timeout_s": 60, "capture_timeout_s": 61}, "COMMERCE_CAPTURE_TIMEOUT_S: 61 s are more"),
        ({"carrier_url": "carrier:8080"}, "COMMERCE_CARRIER_URL is no address"),
        ({"api_port": 70000}, "COMMERCE_API_PORT is 70000"),
        ({"provider": "stripe"}, "problem: COMMERCE_STRIPE_API_KEY is not set"),
        ({"provider": "stripe", "stripe_api_key": "sk_live_1"}, "COMMERCE_STRIPE_API_KEY is no test key"),
        ({"webhook_secret": "short"}, "problem: COMMERCE_WEBHOOK_SECRET has to be 16 to 255 letters"),
        (
            {"provider": "stripe", "stripe_api_key": "rk_test_1", "webhook_secret": "a" * 20},
            "COMMERCE_WEBHOOK_SECRET is",
        ),
        ({"webhook_url": "here"}, "COMMERCE_WEBHOOK_URL is no address"),
        ({"payment_return_url": "shop.example/paid"}, "COMMERCE_PAYMENT_RETURN_URL is no address"),
        ({"stripe_api_base": "stripe.com"}, "COMMERCE_STRIPE_API_BASE is no address"),
    ],
)
def test_an_address_that_is_none_is_named(settings: Settings, changed: dict[str, object], said: str) -> None:
    assert said in told(variables.addresses(settings.model_copy(update=changed)))


def test_good_addresses_are_one_line(settings: Settings) -> None:
    assert [one.level for one in variables.addresses(settings)] == ["ok"]
    stripe = settings.model_copy(update={"provider": "stripe", "stripe_api_key": "rk_test_1"})
    assert [one.level for one in variables.addresses(stripe)] == ["ok"]


def test_stripes_key_is_not_shown_with_the_settings() -> None:
    shown = repr(Settings(stripe_api_key="sk_test_1", webhook_secret="whsec_1"))
    assert "sk_test_1" not in shown
    assert "whsec_1" not in shown


def test_addresses_of_two_databases_are_noticed(settings: Settings) -> None:
    same, other = "postgresql://owner@h:5432/d", "postgresql://owner@h:5432/e"
    assert variables.same_database({"database_url": settings.database_url, "admin_database_url": same}) == []
    assert variables.same_database({"database_url": settings.database_url, "admin_database_url": None}) == []
    found = variables.same_database({"database_url": settings.database_url, "admin_database_url": other})
    assert "different databases" in told(found)


def test_whole_secrets_of_the_owner_alone_are_one_line(settings: Settings) -> None:
    assert [one.level for one in files.folder(settings)] == ["ok"]


@pytest.mark.parametrize(
    ("name", "mode", "remedy"), [("keys", 0o755, "chmod 700 "), ("keys/master.key", 0o640, "chmod 600 ")]
)
def test_secrets_that_others_may_read_are_named(settings: Settings, name: str, mode: int, remedy: str) -> None:
    path = settings.home / name
    path.chmod(mode)
    found = files.folder(settings)
    assert [one.level for one in found] == ["problem"]
    assert (found[0].remedy, f"{mode:04o}" in found[0].text) == (f"{remedy}{path}", True)


@pytest.mark.parametrize("content", [b"", b"?", b"c2hvcnQ="])
def test_a_damaged_master_key_is_named_and_left_as_it_is(settings: Settings, content: bytes) -> None:
    path = settings.keys_folder / "master.key"
    path.write_bytes(content)
    assert "master.key is damaged: without it personal data is lost" in told(files.folder(settings))
    assert files.master_keys(settings) == {}
    assert path.read_bytes() == content


def test_a_missing_master_key_is_named_and_not_made(settings: Settings) -> None:
    (settings.keys_folder / "master.key").unlink()
    assert "warning" in told(files.folder(settings))
    assert files.master_keys(settings) == {}
    assert not (settings.keys_folder / "master.key").exists()


def test_the_master_key_is_the_one_that_processes_use(settings: Settings) -> None:
    (settings.keys_folder / "master.key").write_bytes(base64.b64encode(bytes(range(32))) + b"\n")
    first = load_keys(settings).master.first()
    assert first is not None
    assert {name: key.secret for name, key in files.master_keys(settings).items()} == {
        None: bytes(range(32)),
        first.id: bytes(range(32)),
    }


def test_a_damaged_token_key_is_named(settings: Settings) -> None:
    (settings.keys_folder / "token-signing.pem").write_bytes(b"-----BEGIN NONSENSE-----")
    assert "token-signing.pem is damaged" in told(files.folder(settings))


def test_a_folder_that_is_not_there_is_named() -> None:
    assert "does not exist" in told(files.folder(Settings(home=Path("/nowhere"))))
    assert files.room(Settings(home=Path("/nowhere"))) == []


@pytest.mark.parametrize(("gibibytes", "level"), [(0.5, "problem"), (3, "warning"), (50, "ok")])
def test_a_disk_that_is_nearly_full_is_noticed(gibibytes: float, level: str) -> None:
    assert files.judge_room(int(gibibytes * 2**30), "here").level == level


def test_each_process_that_is_not_well_is_a_line_of_its_own() -> None:
    examined = [
        Examined("api", True, {}),
        Examined("saga", False, {}),
        Examined("relay", True, None),
        Examined("projections", True, {"orders:1": "stopped after position 7: KeyError", "log": "waits"}),
    ]
    found = judge_processes(examined, "/logs")
    assert [one.text for one in found] == [
        "saga does not run",
        "relay does not answer",
        "projections: orders:1: stopped after position 7: KeyError",
        "projections: log: waits",
    ]
    assert "/logs/relay.log" in found[1].remedy
    assert [one.level for one in judge_processes(examined[:1], "/logs")] == ["ok"]
    assert [one.level for one in judge_processes([], "/logs")] == ["ok"]


def test_a_process_that_ended_or_does_not_answer_is_told_apart() -> None:
    nobody = f"http://127.0.0.1:{free_port()}"
    listed: list[dict[str, object]] = [
        {"name": "gone", "pid": 2**22 + 1, "url": nobody},
        {"name": "mute", "pid": os.getpid(), "url": nobody},
        {"name": "postgres", "pid": os.getpid()},
        {"name": "odd", "pid": "x"},
    ]
    assert [(one.alive, one.problems) for one in examine(listed)] == [
        (False, {}),
        (True, None),
        (True, {}),
        (False, {}),
    ]
