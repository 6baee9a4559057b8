"""Translations by gettext: each package brings files of its own, which are read as they are."""

from __future__ import annotations

from functools import cache
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files
from io import BytesIO

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po


@cache
def texts_of(package: str, code: str) -> NullTranslations:
    """The texts of a package in a language; those in the code where it has no file for that."""
    file = files(package) / "translations" / f"{code}.po"
    if not file.is_file():
        return NullTranslations()
    compiled = BytesIO()
    with file.open("rb") as source:
        write_mo(compiled, read_po(source, locale=code))
    compiled.seek(0)
    return GNUTranslations(compiled)
