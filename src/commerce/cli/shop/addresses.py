"""Made-up addresses: plausible, of nobody, and always the same for the same customer and country."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

_FIRST_NAMES = ("Ada", "Ben", "Clara", "David", "Edith", "Frank", "Grace", "Hugo", "Iris", "Jonas", "Kate", "Leo")
_LAST_NAMES = ("Archer", "Baker", "Carver", "Draper", "Farmer", "Gardener", "Hooper", "Mason", "Potter", "Weaver")
_STREETS = ("Bridge Street", "Castle Lane", "Church Road", "Garden Row", "Harbour Street", "Mill Lane", "Station Road")
_CITIES = {
    "AU": ("Melbourne", "Perth"),
    "BE": ("Antwerp", "Ghent"),
    "CH": ("Basel", "Bern"),
    "DE": ("Bremen", "Leipzig"),
    "ES": ("Bilbao", "Valencia"),
    "FR": ("Lyon", "Nantes"),
    "GB": ("Bristol", "Leeds", "Norwich"),
    "IE": ("Cork", "Galway"),
    "IT": ("Bologna", "Turin"),
    "JP": ("Kobe", "Nagoya"),
    "LT": ("Kaunas", "Vilnius"),
    "NL": ("Delft", "Utrecht"),
    "NO": ("Bergen", "Oslo"),
    "PL": ("Gdansk", "Krakow"),
    "PT": ("Braga", "Porto"),
}
_SOMEWHERE = ("Newtown", "Oldtown", "Riverside")


def address_of(who: str, country: str) -> dict[str, str]:
    """The address of a customer, or of a guest by the invoice, in a country, as the API takes it."""
    digits = hashlib.sha256(who.encode()).digest()
    first, last = _pick(_FIRST_NAMES, digits[0]), _pick(_LAST_NAMES, digits[1])
    return {
        "name": f"{first} {last}",
        "line1": f"{digits[2] % 199 + 1} {_pick(_STREETS, digits[3])}",
        "city": _pick(_CITIES.get(country, _SOMEWHERE), digits[4]),
        "postcode": f"{10_000 + int.from_bytes(digits[5:8], 'big') % 89_999}",
        "country": country,
    }


def _pick(choices: Sequence[str], number: int) -> str:
    return choices[number % len(choices)]
