"""A disk that is too small is told of before anything is started on it."""

from __future__ import annotations

import shutil
from collections import namedtuple
from pathlib import Path

import pytest

from commerce.embedded.room import FIRST_START_BYTES, MIB, NEXT_START_BYTES, lacks_room, require_room, wal_mib
from commerce.values.errors import BadUsage

Usage = namedtuple("Usage", "total used free")


def disk(monkeypatch: pytest.MonkeyPatch, free: int, total: int = 0) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _place: Usage(total, 0, free))


@pytest.mark.parametrize(("first", "needed"), [(True, FIRST_START_BYTES), (False, NEXT_START_BYTES)])
def test_a_start_on_too_small_a_disk_says_how_much_is_there_and_how_much_is_needed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, first: bool, needed: int
) -> None:
    disk(monkeypatch, needed - 1)
    with pytest.raises(BadUsage, match=rf"{(needed - 1) // MIB} MiB free, and a .*start needs {needed // MIB} MiB"):
        require_room(tmp_path / "not" / "there", first_start=first)
    disk(monkeypatch, needed)
    require_room(tmp_path, first_start=first)


def test_a_server_is_not_started_again_while_its_disk_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disk(monkeypatch, 3 * MIB)
    assert lacks_room(tmp_path) == "its disk has 3 MiB free, make room"
    disk(monkeypatch, NEXT_START_BYTES)
    assert lacks_room(tmp_path) is None


@pytest.mark.parametrize(("gib", "mib"), [(0.25, 64), (4, 512), (16, 2048), (1000, 2048)])
def test_the_databases_log_takes_an_eighth_of_the_disk_within_bounds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gib: float, mib: int
) -> None:
    disk(monkeypatch, 0, int(gib * 1024 * MIB))
    assert wal_mib(tmp_path) == mib
