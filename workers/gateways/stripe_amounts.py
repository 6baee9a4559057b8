"""Amounts as Stripe has them: whole numbers of a currency's smallest unit, which is not always that of ISO 4217."""

from __future__ import annotations

from decimal import Decimal

from commerce.values.errors import InvalidInput
from commerce.values.money import MINOR_DIGITS, Money

_OTHER_DIGITS = {"ISK": 2, "MGA": 0}
"""Currencies that Stripe counts with other minor digits than ISO 4217: 5 ISK are 500, 5.00 MGA are 5."""

_NOT_CHARGED = frozenset({"UGX"})
"""Stripe's pages give two scales for it, which differ by the factor 100."""


def minor_units(money: Money) -> int | None:
    """The amount as Stripe takes it; None where it cannot be charged exactly, as nothing is rounded.

    The last of three minor digits has to be 0: networks of cards do not know it.
    """
    digits = _digits(money.currency)
    if digits is None:
        return None
    units = money.amount.scaleb(digits)
    if units != units.to_integral_value() or (digits == 3 and units % 10):
        return None
    return int(units)


def money_of(amount: object, currency: object) -> Money | None:
    """An amount that Stripe names; None where it cannot be read, or is none of ours."""
    if type(amount) is not int or not isinstance(currency, str) or not currency.isascii():
        return None
    digits = _digits(currency.upper())
    if digits is None:
        return None
    try:
        return Money.of(Decimal(amount).scaleb(-digits), currency.upper())
    except (InvalidInput, ArithmeticError):  # the latter for numbers beyond all bounds
        return None


def _digits(currency: str) -> int | None:
    return None if currency in _NOT_CHARGED else _OTHER_DIGITS.get(currency, MINOR_DIGITS.get(currency))
