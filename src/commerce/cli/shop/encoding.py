"""The encoding of a file of text, recognised by what it holds and never by the machine's locale."""

from __future__ import annotations

import codecs
import re

from commerce.values.errors import BadUsage

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig", "UTF-8"),
    (codecs.BOM_UTF32_LE, "utf-32", "UTF-32"),  # before UTF-16, as its mark begins with that of UTF-16
    (codecs.BOM_UTF32_BE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)
_BEYOND_ASCII = re.compile(rb"[\x80-\xff]+")
_LINE_END = re.compile("\r\n|\r|\n")


def text_of(name: str, content: bytes) -> tuple[str, str]:
    """The text of a file, and what its encoding is called.

    Raises `BadUsage` for what is none of UTF-8, UTF-16 and Windows-1252 (which holds Latin-1), or mixes the first and
    the last.
    """
    for mark, codec, title in _MARKS:
        if content.startswith(mark):
            return _decoded(name, content, codec, title), title
    if content[:2].count(0) == 1:  # the heading's first letter as UTF-16 writes it
        codec = "utf-16-be" if content[0] == 0 else "utf-16-le"
        return _decoded(name, content, codec, "UTF-16"), "UTF-16"
    try:
        return content.decode("utf-8"), "UTF-8"
    except UnicodeDecodeError as error:
        _reject_a_mixture(name, content, error.start)
    return _decoded(name, content, "cp1252", "Windows-1252"), "Windows-1252 (Latin-1), as it is not UTF-8"


def _decoded(name: str, content: bytes, codec: str, title: str) -> str:
    try:
        return content.decode(codec)
    except UnicodeDecodeError as error:
        line = _line_of(content, error.start, codec)
        raise BadUsage(f"{name} is not {title} in line {line}; save it as CSV in UTF-8") from None


def _reject_a_mixture(name: str, content: bytes, place: int) -> None:
    """Letters in UTF-8 beside bytes that are none: whichever encoding it is read in, some letters come out wrong."""
    if any(_is_utf8(run[0]) for run in _BEYOND_ASCII.finditer(content)):
        line = _line_of(content, place)
        raise BadUsage(f"{name} is not UTF-8 in line {line}, and elsewhere it is; save it as CSV in UTF-8")


def _is_utf8(run: bytes) -> bool:
    try:
        run.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _line_of(content: bytes, place: int, codec: str = "cp1252") -> int:
    return len(_LINE_END.findall(content[:place].decode(codec, "replace"))) + 1
