"""Writes every text of the pages, and all that events are told with, into the files of their translations; a text that
is new there waits for its words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from commerce.audit.coded_words import coded_words
from commerce.audit.customer_story import SENTENCES
from commerce.audit.languages import REMARK, WORD
from commerce.audit.remarks import PHRASES
from commerce.events import EVENTS
from commerce.saga.definitions import EVERY_STEP, REQUESTS
from commerce.saga.description import AWAITED_OTHERWISE

ROOT = Path(__file__).parents[1]
API = ROOT / "api"
PAGES = API / "pages"
AUDIT = ROOT / "src" / "commerce" / "audit"
_METHODS = [("**.py", "python"), ("**.html", "jinja2")]
_KEYWORDS = {"N_": None, "_": None, "text": None, "gettext": None, "ngettext": (1, 2)}
_OPTIONS = {"**.html": {"trimmed": "true", "silent": "false", "newstyle_gettext": "true"}}
_WIDTH_CHARACTERS = 118


def page_texts() -> Catalog:
    """Every text that the code and the templates of pages show, in English."""
    return _catalog(text for folder in (PAGES, API / "console", API / "frontends") for text in _extracted(folder))


def event_texts() -> Catalog:
    """Every text that events are told with, in English: their sentences, what these are filled with, and codes."""
    found = _catalog(_extracted(AUDIT))
    for text in (*(kind.SENTENCE for kind in EVENTS.values()), *SENTENCES, *_awaited()):
        if text:
            found.add(text)
    for phrase in PHRASES:
        found.add(phrase, context=REMARK)
    for word in coded_words(EVENTS.values()):
        found.add(word, context=WORD)
    return found


def _awaited() -> Iterator[str]:
    """What a process waits for, and what comes next."""
    for one in REQUESTS:
        yield from (one.awaited, one.next)
    for step in EVERY_STEP:
        yield step.late_awaited or ""
    yield from AWAITED_OTHERWISE


TEXTS: dict[Path, Callable[[], Catalog]] = {PAGES: page_texts, AUDIT: event_texts}
"""All texts by the package whose translations have them."""


def _catalog(texts: Iterator[tuple[str | tuple[str, ...], str | None]]) -> Catalog:
    found = Catalog(project="commerce", charset="utf-8")
    for text, context in texts:
        found.add(text, context=context)
    return found


def _extracted(folder: Path) -> Iterator[tuple[str | tuple[str, ...], str | None]]:
    for _, _, message, _, context in extract_from_dir(folder, _METHODS, _OPTIONS, _KEYWORDS):
        if message:
            yield message, context


def main() -> None:
    """Bring each translation up to date: what is not shown any more goes."""
    for package, texts in TEXTS.items():
        for path in sorted(package.glob("translations/*.po")):
            with path.open("rb") as file:
                known = read_po(file, locale=path.stem)
            known.update(texts(), no_fuzzy_matching=True)
            known.obsolete.clear()
            with path.open("wb") as file:
                write_po(file, known, width=_WIDTH_CHARACTERS, omit_header=True, no_location=True, sort_output=True)
            missing = sum(not message.string for message in known if message.id)
            print(f"{path.relative_to(ROOT)}: {len(known)} texts, {missing} without words")


if __name__ == "__main__":
    main()
