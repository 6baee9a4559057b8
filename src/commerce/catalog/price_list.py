"""Products that were ordered recently, kept in memory, so that most orders are priced without a read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

from cachetools import LRUCache

from commerce.catalog.prices import WantedLine, load_products, price
from commerce.catalog.product import Product
from commerce.eventstore import EventStore
from commerce.values.errors import InvalidInput
from commerce.values.order_line import OrderLine

KEPT_PRODUCTS = 10_000
"""The most products that stay in memory."""


@dataclass(frozen=True, slots=True)
class Priced:
    """Lines, and the versions of the products that their prices are from: the append names these as unchanged."""

    lines: tuple[OrderLine, ...]
    products: tuple[tuple[UUID, int], ...]


class PriceList:
    """Prices lines from memory. What it knows may be stale: then the append conflicts, and the caller has it forget the
    products."""

    def __init__(self, store: EventStore) -> None:
        self._store = store
        self._kept: LRUCache[str, Product] = LRUCache(KEPT_PRODUCTS)

    async def price(self, wanted: Sequence[WantedLine], currency: str, *, may_override: bool) -> Priced:
        """Name and price each line. Raises what `prices.price` raises, and only on what the catalogue says now."""
        skus = {line.sku for line in wanted}
        known = {sku: self._kept[sku] for sku in skus if sku in self._kept}
        if len(known) == len(skus):
            with suppress(InvalidInput):
                return _priced(wanted, known, currency, may_override)
        return _priced(wanted, await self._read(skus), currency, may_override)

    def forget(self, wanted: Iterable[WantedLine]) -> None:
        """Read these products again when they are next ordered."""
        for line in wanted:
            self._kept.pop(line.sku, None)

    async def _read(self, skus: Iterable[str]) -> dict[str, Product]:
        found = await load_products(self._store, skus)
        self._kept.update(found)
        return found


def _priced(wanted: Sequence[WantedLine], products: Mapping[str, Product], currency: str, may_override: bool) -> Priced:
    lines = price(wanted, products, currency, may_override=may_override)
    return Priced(lines, tuple((product.id, product.version) for product in products.values()))
