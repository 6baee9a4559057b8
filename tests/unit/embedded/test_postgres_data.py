"""How much memory the embedded PostgreSQL takes for its cache: a quarter of what there is, within bounds."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from commerce.embedded import postgres_data
from commerce.embedded.child import RunAs
from commerce.embedded.postgres_data import write_configuration

MIB = 2**20


@pytest.mark.parametrize(
    ("machine", "limit", "buffers"),
    [
        (2_048, None, 512),
        (2_048, "max\n", 512),
        (2_048, f"{1_024 * MIB}\n", 256),
        (2_048, f"{64_000 * MIB}\n", 512),
        (256, None, 128),
        (6_000, None, 1_500),
        (64_000, None, 2_048),
        (64_000, f"{1_024 * MIB}\n", 256),
    ],
)
def test_the_cache_is_a_quarter_of_the_memory_of_the_machine_or_of_its_container(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, machine: int, limit: str | None, buffers: int
) -> None:
    """`machine` and `buffers` in MiB."""
    sizes = {"SC_PHYS_PAGES": machine * MIB // 4096, "SC_PAGE_SIZE": 4096}
    monkeypatch.setattr(os, "sysconf", sizes.__getitem__)
    file = tmp_path / "memory.max"
    if limit is not None:
        file.write_text(limit)
    monkeypatch.setattr(postgres_data, "_LIMIT", file)
    write_configuration(tmp_path, "logs", RunAs())
    assert f"\nshared_buffers = '{buffers}MB'\n" in (tmp_path / "postgresql.conf").read_text()
