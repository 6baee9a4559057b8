"""The catalogue's read model, and finding a product by a part of what it is called."""

from __future__ import annotations

from commerce.catalog.events import (
    CurrencyPriceEnded,
    CurrencyPriceSet,
    PriceChanged,
    ProductAdded,
    ProductDescribed,
    ProductDiscontinued,
)
from commerce.eventstore import connection_from
from commerce.values.money import Money
from projections.engine.pages import PageRequest
from projections.products import CONTAINS, PRODUCTS, ProductView, find_products
from tests.integration.projections.history import History, eur


async def test_a_product_is_as_it_was_last_described(history: History) -> None:
    await history.happens(ProductAdded, "mug", price=eur("9.99"))
    await history.happens(ProductAdded, "postage", name="Postage", price=Money.of("4", "JPY"), stocked=False)
    await history.happens(PriceChanged, "mug", price=eur("10.10"))
    dollars = Money.of("11", "USD")
    for price in (Money.of("1600", "JPY"), dollars):
        await history.happens(CurrencyPriceSet, "mug", price=price)
    await history.happens(CurrencyPriceEnded, "mug", currency="JPY")
    await history.happens(ProductDescribed, "mug", name="Big mug", description="holds a pint")
    await history.happens(ProductDiscontinued, "mug")
    await history.is_projected()
    pool = history.store.pool
    costs, yen = eur("10.10"), Money.of("4", "JPY")
    mug = ProductView("mug", "Big mug", "holds a pint", costs, (costs, dollars), stocked=True, discontinued=True)
    postage = ProductView("postage", "Postage", None, yen, (yen,), stocked=False)
    assert (await find_products(pool)).items == [postage, mug]
    assert await PRODUCTS.find(pool, "mug") == mug
    assert await PRODUCTS.find(pool, "Mug") is None


async def test_a_discontinued_product_can_be_added_again_and_keeps_its_place(history: History) -> None:
    await history.happens(ProductAdded, "mug")
    await history.happens(ProductAdded, "jug")
    await history.happens(ProductDiscontinued, "mug")
    await history.happens(ProductAdded, "mug", price=eur("1.00"))
    await history.is_projected()
    listed = (await find_products(history.store.pool)).items
    assert [(product.sku, product.price, product.discontinued) for product in listed] == [
        ("jug", eur("9.99"), False),
        ("mug", eur("1.00"), False),
    ]


async def test_a_search_finds_a_part_of_sku_or_name_in_whatever_case(history: History) -> None:
    await history.happens(ProductAdded, "85123A", name="White Teacup")
    await history.happens(ProductAdded, "85123B", name="Éclair tray")
    await history.happens(ProductAdded, "100% wool", name="Sweater, blue")
    await history.is_projected()
    for search, found in (
        ("teacup", ["85123A"]),
        ("TEACUP", ["85123A"]),
        ("85123", ["85123B", "85123A"]),
        ("123b", ["85123B"]),
        ("éCLAIR", ["85123B"]),
        ("a", ["100% wool", "85123B", "85123A"]),
        ("up", ["85123A"]),
        ("%", ["100% wool"]),
        ("_", []),
        ("teapot", []),
        ("acup teac", []),
        ("wool\nred", []),
        ("", ["100% wool", "85123B", "85123A"]),
    ):
        page = await find_products(history.store.pool, search=search)
        assert (search, [product.sku for product in page.items]) == (search, found)


async def test_a_search_has_pages(history: History) -> None:
    for number in range(5):
        await history.happens(ProductAdded, f"mug {number}")
        await history.happens(ProductAdded, f"jug {number}")
    await history.is_projected()
    skus, cursor = [], None
    while True:
        page = await find_products(history.store.pool, search="mug", paging=PageRequest(cursor, 2))
        skus += [product.sku for product in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert skus == [f"mug {number}" for number in reversed(range(5))]


async def test_a_search_in_a_large_catalogue_uses_its_index(history: History) -> None:
    async with connection_from(history.store.pool) as connection:
        await connection.execute(
            """INSERT INTO projections.products SELECT 'sku ' || n, 'name ' || md5(n::text), NULL, '{}', '[]', true,
            false, n, n FROM generate_series(1, 10000) n"""
        )
        await connection.execute("VACUUM ANALYZE projections.products")
        query = f"EXPLAIN SELECT * FROM projections.products WHERE {CONTAINS} ORDER BY first DESC LIMIT 51"
        cursor = await connection.execute(query, ["c4ca42", "c4ca42"])
        plan = "\n".join(row[0] for row in await cursor.fetchall())
    assert "Bitmap Index Scan" in plan
