"""The names and codes that shops write for countries, as ISO 3166-1 alpha-2 codes; what is not known is never
guessed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache

from babel import Locale
from babel.core import get_global

from commerce.values.countries import COUNTRIES

_LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "pt", "pl", "cs", "sv", "da", "nb", "fi", "hu", "ro", "tr")
"""The languages whose names of countries are known; a name that means two countries is none."""
_USUAL = {
    "AE": "UAE, Emirates",
    "BA": "Bosnia, Bosnia-Herzegovina",
    "BO": "Plurinational State of Bolivia",
    "CD": "Democratic Republic of the Congo, DR Congo, DRC",
    "CG": "Republic of the Congo",
    "CI": "Ivory Coast",
    "CN": "PRC, People's Republic of China, Mainland China",
    "CV": "Cape Verde",
    "CZ": "Czech Republic",
    "DE": "Federal Republic of Germany",
    "FM": "Federated States of Micronesia",
    "GB": "Great Britain, Britain, England, Scotland, Wales, Northern Ireland, "
    "United Kingdom of Great Britain and Northern Ireland",
    "HK": "Hong Kong",
    "IE": "EIRE, Republic of Ireland",
    "IR": "Islamic Republic of Iran, Iran Islamic Republic of",
    "JE": "Channel Islands",
    "KP": "Democratic People's Republic of Korea, Korea Democratic People's Republic of",
    "KR": "Korea, Republic of Korea, Korea Republic of",
    "LA": "Lao People's Democratic Republic",
    "MD": "Republic of Moldova, Moldova Republic of",
    "MK": "Macedonia, FYR Macedonia, FYROM",
    "MM": "Burma",
    "MO": "Macau, Macao",
    "NL": "Holland, The Netherlands",
    "PS": "Palestine, State of Palestine",
    "RU": "Russian Federation",
    "SK": "Slovak Republic",
    "SY": "Syrian Arab Republic",
    "SZ": "Swaziland",
    "TL": "East Timor",
    "TR": "Turkey",
    "TW": "Taiwan, Taiwan Province of China, ROC",
    "TZ": "United Republic of Tanzania, Tanzania United Republic of",
    "US": "USA, United States of America",
    "VA": "Vatican, Holy See",
    "VE": "Bolivarian Republic of Venezuela",
    "VN": "Viet Nam",
    "ZA": "RSA, Republic of South Africa",
}
"""What shops write and CLDR does not."""
_EITHER = frozenset({"congo", "saint martin", "st martin"})
"""Names that mean one country in one language, and another to many who write them."""


def country_code(name: str) -> str | None:
    """The code of a country by its code of two or three letters or by its name, in any case; None where it is not
    known."""
    return _codes().get(_spelling(name))


def _spelling(name: str) -> str:
    """A name without case, accents, signs and article: `U.K.` is `uk`, `Türkiye` is `turkiye`, `The Netherlands`
    has no `the`."""
    letters = unicodedata.normalize("NFKD", name.casefold().replace("&", " and "))
    plain = re.sub(
        r"[.'\N{RIGHT SINGLE QUOTATION MARK}]", "", "".join(each for each in letters if not unicodedata.combining(each))
    )
    words = re.sub(r"[\W_]+", " ", plain).split()
    return " ".join(words[1:] if words[:1] == ["the"] and len(words) > 1 else words)


@cache
def _codes() -> dict[str, str]:
    """Every spelling that means one country only; a code comes before a name, and what is usual before both."""
    meant: dict[str, set[str]] = {}
    for spelling, code in _names():
        meant.setdefault(spelling, set()).add(code)
    codes = {
        spelling: next(iter(found)) for spelling, found in meant.items() if len(found) == 1 and spelling not in _EITHER
    }
    usual = {_spelling(name): code for code, names in _USUAL.items() for name in names.split(",")}
    return codes | dict(_iso_codes()) | usual


def _names() -> Iterator[tuple[str, str]]:
    for language in _LANGUAGES:
        for code, name in Locale.parse(language).territories.items():
            if code in COUNTRIES:
                yield _spelling(name), str(code)


def _iso_codes() -> Iterator[tuple[str, str]]:
    yield "uk", "GB"
    for code in COUNTRIES:
        yield code.casefold(), code
    for alias, codes in get_global("territory_aliases").items():
        if len(codes) == 1 and codes[0] in COUNTRIES and re.fullmatch("[A-Z]{3}", str(alias)):
            yield str(alias).casefold(), str(codes[0])
