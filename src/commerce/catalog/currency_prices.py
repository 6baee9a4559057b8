"""The prices of a product: its own, which comes first, and others for orders in further currencies."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from commerce.values.errors import InvalidInput
from commerce.values.money import Money

Prices = tuple[Money, ...]
"""Each in another currency: the product's own price, then the others by the code of their currency."""


def with_own_price(prices: Prices, price: Money) -> Prices:
    """The product's own price is another one."""
    return (price, *(each for each in prices[1:] if each.currency != price.currency))


def with_price(prices: Prices, price: Money) -> Prices:
    """What it costs in one currency."""
    if prices[0].currency == price.currency:
        return (price, *prices[1:])
    others = {each.currency: each for each in prices[1:]} | {price.currency: price}
    return (prices[0], *(others[code] for code in sorted(others)))


def without_price(prices: Prices, currency: str) -> Prices:
    """It has no price in a currency any more; its own stays."""
    return (prices[0], *(each for each in prices[1:] if each.currency != currency))


def price_in(prices: Iterable[Money], currency: str) -> Money | None:
    """What it costs in a currency; None where it cannot be ordered in that."""
    return next((price for price in prices if price.currency == currency), None)


def require_prices(price: Money, prices: Sequence[Money]) -> None:
    """Raises `InvalidInput`, naming the field, for a negative price, a currency that comes twice, or two words on what
    the product's own price is."""
    if price.amount < 0:
        raise InvalidInput(f"the price {price} is negative", "price")
    seen: set[str] = set()
    for number, each in enumerate(prices):
        field = f"prices[{number}]"
        if each.amount < 0:
            raise InvalidInput(f"the price {each} is negative", field)
        if each.currency in seen:
            raise InvalidInput(f"there are two prices in {each.currency}; send one for each currency", field)
        if each.currency == price.currency and each != price:
            raise InvalidInput(f"{each} is not the price {price}; send the same in both, or leave it out here", field)
        seen.add(each.currency)
