"""COMMERCE_HOME is any path that the system allows."""

from __future__ import annotations

import os
from pathlib import Path

import psycopg
import pytest

from commerce.embedded import EmbeddedNats, EmbeddedPostgres
from commerce.runtime.settings import environment_settings

NAMES = [
    'jürgen\'s "#1" 100% $HOME {shop}; & back\\slash',
    b"latin-1 \xfc and a new\nline",
    "x" * 190 + "/" + "y" * 100,
]
"""The first has what settings, shells and NATS's own format give a meaning; the last is longer than a socket's
path may be."""


@pytest.mark.parametrize("name", NAMES, ids=["signs", "bytes", "long"])
def test_both_servers_start_stop_and_start_again_wherever_they_are(tmp_path: Path, name: str | bytes) -> None:
    home = tmp_path / os.fsdecode(name)
    postgres, nats = EmbeddedPostgres(home), EmbeddedNats(home)
    try:
        for _ in range(2):
            with psycopg.connect(postgres.start()) as connection:
                assert connection.execute("SELECT 1").fetchone() == (1,)
            nats.start()
            assert (postgres.useless(), nats.useless()) == (None, None)
            nats.stop()
            postgres.stop()
    finally:
        nats.stop()
        postgres.stop()
    assert {path.name for path in (home / "logs").iterdir()} == {"nats.log", "postgres", "postgres.log"}
    assert (home / "nats" / "streams").is_dir()


def test_folders_that_are_links_to_another_disk_keep_their_logs_in_the_home(tmp_path: Path) -> None:
    home, elsewhere = tmp_path / "home", tmp_path / 'else "where"' / "deep"
    home.mkdir()
    for name in ("nats", "postgres"):
        (elsewhere / name).mkdir(parents=True)
        (home / name).symlink_to(elsewhere / name)
    postgres, nats = EmbeddedPostgres(home), EmbeddedNats(home)
    try:
        postgres.start()
        nats.start()
    finally:
        nats.stop()
        postgres.stop()
    assert list((home / "logs" / "postgres").iterdir())
    assert (home / "logs" / "nats.log").stat().st_size > 0


@pytest.mark.parametrize("name", [b"/srv/j\xfcrgen", "/srv/jürgen".encode(), b"shop", b"/srv/a b\nc"])
def test_the_setting_takes_whatever_bytes_a_path_has(monkeypatch: pytest.MonkeyPatch, name: bytes) -> None:
    monkeypatch.setitem(os.environb, b"COMMERCE_HOME", name)
    monkeypatch.setenv("COMMERCE_HOME", os.fsdecode(name))
    assert os.fsencode(environment_settings().home) == name
