"""Products and stock over HTTP."""

from __future__ import annotations

import asyncio
from urllib.parse import quote

from commerce.catalog.events import ProductAdded
from commerce.eventstore import Append, EventStore, Metadata, in_stream
from commerce.runtime.settings import Settings
from commerce.values import ids
from commerce.values.money import Money
from tests.integration.api.conftest import Shop, key, order, serving
from tests.integration.api.test_cases import settled
from tests.integration.api.test_problems import check
from tests.integration.rebuild.conftest import execute
from tests.waiting import eventually

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
        "prices": [{"amount": "8.00", "currency": EUR}],
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


async def test_an_order_is_priced_in_its_own_currency_and_rejected_where_there_is_no_price_in_it(shop: Shop) -> None:
    operator = shop.client("operator")
    prices = [{"amount": "9.90", "currency": EUR}, {"amount": "10.5", "currency": "USD"}]
    (await operator.put("/products/tea", json=product(prices=prices, stocked=False))).raise_for_status()
    (await operator.put("/products/tea", json=product(amount="8.90", stocked=False))).raise_for_status()
    shown = (await operator.get("/products/tea")).json()
    assert shown["prices"] == [shown["price"], {"amount": "10.50", "currency": "USD"}]
    assert shown["price"] == {"amount": "8.90", "currency": EUR}
    await shop.show()
    assert (await operator.get("/products")).json()["items"] == [shown]
    for currency, total in (("USD", "21.00"), (EUR, "17.80")):
        placed = await operator.post("/orders", json=order(("tea", 2), currency=currency), headers=key())
        seen = (await operator.get(f"/orders/{placed.raise_for_status().json()['order_id']}")).json()
        assert seen["total"] == {"amount": total, "currency": currency}
    problem = (await operator.post("/orders", json=order(("tea", 2), currency="JPY"), headers=key())).json()
    reason = "'tea' costs 8.90 EUR, 10.50 USD, and the order is in JPY"
    assert (problem["status"], problem["errors"]) == (422, [{"field": "lines[0].sku", "message": reason}])
    assert (await operator.put("/products/tea", json=product(prices=[*prices, prices[1]]))).status_code == 422
    gone = await operator.put("/products/tea", json=product(amount="9.90", prices=prices[:1], stocked=False))
    assert gone.json()["prices"] == prices[:1]
    rejected = await operator.post("/orders", json=order(("tea", 2), currency="USD"), headers=key())
    assert rejected.status_code == 422


async def test_a_product_that_is_to_be_new_is_added_once_however_many_ask_and_none_is_changed(shop: Shop) -> None:
    operator, new = shop.client("operator"), {"If-None-Match": "*"}
    answers = await asyncio.gather(
        *(operator.put("/products/tea", json=product(f"{amount}.00"), headers=new) for amount in range(1, 9))
    )
    assert sorted(answer.status_code for answer in answers) == [200] + [412] * 7
    (added,) = (answer.json() for answer in answers if answer.status_code == 200)
    (await operator.delete("/products/tea")).raise_for_status()
    again = await operator.put("/products/tea", json=product("99"), headers=new)
    assert (again.status_code, again.json()["type"]) == (412, "/docs/problems/precondition-failed")
    shown = (await operator.get("/products/tea")).json()
    assert (shown["price"], shown["discontinued"]) == (added["price"], True)
    for unfit in ('"1"', "", "*, *"):
        answer = await operator.put("/products/tea", json=product(), headers={"If-None-Match": unfit})
        assert answer.status_code == 400, unfit


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
        rejected = await operator.post(f"{other}/api/v1/orders", json=order(("tea", 1)), headers=key())
        assert (rejected.status_code, rejected.json()["errors"][0]["field"]) == (422, "lines[0].sku")
        await operator.put("/products/tea", json=product("6.60"))
        assert await costs(other) == "6.60"


