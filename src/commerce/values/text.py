"""Texts that people write and partners answer: one line each, with something in it that can be seen, in one
spelling (NFC)."""

from __future__ import annotations

import re
import unicodedata

UNFIT: str = r"\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069"
"""Characters, as in a regular expression's brackets, that break a line or turn its direction: controls, U+0085,
U+2028, U+2029, and everything with the property Bidi_Control. Joiners (U+200C, U+200D) are not among them, as words and
emoji are written with them."""

_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0\U0001d159")
"""Letters and symbols that are drawn as nothing; spaces, formats and combining marks are told by their category."""

_UNFIT = re.compile(f"[{UNFIT}]")
_BREAKS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def normal(text: str) -> str:
    """The one spelling of a text: NFC, in which é is one character however it was typed."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def one_email(address: str) -> str:
    """The form in which e-mail addresses are compared: providers tell no capitals apart."""
    return normal(normal(address).lower())


def words_of(name: str) -> list[str]:
    """The words of a name in the form in which they are compared, each once: capitals, accents and signs make no
    difference."""
    bare = "".join(one for one in unicodedata.normalize("NFKD", name) if not unicodedata.combining(one))
    return list(dict.fromkeys(re.findall(r"\w+", unicodedata.normalize("NFC", bare.casefold()))))


def is_fit(text: str) -> bool:
    """Whether a text stays in its line and its direction."""
    return not _UNFIT.search(text)


def is_visible(text: str) -> bool:
    """Whether anything of a text can be seen: a letter, a digit, a sign."""
    return any(unicodedata.category(one)[0] in "LNPS" and one not in _BLANK for one in text)


def cleaned(text: str, longest: int) -> str:
    """What may be kept and shown of a partner's text: fit, at most `longest` characters; empty where nothing is
    visible.

    What breaks a line becomes a space, what turns its direction is left out.
    """
    fit = _UNFIT.sub("", _BREAKS.sub(" ", text[: 4 * longest].encode(errors="replace").decode()))
    kept = normal(fit).strip()[:longest]
    return kept if is_visible(kept) else ""
