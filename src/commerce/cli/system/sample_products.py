"""The small catalogue a new system starts with, loaded through the API like anybody's."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

import httpx2

from commerce.values.errors import CommerceError, Unavailable
from commerce.values.text import cleaned


@dataclass(frozen=True, slots=True)
class CatalogueProduct:
    """What is for sale, its price in euros, and how many are on the shelf at first."""

    sku: str
    name: str
    price: str
    stock: int


CATALOGUE = (
    CatalogueProduct("TEA-ASSAM-250", "Assam tea, 250 g", "8.90", 200),
    CatalogueProduct("TEA-SENCHA-100", "Sencha green tea, 100 g", "12.50", 120),
    CatalogueProduct("POT-IRON-08", "Cast-iron teapot, 0.8 l", "64.00", 25),
    CatalogueProduct("CUP-STONE", "Stoneware cup", "14.00", 150),
    CatalogueProduct("KETTLE-STEEL", "Steel kettle, 1.5 l", "49.95", 40),
    CatalogueProduct("HONEY-LINDEN-500", "Linden honey, 500 g", "9.80", 90),
    CatalogueProduct("SIEVE-FINE", "Fine tea sieve", "5.50", 300),
    CatalogueProduct("GIFT-BOX", "Gift box with ribbon", "3.20", 500),
)


def load_catalogue(api_url: str, token: str) -> int:
    """Add the products and the stock that are missing, and answer how many were added; prices and stock that are
    there stay.

    Raises `Unavailable` where the API does not answer, `CommerceError` where it rejects.
    """
    headers = {"Authorization": f"Bearer {token}"}
    try:
        with httpx2.Client(base_url=f"{api_url}/api/v1", headers=headers, timeout=30, trust_env=False) as api:
            return sum(_add(api, product) for product in CATALOGUE)
    except httpx2.TransportError as error:
        raise Unavailable(f"the catalogue is not loaded: the API does not answer ({error})") from None


def _add(api: httpx2.Client, product: CatalogueProduct) -> bool:
    """Whether the product was missing. Its stock has a fixed key, so that a start interrupted in between is made
    good once."""
    path = quote(product.sku, safe="")
    missing = api.get(f"/products/{path}").status_code == httpx2.codes.NOT_FOUND
    if missing:
        price = {"amount": product.price, "currency": "EUR"}
        _accepted(api.put(f"/products/{path}", json={"name": product.name, "price": price}))
    if api.get(f"/inventory/{path}").status_code == httpx2.codes.NOT_FOUND or missing:
        key = {"Idempotency-Key": f"first-stock-{product.sku}"}
        _accepted(api.post(f"/inventory/{path}/receipts", json={"quantity": product.stock}, headers=key))
    return missing


def _accepted(answer: httpx2.Response) -> None:
    if not answer.is_success:
        raise CommerceError(
            f"the catalogue is not loaded: {answer.request.url} answered {answer.status_code} "
            f"{cleaned(answer.text, 300)}"
        )
