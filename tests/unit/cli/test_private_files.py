"""What lies in COMMERCE_HOME is its owner's alone: made so, and made so again."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from commerce.cli.system.private_files import tighten
from commerce.cli.system.up import LONGEST_HOME_BYTES, private_home
from commerce.values.errors import BadUsage


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_home_and_its_lock_are_their_owners_alone_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        home = private_home(tmp_path / "a" / "shop")
    finally:
        os.umask(before)
    assert (mode(home), mode(home / "lock")) == (0o700, 0o600)


def test_a_home_that_was_open_to_others_is_closed(tmp_path: Path) -> None:
    home = tmp_path / "shop"
    for folder in ("keys", "audit", "outbox", "logs", "nats"):
        (home / folder).mkdir(parents=True)
        (home / folder / "file").write_text("x")
    for name in ("lock", "run.json", "provider.sqlite3", "provider.sqlite3-wal"):
        (home / name).write_text("x")
    for path in (home, *home.rglob("*")):
        path.chmod(0o777 if path.is_dir() else 0o666)
    private_home(home)
    assert {mode(path) for path in (home, *home.rglob("*")) if path.is_dir()} == {0o700}
    assert {mode(path) for path in home.rglob("*") if path.is_file()} == {0o600}


def test_a_link_is_not_followed_out_of_the_home(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("x")
    elsewhere.chmod(0o644)
    home = tmp_path / "shop"
    home.mkdir()
    (home / "run.json").symlink_to(elsewhere)
    tighten(home)
    assert mode(elsewhere) == 0o644


def test_a_folder_that_is_everybodys_is_rejected_and_stays_as_it_is(tmp_path: Path) -> None:
    tmp_path.chmod(0o1777)
    with pytest.raises(BadUsage, match="everybody's; choose a folder of its own"):
        private_home(tmp_path)
    assert mode(tmp_path) == 0o1777


def test_a_path_that_the_servers_cannot_take_is_rejected_in_one_line(tmp_path: Path) -> None:
    home = tmp_path
    while len(os.fsencode(home)) <= LONGEST_HOME_BYTES:
        home /= "x" * 100
    with pytest.raises(BadUsage, match="longer than"):
        private_home(home)
