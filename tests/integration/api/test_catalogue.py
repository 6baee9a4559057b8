"""Products and stock over HTTP."""

from __future__ import annotations

from urllib.parse import quote

from commerce.settings import Settings
from tests.integration.api.conftest import Shop, key, order, serving

EUR = "EUR"


def product(amount: str = "9.90", **further: object) -> dict[str, object]:
    """The body of a product."""
    return {"name": "Tea", "price": {"amount": amount, "currency": EUR}, **further}


async def test_a_product_can_be_ordered_at_its_new_price_as_soon_as_it_was_put(shop: Shop) -> None:
    operator = shop.client("operator")
    for amount, version in (("9.90", 1), ("8", 2), ("8.00", 2)):
        told = await operator.put("/products/tea", json=product(amount))
        assert (told.status_code, told.json()["version"]) == (200, version)
        placed = await operator.post("/orders", json=order(("tea", 1)), headers={**key(), "Prefer": "wait=0"})
        found = (await operator.get(f"/orders/{placed.json()['order_id']}")).json()
        assert float(found["total"]["amount"]) == float(amount)
    assert (await operator.get("/products/tea")).json() == {
        "sku": "tea",
        "name": "Tea",
        "description": None,
        "price": {"amount": "8.00", "currency": EUR},
        "stocked": True,
        "discontinued": False,
    }


async def test_a_price_is_answered_with_its_currencys_digits_and_never_taken_with_more(shop: Shop) -> None:
    operator = shop.client("operator")
    for amount, written in (("19.9", "19.90"), ("7", "7.00"), ("007", "7.00")):
        answer = await operator.put("/products/tea", json=product(amount))
        assert answer.json()["price"] == {"amount": written, "currency": EUR}
    for amount in ("7.000", "7.001", "-7", "7.", "1e1"):
        answer = await operator.put("/products/tea", json=product(amount))
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "price.amount"), amount


async def test_skus_are_what_people_write_but_for_slashes(shop: Shop) -> None:
    operator = shop.client("operator")
    for sku in ("a b", "50%", "é?#&+", "..a", "receipts", "x" * 64, "Ä", "茶"):
        path = f"/products/{quote(sku, safe='')}"
        assert (await operator.put(path, json=product())).status_code == 200, sku
        assert (await operator.get(path)).json()["sku"] == sku
    assert (await operator.get("/products/A%20B")).status_code == 404
    for sku in ("x" * 65, "a%2Fb", "a%E2%80%8Bb"):
        assert (await operator.put(f"/products/{sku}", json=product())).status_code == 422


async def test_products_are_found_by_a_part_of_their_name(shop: Shop) -> None:
    operator = shop.client("operator")
    for sku, name in (("a1", "Green tea"), ("b2", "Black tea"), ("c3", "Teapot")):
        told = await operator.put(f"/products/{sku}", json=product(name=name))
    await shop.show()
    headers = {"Commerce-Position": told.headers["Commerce-Position"]}
    for search, found in (("TEA", ["c3", "b2", "a1"]), ("b", ["b2"]), ("%", [])):
        page = (await operator.get("/products", params={"search": search}, headers=headers)).json()
        assert [item["sku"] for item in page["items"]] == found


async def test_a_stocked_product_is_in_the_inventory_from_its_first_moment(shop: Shop) -> None:
    operator = shop.client("operator")
    await operator.put("/products/tea", json=product())
    await operator.put("/products/postage", json=product(stocked=False))
    told = await operator.post("/inventory/tea/receipts", json={"quantity": 5}, headers=key())
    assert (told.status_code, told.json()["quantity"]) == (201, 5)
    told = await operator.post("/inventory/tea/adjustments", json={"quantity": -2, "reason": "broken"}, headers=key())
    await shop.show()
    stock = {"sku": "tea", "on_hand": 3, "reserved": 0, "available": 3}
    assert (await operator.get("/inventory/tea")).json() == stock
    assert (await operator.get("/inventory")).json() == {"items": [stock], "next_cursor": None}
    for sku in ("postage", "coffee"):
        assert (await operator.get(f"/inventory/{sku}")).status_code == 404
        told = await operator.post(f"/inventory/{sku}/receipts", json={"quantity": 5}, headers=key())
        assert told.status_code == 404


async def test_quantities_have_bounds(shop: Shop) -> None:
    operator = shop.client("operator")
    await operator.put("/products/tea", json=product())
    for path, body in (
        ("receipts", {"quantity": 0}),
        ("receipts", {"quantity": 1_000_001}),
        ("adjustments", {"quantity": 0, "reason": "none"}),
        ("adjustments", {"quantity": -1_000_001, "reason": "many"}),
        ("adjustments", {"quantity": 1}),
    ):
        answer = await operator.post(f"/inventory/tea/{path}", json=body, headers=key())
        assert (answer.status_code, len(answer.json()["errors"])) == (422, 1), body


async def test_every_process_knows_a_new_price_as_soon_as_one_has_answered(shop: Shop, settings: Settings) -> None:
    operator = shop.client("operator")

    async def costs(url: str) -> str:
        placed = await operator.post(f"{url}/api/v1/orders", json=order(("tea", 1)), headers=key())
        found = (await operator.get(f"/orders/{placed.raise_for_status().json()['order_id']}")).json()
        return str(found["total"]["amount"])

    await operator.put("/products/tea", json=product("9.90"))
    async with serving(settings) as other:
        assert [await costs(url) for url in (shop.url, other)] == ["9.90", "9.90"]
        await operator.put("/products/tea", json=product("8.80"))
        assert [await costs(url) for url in (shop.url, other)] == ["8.80", "8.80"]
        await operator.put("/products/tea", json={**product(), "price": {"amount": "7.70", "currency": "USD"}})
        refused = await operator.post(f"{other}/api/v1/orders", json=order(("tea", 1)), headers=key())
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "lines[0].sku")
        await operator.put("/products/tea", json=product("6.60"))
        assert await costs(other) == "6.60"
