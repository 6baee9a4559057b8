"""A file is imported in parts whose lines keep their numbers."""

from __future__ import annotations

from io import BufferedReader, BytesIO

import pytest

from commerce.cli.client import imports
from commerce.cli.client.imports import parts_of


def test_parts_of_a_file_keep_the_numbers_of_its_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "PART_LINES", 2)
    content = b"a\n\nc\nd\ne"

    def parts(first: int) -> list[tuple[int, list[bytes]]]:
        return list(parts_of(BufferedReader(BytesIO(content)), first))

    assert parts(1) == [(1, [b"a\n", b"\n"]), (3, [b"c\n", b"d\n"]), (5, [b"e"])]
    assert parts(2) == [(2, [b"\n", b"c\n"]), (4, [b"d\n", b"e"])]
    assert parts(6) == []
