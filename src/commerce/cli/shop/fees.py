"""Stock codes that are no articles: postage, fees, corrections and vouchers, of which no stock is kept."""

from __future__ import annotations

_CODES = frozenset(
    {
        "POST",  # postage
        "DOT",  # postage of the web shop
        "C2",  # carriage
        "C3",
        "M",  # entered by hand
        "D",  # discount
        "S",  # samples
        "B",  # bad debt
        "PADS",  # a symbolic article
        "CRUK",  # a charity's commission
        "BANK CHARGES",
        "AMAZONFEE",
    }
)
_VOUCHERS = "GIFT_"
"""Codes of gift vouchers begin like this, and go on with their value."""


def is_stocked(code: str) -> bool:
    """Whether an article of this code is taken from a shelf."""
    upper = code.upper()
    return upper not in _CODES and not upper.startswith(_VOUCHERS)
