"""What is written under COMMERCE_HOME is private and whole, and found programs exist."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest

from commerce.cli.system.run_file import write_run_file
from commerce.embedded import ports
from commerce.embedded.passwords import password
from commerce.embedded.ports import LOOPBACK, free_port, is_free, require_free
from commerce.embedded.programs import nats_program, postgres_major_version, postgres_programs
from commerce.values.errors import BadUsage


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_a_password_is_made_once_and_readable_by_its_owner_only(tmp_path: Path) -> None:
    made = password(tmp_path / "keys", "nats")
    assert password(tmp_path / "keys", "nats") == made
    assert password(tmp_path / "keys", "other") != made
    assert (mode(tmp_path / "keys"), mode(tmp_path / "keys" / "nats.password")) == (0o700, 0o600)


def test_the_run_file_is_replaced_whole_and_private(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    write_run_file(path, {"broker_url": "nats://one"}, [{"name": "saga", "pid": 1}])
    write_run_file(path, {"broker_url": "nats://two"}, [{"name": "saga", "pid": 2}])
    assert json.loads(path.read_text()) == {"broker_url": "nats://two", "processes": [{"name": "saga", "pid": 2}]}
    assert mode(path) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_taken_port_is_rejected_and_says_for_whom_it_was_wanted() -> None:
    with socket.socket() as listener:
        listener.bind((LOOPBACK, 0))
        listener.listen()
        port = listener.getsockname()[1]
        assert not is_free(port)
        with pytest.raises(BadUsage, match=f"NATS cannot listen on 127.0.0.1:{port}: Address already in use"):
            require_free(port, "NATS")


def test_a_free_port_is_free() -> None:
    require_free(free_port(), "NATS")
    with pytest.raises(BadUsage, match="65535"):
        require_free(65536, "NATS")


def test_a_chosen_port_is_never_one_that_an_outgoing_connection_can_take() -> None:
    chosen = [free_port() for _ in range(50)]
    assert max(chosen) < 32_768
    assert len(set(chosen)) == len(chosen)


def test_a_port_that_somebody_listens_on_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as listener:
        listener.bind((LOOPBACK, free_port()))
        listener.listen()
        taken = listener.getsockname()[1]
        monkeypatch.setattr(ports, "_CHOICE", range(taken, taken + 2))
        assert free_port() == taken + 1
        monkeypatch.setattr(ports, "_CHOICE", range(taken, taken + 1))
        with pytest.raises(BadUsage, match=f"no port from {taken} to {taken} is free"):
            free_port()


def test_the_wheels_bring_both_servers() -> None:
    assert postgres_major_version(postgres_programs()) >= 15
    assert nats_program().exists()
