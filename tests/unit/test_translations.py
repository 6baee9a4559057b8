"""Every text of the console has its words in every language, with the same places for values."""

from __future__ import annotations

import re

import pytest
from babel.messages.pofile import read_po

from api.pages.languages import LANGUAGES
from scripts.translations import PAGES, texts

PLACE = re.compile(r"%\(\w+\)s")
OTHERS = [code for code in LANGUAGES if code != "en"]


@pytest.mark.parametrize("code", OTHERS)
def test_a_language_has_words_for_every_text(code: str) -> None:
    with (PAGES / "translations" / f"{code}.po").open("rb") as file:
        known = {message.id: message.string for message in read_po(file, locale=code) if message.id}
    wanted = {message.id for message in texts() if message.id}
    assert {text for text in wanted if not known.get(text)} == set(), "run `make translations`, and give words"
    assert set(known) - wanted == set(), "run `make translations`"
    for text in wanted:
        assert sorted(PLACE.findall(str(text))) == sorted(PLACE.findall(str(known[text]))), text
