"""The page of guarantees names tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
PAGE = (TESTS.parent / "docs" / "GUARANTEES.md").read_text()
GUARANTEES = PAGE.split("\n## ")[1:]


def named() -> list[tuple[str, str]]:
    """Each file under `tests/` that the page names, with a function in it; `::name` means the file before."""
    found: list[tuple[str, str]] = []
    file = ""
    for path, function in re.findall(r"^ *- `([\w/.]*)(?:::(\w+))?`$", PAGE, re.MULTILINE):
        file = path or file
        found.append((file, function))
    return found


@pytest.mark.parametrize(("path", "function"), named())
def test_a_test_that_shows_a_guarantee_exists(path: str, function: str) -> None:
    text = (TESTS / path).read_text()
    assert re.search(rf"def {function}\(" if function else r"def test_", text)


def test_every_guarantee_names_a_test_and_has_its_number() -> None:
    numbers = [int(guarantee.split(".")[0]) for guarantee in GUARANTEES]
    assert numbers == sorted(set(numbers)), "a number stays its guarantee's, whichever lands first"
    assert len(GUARANTEES) >= 33
    assert [guarantee.splitlines()[0] for guarantee in GUARANTEES if "\n- `" not in guarantee] == []


def test_the_page_says_what_is_not_promised() -> None:
    assert sum("\n*Not promised:* " in guarantee for guarantee in GUARANTEES) >= 20
