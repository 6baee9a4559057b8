"""The page of guarantees names tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
PAGE = (TESTS.parent / "docs" / "GUARANTEES.md").read_text()


def named() -> list[tuple[str, str]]:
    """Each file under `tests/` that the page names, with a function in it; `::name` means the file before."""
    found: list[tuple[str, str]] = []
    file = ""
    for path, function in re.findall(r"`((?:unit|integration|system|faults)[\w/.]*)?(?:::(\w+))?`", PAGE):
        file = path or file
        if path or function:
            found.append((file, function))
    return found


@pytest.mark.parametrize(("path", "function"), named())
def test_a_test_that_shows_a_guarantee_exists(path: str, function: str) -> None:
    assert (TESTS / path).exists()
    if function:
        assert f"def {function}(" in (TESTS / path).read_text()


def test_every_guarantee_names_a_test() -> None:
    rows = [line for line in PAGE.splitlines() if re.match(r"\| \d+ \|", line)]
    assert len(rows) >= 13
    assert all(re.search(r"`(unit|integration|system|faults)", row) for row in rows)
