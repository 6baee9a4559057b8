"""Texts of every route: each has something visible in it, stays in its line and its direction, and is kept in one
spelling."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.api.conftest import ADDRESS, Shop, key, order

UNFIT = ["a\u2028b", "a\u2029b", "a\u0085b", "a\nb", "a\u202eb", "a\u2066b\u2069", "a\u200f", "a\x00", "\x1b[31m"]
BLANK = [" ", "\u200b", "\u200b\u200c\u200d", "\u00a0\u3000", "\u2800", "\u3164", "\ufeff", "\u0301", "\u00ad"]
FIT = [
    "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
    "\U0001f469\u200d\U0001f467 shop",
    "\u05d3\u05d5\u05d3",
    "\u0141\u00f3d\u017a",
    "1",
]

ORDERS = ["shipping_address.name", "shipping_address.line1", "shipping_address.line2", "shipping_address.city"]
ORDERS += ["shipping_address.region", "shipping_address.postcode", "payment_method", "reference", "email"]


def order_with(field: str, text: str) -> dict[str, Any]:
    """The body of an order with a text in a field."""
    outer, _, inner = field.partition(".")
    return order(**{outer: {**ADDRESS, inner: text} if inner else text})


@pytest.mark.parametrize("field", ORDERS)
async def test_texts_of_an_order(shop: Shop, field: str) -> None:
    await shop.stock("lamp")
    operator = shop.client("operator")
    for text in (*UNFIT, *BLANK):
        answer = await operator.post("/orders", json=order_with(field, text), headers=key())
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field), ascii(text)


async def test_names_of_people_all_over_the_world_are_taken(shop: Shop) -> None:
    await shop.stock("lamp")
    operator = shop.client("operator")
    for text in FIT:
        placed = await operator.post("/orders", json=order_with("shipping_address.name", text), headers=key())
        assert placed.status_code == 202, ascii(text)
    decomposed = await operator.post("/orders", json=order_with("shipping_address.city", "Zu\u0308rich"), headers=key())
    shown = (await operator.get(f"/orders/{decomposed.json()['order_id']}")).json()
    assert shown["shipping_address"]["city"] == "Z\u00fcrich"


async def test_texts_of_products_reasons_and_searches(shop: Shop) -> None:
    await shop.stock("lamp")
    operator = shop.client("operator")
    price = {"amount": "1.00", "currency": "EUR"}
    order_id = (await operator.post("/orders", json=order(), headers=key())).json()["order_id"]
    for text in (*UNFIT, *BLANK):
        wrong = [
            await operator.put("/products/mug", json={"name": text, "price": price}),
            await operator.put("/products/mug", json={"name": "Mug", "description": text, "price": price}),
            await operator.post(f"/orders/{order_id}/cancellation", json={"reason": text}),
            await operator.post("/inventory/lamp/adjustments", json={"quantity": 1, "reason": text}, headers=key()),
        ]
        assert [answer.status_code for answer in wrong] == [422] * 4, ascii(text)
    for text in UNFIT[:-1]:
        for path in ("/products?search=", "/orders?reference=", "/audit/events?actor=", "/audit/events?topic="):
            assert (await operator.get(path + text.replace("\n", "%0A").replace("\x00", "%00"))).status_code == 422, (
                text
            )
    for text in BLANK[1:3]:
        assert (await operator.get("/products", params={"search": text})).status_code == 422, ascii(text)


async def test_both_halves_of_an_email_address_can_be_seen(shop: Shop) -> None:
    await shop.stock("lamp")
    operator = shop.client("operator")
    for email in ("\u200b@example.org", "ada@\u2060", "\u3164@\u2800"):
        answer = await operator.post("/orders", json=order(email=email), headers=key())
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "email"), ascii(email)


async def test_texts_and_skus_are_measured_in_nfc_however_they_were_typed(shop: Shop) -> None:
    longest = "\u00e9" * 64
    await shop.stock(longest)
    operator, typed = shop.client("operator"), "e\u0301" * 64
    command = order((typed, 1), reference=typed, shipping_address={**ADDRESS, "postcode": typed[:40]})
    assert (await operator.post("/orders", json=command, headers=key())).status_code == 202
    assert (await operator.get(f"/products/{typed}")).json()["sku"] == longest
    assert (await operator.get(f"/products/{typed}e\u0301")).status_code == 422
    assert (await operator.post("/orders", json=order(reference=f"{typed}e\u0301"), headers=key())).status_code == 422
