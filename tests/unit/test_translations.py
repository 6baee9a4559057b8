"""Every text of the console, and all that events are told with, has its words in every language, with the same places
for values."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.pofile import read_po

from api.pages.languages import LANGUAGES
from commerce.audit.languages import LANGUAGES as TOLD_IN
from scripts.translations import AUDIT, PAGES, TEXTS

PLACE = re.compile(r"%\(\w+\)s")
TRANSLATIONS = [(PAGES, code) for code in LANGUAGES if code != "en"] + [(AUDIT, code) for code in TOLD_IN[1:]]


def places(package: Path, text: str) -> list[str]:
    """The places for values that a text has."""
    if package == PAGES:
        return sorted(PLACE.findall(text))
    return sorted(f"{name}:{form}" for _, name, form, _ in Formatter().parse(text) if name is not None)


@pytest.mark.parametrize(("package", "code"), TRANSLATIONS)
def test_a_language_has_words_for_every_text(package: Path, code: str) -> None:
    with (package / "translations" / f"{code}.po").open("rb") as file:
        known = {(one.context, one.id): one.string for one in read_po(file, locale=code) if one.id}
    wanted = {(one.context, one.id) for one in TEXTS[package]() if one.id}
    assert {text for text in wanted if not known.get(text)} == set(), "run `make translations`, and give words"
    assert set(known) - wanted == set(), "run `make translations`"
    for context, text in wanted:
        assert places(package, str(text)) == places(package, str(known[context, text])), text
