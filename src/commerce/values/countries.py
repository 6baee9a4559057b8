"""The countries a shipment can be addressed to."""

from __future__ import annotations

from babel import Locale

_NO_PLACES = frozenset({"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"})
"""Codes that CLDR has for unions, currencies' areas and tests."""

COUNTRIES = frozenset(
    code for code in map(str, Locale("en").territories) if len(code) == 2 and code.isalpha() and code not in _NO_PLACES
)
"""ISO 3166-1 alpha-2: the codes that are assigned, those that are reserved for places (such as IC, the Canary
Islands), and the one that users assign and carriers use: XK, Kosovo."""