async def test_a_product_off_sale_cannot_be_ordered_through_any_process_and_putting_it_brings_it_back(
    shop: Shop, settings: Settings
) -> None:
    operator = shop.client("operator")
    await shop.stock("tea", price="9.90")
    await shop.stock("cup")
    async with serving(settings) as other_url:
        before = order(("cup", 1), ("tea", 1))
        other = f"{other_url}/api/v1/orders"
        assert (await operator.post(other, json=before, headers=key())).status_code == 202  # it knows the price now
        off = await operator.delete("/products/tea")
        assert off.status_code == 200
        assert off.json() == {"sku": "tea", "discontinued": True, "version": 2, "position": off.json()["position"]}
        assert "Commerce-Position" in off.headers
        assert (await operator.delete("/products/tea")).json() == off.json()
        for url in (other, "/orders"):
            for unit_price in (None, {"amount": "1.00", "currency": EUR}):
                command = order()
                command["lines"] = [
                    {"sku": "cup", "quantity": 1},
                    {"sku": "tea", "quantity": 1, "unit_price": unit_price},
                ]
                rejected = await operator.post(url, json=command, headers=key())
                assert rejected.status_code == 422, rejected.text
                assert rejected.json()["errors"][0]["field"] == "lines[1].sku"
                assert "'tea'" in rejected.json()["detail"]
        shown = (await operator.get("/products/tea")).json()
        assert (shown["discontinued"], shown["price"]["amount"]) == (True, "9.90")
        listed = (
            await operator.get("/products", headers={"Commerce-Position": off.headers["Commerce-Position"]})
        ).status_code
        assert listed == 503  # nothing follows the log yet
        await shop.show()
        on_sale = {one["sku"]: not one["discontinued"] for one in (await operator.get("/products")).json()["items"]}
        assert on_sale == {"tea": False, "cup": True}
        assert (await operator.put("/products/tea", json=product("9.90", name="The tea"))).json()["version"] == 3
        for url in (other, "/orders"):
            assert (await operator.post(url, json=before, headers=key())).status_code == 202
        assert (await operator.get("/products/tea")).json()["discontinued"] is False


async def test_orders_that_are_open_go_on_and_stock_stays_when_a_product_goes_off_sale(shop: Shop) -> None:
    operator = shop.client("operator")
    await shop.stock("tea", 10)
    placed = (await operator.post("/orders", json=order(("tea", 3)), headers=key())).json()["order_id"]
    assert (await operator.delete("/products/tea")).status_code == 200
    async with shop.following():
        await eventually(lambda: _is_reserved(shop, 3))
    assert (await operator.get(f"/orders/{placed}")).json()["status"] == "placed"
    receipt = await operator.post("/inventory/tea/receipts", json={"quantity": 1}, headers=key())
    assert receipt.status_code == 201
    await shop.show()
    assert (await operator.get("/inventory/tea")).json() == {"sku": "tea", "on_hand": 11, "reserved": 3, "available": 8}


async def _is_reserved(shop: Shop, quantity: int) -> bool:
    answer = await shop.client("operator").get("/inventory/tea")
    return bool(answer.json().get("reserved") == quantity)


async def test_a_product_that_there_is_not_cannot_go_off_sale(shop: Shop) -> None:
    for sku in ("nothing", "a%20b"):
        assert (await shop.client("operator").delete(f"/products/{sku}")).status_code == 404


COMPOSED, DECOMPOSED = "caf\u00e9", "cafe\u0301"


async def test_no_product_is_added_that_nobody_could_address_or_tell_from_another(shop: Shop) -> None:
    operator = shop.client("operator")
    for sku in (
        "SKU123 ",
        " SKU123",
        "\u00a0SKU123",
        ".",
        "..",
        " ",
        "a\u200bb",
        "a\u202eb",
        "a\u2028b",
        "\u3164",
        "a\tb",
    ):
        path = f"/products/{quote(sku, safe='').replace('.', '%2E')}"
        assert (await operator.put(path, json=product())).status_code == 422, sku
        if sku.strip():
            answer = await operator.post("/orders", json=order((sku, 1)), headers=key())
            assert answer.status_code == 422, sku
    await shop.show()
    assert (await operator.get("/products")).json()["items"] == []


