"""Bad use of the command line is one line on stderr and exit code 2."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import pytest

from commerce.cli.system.startup import worker_names
from commerce.cli.system.system_process import WORKERS
from commerce.cli.system.up import replica_counts
from commerce.embedded.child import folder_lock
from commerce.embedded.ports import free_port
from commerce.values.errors import BadUsage
from tests.closed_pipe import unread
from tests.command_line import commerce_here
from tests.waiting import LIMIT_S

ENVIRONMENT = {"PYTHONPATH": ":".join(sys.path), "PATH": "/usr/bin:/bin"}


def commerce(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a command with these variables only; what it sets for its process is as before afterwards."""
    mask = os.umask(0o022)
    try:
        with patch.dict(os.environ, {**ENVIRONMENT, **variables}, clear=True):
            return commerce_here(*arguments)
    finally:
        os.umask(mask)


def assert_rejected(ended: subprocess.CompletedProcess[str], *words: str) -> None:
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert len(ended.stderr.splitlines()) == 1
    assert [word for word in words if word not in ended.stderr] == []


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ((), "Missing command"),
        (("fly",), "fly"),
        (("up", "--fast"), "--fast"),
        (("up", "--replicas", "payroll=2"), "payroll"),
        (("token", "--role", "king", "--subject", "x"), "king"),
        (("token", "--role", "operator"), "--subject"),
    ],
)
def test_bad_arguments_are_rejected_in_one_line(arguments: tuple[str, ...], word: str) -> None:
    assert_rejected(commerce_here(*arguments), word)


def test_so_does_the_process(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "commerce.cli.main", "up"]
    variables = ENVIRONMENT | {"COMMERCE_HOME": str(tmp_path), "COMMERCE_PROVIDER_URL": "provider:8080"}
    ended = subprocess.run(command, env=variables, capture_output=True, text=True, check=False, timeout=LIMIT_S)
    assert_rejected(ended, "COMMERCE_PROVIDER_URL is no address")


@pytest.mark.parametrize("arguments", [("--help",), ("doctor", "--json")])
def test_a_command_whose_output_nobody_reads_ends_without_a_word(arguments: tuple[str, ...], tmp_path: Path) -> None:
    assert unread(*arguments, environment=ENVIRONMENT | {"COMMERCE_HOME": str(tmp_path)}) == (141, "")


def test_a_database_that_does_not_answer_is_named_without_its_password(tmp_path: Path) -> None:
    url = f"postgresql://app:sesame@127.0.0.1:{free_port()}/shop"
    ended = commerce("up", COMMERCE_HOME=str(tmp_path), COMMERCE_API_PORT=str(free_port()), COMMERCE_DATABASE_URL=url)
    assert_rejected(ended, "COMMERCE_DATABASE_URL", "refused")
    assert "sesame" not in ended.stderr


def test_a_broker_that_does_not_answer_is_named(tmp_path: Path) -> None:
    url = f"nats://127.0.0.1:{free_port()}"
    ended = commerce("up", COMMERCE_HOME=str(tmp_path), COMMERCE_API_PORT=str(free_port()), COMMERCE_BROKER_URL=url)
    assert_rejected(ended, "COMMERCE_BROKER_URL")


def test_a_second_system_on_the_same_home_is_rejected(tmp_path: Path) -> None:
    with folder_lock(tmp_path, timeout_s=0):
        assert_rejected(commerce("up", COMMERCE_HOME=str(tmp_path)), str(tmp_path), "in use")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on a disk of 40 MiB; only root can have one."""
    mount = ["mount", "-t", "tmpfs", "-o", "size=40m", "tmpfs", str(tmp_path)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False).returncode:
        pytest.skip("nothing can be mounted here")
    yield tmp_path
    subprocess.run(["umount", tmp_path], check=True)


def test_a_first_start_on_a_disk_that_is_too_small_says_so_at_once(small_disk: Path) -> None:
    ended = commerce("up", COMMERCE_HOME=str(small_disk / "home"), COMMERCE_API_PORT=str(free_port()))
    assert_rejected(ended, "COMMERCE_HOME", "39 MiB free", "a first start needs 256 MiB", "larger disk")


def test_a_provider_whose_address_is_none_is_named_before_anything_starts(tmp_path: Path) -> None:
    ended = commerce("up", COMMERCE_HOME=str(tmp_path), COMMERCE_PROVIDER_URL="provider:8080")
    assert_rejected(ended, "COMMERCE_PROVIDER_URL is no address")


@pytest.mark.parametrize(
    ("key", "said"),
    [
        (None, "COMMERCE_STRIPE_API_KEY is not set"),
        ("", "COMMERCE_STRIPE_API_KEY is not set"),
        ("sk_live_secret", "COMMERCE_STRIPE_API_KEY is no test key"),
        ("pk_test_secret", "COMMERCE_STRIPE_API_KEY is no test key"),
        ("sk_test_secret\n", "COMMERCE_STRIPE_API_KEY is no test key"),
    ],
)
def test_stripe_without_a_test_key_is_rejected_before_anything_starts(
    tmp_path: Path, key: str | None, said: str
) -> None:
    named = {} if key is None else {"COMMERCE_STRIPE_API_KEY": key}
    ended = commerce("up", COMMERCE_HOME=str(tmp_path), COMMERCE_PROVIDER="stripe", **named)
    assert_rejected(ended, said)
    assert "secret" not in ended.stderr


def test_stripes_address_and_the_kind_of_provider_are_checked_too(tmp_path: Path) -> None:
    home = {"COMMERCE_HOME": str(tmp_path), "COMMERCE_STRIPE_API_KEY": "sk_test_1"}
    ended = commerce("up", COMMERCE_PROVIDER="stripe", COMMERCE_STRIPE_API_BASE="stripe", **home)
    assert_rejected(ended, "COMMERCE_STRIPE_API_BASE is no address")
    assert_rejected(commerce("up", COMMERCE_PROVIDER="paypal", **home), "COMMERCE_PROVIDER", "'http' or 'stripe'")


def test_a_demonstration_needs_a_provider_that_shows_its_ledger(tmp_path: Path) -> None:
    ended = commerce("demo", COMMERCE_HOME=str(tmp_path), COMMERCE_PROVIDER="stripe")
    assert_rejected(ended, "COMMERCE_PROVIDER=http")


def test_a_home_that_cannot_be_made_is_named() -> None:
    assert_rejected(commerce("up", COMMERCE_HOME="/dev/null/home"), "/dev/null/home")


def test_replicas_are_counted_by_worker() -> None:
    assert replica_counts("saga=2, projections=3") == dict.fromkeys(("api", *WORKERS), 1) | {
        "saga": 2,
        "projections": 3,
    }
    assert replica_counts("api=2")["api"] == 2


def test_a_process_of_all_workers_has_one_of_each_kind_and_replicas_beside_it(tmp_path: Path) -> None:
    ended = commerce("up", "--together", "--replicas", "saga=0", COMMERCE_HOME=str(tmp_path))
    assert_rejected(ended, "saga=0 needs --apart")
    assert worker_names({"saga": 2, "relay": 1}, together=True) == ["workers", "saga-2"]
    assert worker_names({"saga": 2, "relay": 0}, together=False) == ["saga", "saga-2"]


@pytest.mark.parametrize("wanted", ["api=0", "nats=2", "saga", "saga=", "saga=-1", "saga=two", "saga=33", "saga=²"])
def test_replicas_that_make_no_sense_are_rejected(wanted: str) -> None:
    with pytest.raises(BadUsage, match="--replicas"):
        replica_counts(wanted)
