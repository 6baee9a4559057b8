"""The pages name files that exist, and are easy to read beside each other."""

from __future__ import annotations

import re
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LONGEST_LINE_CHARACTERS = 120
FOLDERS = ("src", "api", "workers", "projections", "migrations", "tests", "bench", "docs", "scripts")

PAGES = sorted([*ROOT.glob("*.md"), *(page for folder in FOLDERS for page in (ROOT / folder).rglob("*.md"))])
HISTORY = ROOT / "CHANGELOG.md"
"""It names files of the time it tells of, and its entries stay as they were written."""
PRESENT = [page for page in PAGES if page != HISTORY]
"""The pages that say how things are now."""


def name(page: Path) -> str:
    """The page, seen from the root."""
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_no_line_of_a_page_is_longer_than_a_reader_takes_in(page: Path) -> None:
    longest = [line for line in page.read_text().splitlines() if len(line) > LONGEST_LINE_CHARACTERS]
    assert longest == []


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_what_a_page_links_to_exists(page: Path) -> None:
    targets = re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text())
    assert [target for target in targets if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", PRESENT, ids=name)
def test_files_and_folders_that_a_page_names_exist(page: Path) -> None:
    named = re.findall(rf"`((?:{'|'.join(FOLDERS)})/[\w./-]+)(?:::\w+)?`", page.read_text())
    assert [path for path in named if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("page", PRESENT, ids=name)
def test_modules_and_what_they_hold_exist_by_the_names_that_a_page_has_for_them(page: Path) -> None:
    named = re.findall(r"`((?:commerce|api|workers|projections)(?:\.[A-Za-z_]\w*)+)(?::app)?`", page.read_text())
    assert [dotted for dotted in named if not _resolves(dotted)] == []


def _resolves(dotted: str) -> bool:
    """Whether a dotted name is a module, or stands for something in one."""
    module, _, last = dotted.rpartition(".")
    try:
        return find_spec(dotted) is not None or hasattr(import_module(module), last)
    except ModuleNotFoundError:
        return bool(module) and hasattr(import_module(module), last)


def test_every_decision_record_has_a_status_and_a_date() -> None:
    records = sorted((ROOT / "docs" / "adr").glob("*.md"))
    assert len(records) >= 16
    for record in records:
        heading, _, status = record.read_text().splitlines()[:3]
        assert heading.startswith(f"# {int(record.name[:4])}. ")
        assert re.match(r"Status: (accepted|superseded)", status)
        assert re.search(r"Date: \d{4}-\d{2}-\d{2}\.", " ".join(record.read_text().splitlines()[2:5]))


def test_the_page_on_architecture_names_every_folder_of_the_write_side() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text()
    folders = [package.parent.name for package in (ROOT / "src" / "commerce").glob("*/__init__.py")]
    assert len(folders) >= 13
    assert [folder for folder in folders if not re.search(rf"[`/]{folder}`", page)] == []