async def test_both_forms_of_an_accent_are_one_sku_in_paths_orders_and_searches(shop: Shop) -> None:
    operator = shop.client("operator")
    composed, decomposed = quote(COMPOSED), quote(DECOMPOSED)
    first = await operator.put(f"/products/{decomposed}", json=product(name=f"The {DECOMPOSED}"))
    assert (first.json()["sku"], first.json()["name"], first.json()["version"]) == (COMPOSED, f"The {COMPOSED}", 1)
    again = await operator.put(f"/products/{composed}", json=product(name=f"The {COMPOSED}"))
    assert again.json()["version"] == 1
    headers = key()
    moved = [
        await operator.post(f"/inventory/{path}/receipts", json={"quantity": 3}, headers=headers)
        for path in (composed, decomposed)
    ]
    assert moved[0].json() == moved[1].json()
    command = order((COMPOSED, 1), (DECOMPOSED, 1))
    placed = (await operator.post("/orders", json=command, headers=key())).json()["order_id"]
    lines = (await operator.get(f"/orders/{placed}")).json()["lines"]
    assert [line["sku"] for line in lines] == [COMPOSED, COMPOSED]
    await shop.show()
    for path in (composed, decomposed):
        assert (await operator.get(f"/products/{path}")).json()["sku"] == COMPOSED
        assert (await operator.get(f"/inventory/{path}")).json()["on_hand"] == 3
    for search in (COMPOSED, DECOMPOSED, COMPOSED.upper(), DECOMPOSED.upper(), "\u00e9", "e\u0301"):
        found = (await operator.get("/products", params={"search": search})).json()["items"]
        assert [one["sku"] for one in found] == [COMPOSED], search
    assert (await operator.delete(f"/products/{decomposed}")).json()["sku"] == COMPOSED


async def test_skus_that_an_older_version_took_stay_what_they_are(shop: Shop) -> None:
    operator = shop.client("operator")
    price = Money.of("5.00", EUR)
    for sku in (" old ", DECOMPOSED):
        added = ProductAdded(sku=sku, name=sku, description=None, price=price, stocked=False)
        events = in_stream([added], ids.product_id(sku), after=0)
        await shop.store.append(Append(events, None, Metadata("operator:older")))
    await shop.show()
    for sku in (" old ", DECOMPOSED):
        path = f"/products/{quote(sku, safe='')}"
        assert (await operator.get(path)).json()["sku"] == sku
        assert (await operator.put(path, json=product("6.00", stocked=False))).json()["sku"] == sku
        placed = await operator.post("/orders", json=order((sku, 1)), headers=key())
        assert placed.status_code == 202, placed.text
    found = (await operator.get("/products", params={"search": "old"})).json()["items"]
    assert [one["sku"] for one in found] == [" old "]
    assert (await operator.get("/products/old")).status_code == 404


async def test_who_holds_pieces_is_listed_by_number_the_most_pieces_first(shop: Shop, store: EventStore) -> None:
    await shop.stock("lamp")
    operator = shop.client("operator")
    placed = [
        (await operator.post("/orders", json=order(("lamp", pieces)), headers=key())).json()["order_id"]
        for pieces in (1, 3)
    ]
    await settled(shop)
    numbers = [(await operator.get(f"/orders/{order_id}")).json()["number"] for order_id in placed]
    one, three = (
        {"order_id": order_id, "number": number, "quantity": pieces}
        for order_id, number, pieces in zip(placed, numbers, (1, 3), strict=True)
    )
    assert (await operator.get("/inventory/lamp/reservations")).json() == {"items": [three, one], "next_cursor": None}
    first = (await operator.get("/inventory/lamp/reservations?limit=1")).json()
    further = await operator.get("/inventory/lamp/reservations", params={"cursor": first["next_cursor"]})
    assert (first["items"], further.json()) == ([three], {"items": [one], "next_cursor": None})
    await execute(store, "DROP TABLE projections.orders CASCADE")
    nameless = (await operator.get("/inventory/lamp/reservations")).json()["items"]
    assert nameless == [{**three, "number": None}, {**one, "number": None}]
    check(await operator.get("/inventory/vase/reservations"), 404, "not-found")
