"""The currency that a price names by a sign or a code, and the number beside it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from commerce.values.errors import InvalidInput
from commerce.values.money import minor_digits

_DOLLARS = (
    "USD AUD BBD BMD BND BSD BZD CAD FJD GYD HKD JMD KYD LRD NAD NZD SBD SGD SRD TTD TWD XCD ARS CLP COP CVE MXN UYU"
)
_SIGNS = {
    "£": "GBP EGP FKP GIP SHP",
    "€": "EUR",
    "$": _DOLLARS,
    "us$": "USD",
    "a$": "AUD",
    "au$": "AUD",
    "c$": "CAD",
    "ca$": "CAD",
    "nz$": "NZD",
    "hk$": "HKD",
    "s$": "SGD",
    "r$": "BRL",
    "mx$": "MXN",
    "¥": "JPY CNY",
    "₹": "INR",
    "₩": "KRW",
    "₪": "ILS",
    "₺": "TRY",
    "₫": "VND",
    "฿": "THB",
    "kr": "DKK ISK NOK SEK",
    "kr.": "DKK ISK NOK SEK",
    "zł": "PLN",
    "kč": "CZK",
    "ft": "HUF",
    "lei": "RON",
    "fr.": "CHF",
    "r": "ZAR",
    "rm": "MYR",
    "rp": "IDR",
}
"""What a sign can stand for."""

_WORD = r"[^\W\d_]{0,3}[$£€¥₹₩₪₺₫฿]|[^\W\d_]{1,3}\.?"
_PRICE = re.compile(rf"([-+\N{{MINUS SIGN}}]?)\s*({_WORD})?\s*([^\s£$€¥].*?[0-9]|[0-9])\s*({_WORD})?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class MarkedPrice:
    """A price in two parts: its number as written, and the currencies that it can be in; None where it names none."""

    number: str
    currencies: frozenset[str] | None


def split_price(text: str, column: str = "") -> MarkedPrice:
    """Part the number from the currency that stands beside it, or in a `column` of its own.

    Raises `InvalidInput` where that is no currency.
    """
    match = _PRICE.fullmatch(text.strip())
    if match is None:
        return MarkedPrice(text, _both(None, column))
    sign, before, number, after = match.groups()
    named = _both(_both(_both(None, before or ""), after or ""), column)
    return MarkedPrice(f"{sign}{number}", named)


def names_currency(word: str) -> bool:
    """Whether a word is the sign or the code of a currency."""
    try:
        return bool(_meant(word))
    except InvalidInput:
        return False


def only_currency(prices: Iterable[MarkedPrice]) -> str | None:
    """The one currency that all of these prices name; None where some name none, or they could be in two."""
    common: frozenset[str] | None = None
    for price in prices:
        if price.currencies is None:
            return None
        common = price.currencies if common is None else common & price.currencies
    return next(iter(common)) if common is not None and len(common) == 1 else None


def _both(named: frozenset[str] | None, word: str) -> frozenset[str] | None:
    if not word:
        return named
    meant = _meant(word)
    return meant if named is None else named & meant


def _meant(word: str) -> frozenset[str]:
    signs = _SIGNS.get(word.casefold())
    if signs is not None:
        return frozenset(signs.split())
    code = word.upper()
    try:
        minor_digits(code)
    except InvalidInput:
        raise InvalidInput(f"names no currency that is known: {word}") from None
    return frozenset({code})
