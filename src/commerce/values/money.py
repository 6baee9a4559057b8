"""Money: exact decimal amounts in a currency with its own number of minor digits (ISO 4217)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from iso4217 import Currency

from commerce.values.errors import InvalidInput

_FUNDS = frozenset({"BOV", "CHE", "CHW", "COU", "MXV", "USN", "UYI", "XAD"})
"""Codes of funds and accounts, in which nothing is sold; the Chilean CLF is one too, and prices are told in it."""

_WITHDRAWN: dict[str, int] = {}
"""Currencies that orders were placed in and that the library does not know any more, with their number of minor
digits."""

MINOR_DIGITS = _WITHDRAWN | {
    currency.code: currency.exponent
    for currency in Currency
    if currency.exponent is not None and currency.code not in _FUNDS
}
"""Currencies we know, with their number of minor digits (ISO 4217). What has none there is no money: gold, XXX, XTS."""

LARGEST = Decimal(10) ** 12
"""Amounts stay below this many major units, so that sums of a thousand lines stay exact in every part."""

_WRITTEN = re.compile(r"-?[0-9]+(\.[0-9]+)?")


@dataclass(frozen=True, slots=True)
class Money:
    """An amount of one currency: a decimal, always with exactly the currency's minor digits."""

    amount: Decimal
    """A decimal in a string, such as "19.99"."""
    currency: str
    """ISO 4217 code, such as EUR."""

    @staticmethod
    def of(amount: str | int | Decimal, currency: str) -> Money:
        """Read an amount; fewer minor digits than the currency's are filled up, more are rejected.

        Raises `InvalidInput` for an unknown currency, a malformed amount, too many minor digits, or an amount too
        large.
        """
        digits = minor_digits(currency)
        if isinstance(amount, str) and not _WRITTEN.fullmatch(amount):
            raise InvalidInput(f"{amount!r} is not an amount; write it as a decimal such as 19.99")
        value = Decimal(amount)
        if not value.is_finite() or abs(value) >= LARGEST:
            raise InvalidInput(f"{amount} is out of range; amounts stay below {LARGEST:f}")
        quantum = Decimal(1).scaleb(-digits)
        exact = value.quantize(quantum)
        if exact != value:
            raise InvalidInput(f"{amount} has more than the {digits} minor digits of {currency}")
        return Money(exact + 0, currency)

    @staticmethod
    @cache
    def zero(currency: str) -> Money:
        """Nothing, in a currency."""
        return Money.of(0, currency)

    # Amounts of different currencies do not mix: adding, subtracting and ordering them raises `InvalidInput`.

    def __add__(self, other: Money) -> Money:
        return Money(self.amount + self._same(other).amount, self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.amount - self._same(other).amount, self.currency)

    def __mul__(self, quantity: int) -> Money:
        return Money(self.amount * quantity, self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.amount < self._same(other).amount

    def __le__(self, other: Money) -> bool:
        return self.amount <= self._same(other).amount

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"

    def __bool__(self) -> bool:
        return bool(self.amount)

    def _same(self, other: Money) -> Money:
        if other.currency != self.currency:
            raise InvalidInput(f"{self} and {other} are of different currencies")
        return other


def minor_digits(currency: str) -> int:
    """The number of minor digits of a currency. Raises `InvalidInput` for one we do not know."""
    digits = MINOR_DIGITS.get(currency)
    if digits is None:
        raise InvalidInput(f"{currency!r} is not a known currency; use an ISO 4217 code such as EUR")
    return digits


def total(amounts: Iterable[Money], currency: str) -> Money:
    """The sum of amounts of one currency; nothing sums to zero."""
    return sum(amounts, start=Money.zero(currency))
