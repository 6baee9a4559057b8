"""Writes every text of the pages into the files of its translations; a text that is new there waits for its words."""

from __future__ import annotations

from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parents[1]
API = ROOT / "api"
PAGES = API / "pages"
_METHODS = [("**.py", "python"), ("**.html", "jinja2")]
_KEYWORDS = {"N_": None, "_": None, "text": None, "gettext": None, "ngettext": (1, 2)}
_OPTIONS = {"**.html": {"trimmed": "true", "silent": "false", "newstyle_gettext": "true"}}
_WIDTH_CHARACTERS = 118


def texts() -> Catalog:
    """Every text that the code and the templates show, in English."""
    found = Catalog(project="commerce", charset="utf-8")
    for folder in (PAGES, API / "console", API / "frontends"):
        for _, _, message, _, context in extract_from_dir(folder, _METHODS, _OPTIONS, _KEYWORDS):
            if message:
                found.add(message, context=context)
    return found


def main() -> None:
    """Bring each translation up to date: what is not shown any more goes."""
    for path in sorted(PAGES.glob("translations/*.po")):
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
