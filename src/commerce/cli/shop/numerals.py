"""Numbers as shops write them: with a decimal point or comma, with thousands apart; what could be either is never
guessed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from commerce.values.errors import InvalidInput

_LONGEST_CHARACTERS = 40
_MINUS = "\N{MINUS SIGN}-"
_BLANKS = " \N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{THIN SPACE}"
_APART = f"{_BLANKS}'\N{RIGHT SINGLE QUOTATION MARK}"
_OTHER = {".": ",", ",": "."}

_SIGN = re.compile(rf"([+{_MINUS}]?)[{_BLANKS}]*(.*)", re.DOTALL)
_WHOLE = re.compile(r"[0-9]+")
_GROUPED = re.compile(rf"[1-9][0-9]{{0,2}}(?:([.,{_APART}])[0-9]{{3}})(?:\1[0-9]{{3}})*")
_ENDS = re.compile(r"(.*?)([.,])([0-9]+)", re.DOTALL)
_EITHER = re.compile(r"[1-9][0-9]{0,2}[.,][0-9]{3}")
"""`1,234`: one and a bit, or more than a thousand."""


@dataclass(frozen=True, slots=True)
class Marks:
    """What the numbers of a file prove about its decimal mark."""

    decimal: str | None = None
    """None where nothing proves it, or some numbers prove the one and some the other."""
    example: str = ""
    """A number that proves it."""

    @staticmethod
    def of(numbers: Iterable[str]) -> Marks:
        """Look at all numbers of a file."""
        proofs: dict[str, str] = {}
        for text in numbers:
            mark = _proved_mark(text)
            if mark is not None:
                proofs.setdefault(mark, text)
        if len(proofs) != 1:
            return Marks()
        ((decimal, example),) = proofs.items()
        return Marks(decimal, example)


def read_number(text: str, marks: Marks) -> Decimal:
    """The value of a number. Raises `InvalidInput`, saying why, for what is no number, and for what could be two."""
    match = _SIGN.fullmatch(text.strip())
    if match is None or len(text) > _LONGEST_CHARACTERS:
        raise InvalidInput("is no number")
    sign, digits = match.groups()
    value = _value(digits, marks)
    return -value if sign and sign in _MINUS else value


def _value(digits: str, marks: Marks) -> Decimal:
    if _WHOLE.fullmatch(digits):
        return Decimal(digits)
    if _EITHER.fullmatch(digits):
        if marks.decimal is None:
            raise InvalidInput("could be thousands or decimals, and no other number of the file settles it")
        return Decimal(digits.replace(",", ".") if marks.decimal in digits else re.sub("[.,]", "", digits))
    if _GROUPED.fullmatch(digits):
        return Decimal(re.sub(rf"[.,{_APART}]", "", digits))
    ends = _ENDS.fullmatch(digits)
    if ends is not None and (not ends[1] or _is_whole_part(ends[1], ends[2])):
        return Decimal(re.sub(rf"[.,{_APART}]", "", ends[1]) + "." + ends[3])
    raise InvalidInput("is no number")


def _is_whole_part(text: str, decimal: str) -> bool:
    """Whether this can stand before that decimal mark."""
    grouped = _GROUPED.fullmatch(text)
    return _WHOLE.fullmatch(text) is not None or (grouped is not None and grouped[1] != decimal)


def _proved_mark(text: str) -> str | None:
    """The decimal mark of a number that can be read in one way only."""
    match = _SIGN.fullmatch(text.strip())
    digits = match[2] if match else ""
    if _WHOLE.fullmatch(digits) or _EITHER.fullmatch(digits) or len(text) > _LONGEST_CHARACTERS:
        return None
    grouped = _GROUPED.fullmatch(digits)
    if grouped is not None:
        return _OTHER.get(grouped[1])
    ends = _ENDS.fullmatch(digits)
    return ends[2] if ends is not None and (not ends[1] or _is_whole_part(ends[1], ends[2])) else None
