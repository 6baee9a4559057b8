"""Prices the lines of an order that is about to be placed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from commerce.catalog.currency_prices import price_in
from commerce.catalog.product import Product, fold
from commerce.eventstore import EventStore
from commerce.values import ids
from commerce.values.errors import InvalidInput
from commerce.values.money import Money
from commerce.values.order_line import OrderLine
from commerce.values.text import normal


@dataclass(frozen=True, slots=True)
class WantedLine:
    """A number of pieces of one SKU, at the catalogue's price, or at `unit_price` where the client sets one."""

    sku: str
    quantity: int
    unit_price: Money | None = None


async def load_products(store: EventStore, skus: Iterable[str]) -> dict[str, Product]:
    """The products of these SKUs by the SKU asked for, in one read; one that the catalogue does not know is left out.

    A SKU that is not in NFC names the product that an older version added under that spelling, or else the one in NFC.
    """
    spelt = {sku: dict.fromkeys((sku, normal(sku))) for sku in skus}
    histories = await store.read_streams(ids.product_id(one) for ways in spelt.values() for one in ways)
    found: dict[str, Product] = {}
    for sku, ways in spelt.items():
        for one in ways:
            product = fold(event.event for event in histories[ids.product_id(one)])
            if product is not None:
                found.setdefault(sku, product)
    return found


async def known_sku(store: EventStore, sku: str) -> str:
    """A SKU as the catalogue spells it: in NFC, unless an older version added the product under this spelling."""
    if sku == normal(sku):
        return sku
    found = await load_products(store, [sku])
    return found[sku].sku if sku in found else normal(sku)


def price(
    wanted: Sequence[WantedLine], products: Mapping[str, Product], currency: str, *, may_override: bool
) -> tuple[OrderLine, ...]:
    """Price each line.

    Raises `InvalidInput`, naming the line and field: for a SKU that cannot be ordered, or has no price in the order's
    currency, and for a price set by a client that may not set one.
    """
    return tuple(
        _priced(line, products.get(line.sku), currency, may_override, f"lines[{number}]")
        for number, line in enumerate(wanted)
    )


def _priced(line: WantedLine, product: Product | None, currency: str, may_override: bool, field: str) -> OrderLine:
    if product is None:
        raise InvalidInput(f"there is no product {line.sku!r}", f"{field}.sku")
    if product.discontinued:
        raise InvalidInput(f"product {line.sku!r} cannot be ordered any more", f"{field}.sku")
    overridden = line.unit_price is not None
    if overridden and not may_override:
        raise InvalidInput("a price may not be set here; leave it to the catalogue", f"{field}.unit_price")
    unit_price = price_in(product.prices, currency) if line.unit_price is None else line.unit_price
    if unit_price is None:
        costs = ", ".join(map(str, product.prices))
        raise InvalidInput(f"{line.sku!r} costs {costs}, and the order is in {currency}", f"{field}.sku")
    if unit_price.currency != currency:
        raise InvalidInput(f"{line.sku!r} costs {unit_price}, and the order is in {currency}", f"{field}.unit_price")
    return OrderLine(
        sku=product.sku,
        name=product.name,
        quantity=line.quantity,
        unit_price=unit_price,
        price_overridden=overridden,
        stocked=product.stocked,
    )
