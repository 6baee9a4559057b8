"""The number of an order, for people: the place in the log at which the order was placed, written so that it can be
read out, and that a slip shows."""

from __future__ import annotations

from functools import lru_cache

SIGNS = "23456789CDFHJKMNPRTVWXY"
"""The signs of a number. None looks like another one, and no word can be made of them. There are 23, a prime: so the
check sign finds each wrong sign, and each two that changed places."""

_BASE = len(SIGNS)
_VALUES = {sign: value for value, sign in enumerate(SIGNS)}
_FEWEST_SIGNS = 7
"""Signs of a number without its check sign; numbers grow by one once the log has 3.4 billion events."""
_MOST_SIGNS = 14
"""As many as the last place of a log needs."""
_MOST_POSITIONS = 2**63 - 1
_GROUP_SIGNS = 4
_SCATTER_FACTOR = 5_000_000_000_000_000_017
"""What a place is multiplied by, so that the numbers of two orders in a row look nothing alike; no multiple of
`_BASE`."""
_SET_APART = str.maketrans("", "", " -\u2010\u2011\u2012\u2013\u2014")


@lru_cache(maxsize=1_000)
def number_of(position: int) -> str:
    """The number of the order that was placed at a position of the log, such as `7KXM-2PD4`."""
    count = _FEWEST_SIGNS
    while position >= _BASE**count:
        count += 1
    rest, values = position * _SCATTER_FACTOR % _BASE**count, list[int]()
    for _ in range(count):
        rest, value = divmod(rest, _BASE)
        values.append(value)
    signs = "".join(SIGNS[value] for value in (*values, _check(values)))
    return "-".join(signs[begin : begin + _GROUP_SIGNS] for begin in range(0, len(signs), _GROUP_SIGNS))


def position_of(number: str) -> int | None:
    """Where the order with a number was placed, if it is one's; None for what no order can have as its number.

    Capitals, spaces and hyphens make no difference.
    """
    signs = number.translate(_SET_APART).upper()
    if not _FEWEST_SIGNS < len(signs) <= _MOST_SIGNS + 1 or not _VALUES.keys() >= set(signs):
        return None
    *values, check = (_VALUES[sign] for sign in signs)
    if check != _check(values):
        return None
    modulus = _BASE ** len(values)
    scattered = sum(value * _BASE**place for place, value in enumerate(values))
    position = scattered * pow(_SCATTER_FACTOR, -1, modulus) % modulus
    fewest = 1 if len(values) == _FEWEST_SIGNS else _BASE ** (len(values) - 1)
    return position if fewest <= position <= _MOST_POSITIONS else None


def _check(values: list[int]) -> int:
    """The check sign: each sign counts by a weight of its own, the check sign by 1, so that no single slip
    leaves the sum as it was."""
    return -sum(place * value for place, value in enumerate(values, start=2)) % _BASE
