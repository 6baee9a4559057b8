"""The shop's own reference of an order: unique in its channel without a race, found exactly, kept for ever, and
sealed."""

from __future__ import annotations

import asyncio
from uuid import UUID, uuid4

from commerce.eventstore import connection_from
from tests.integration.api.conftest import Shop, key, order
from tests.plain_text import assert_sealed

INVOICE = "INV 7001 / Łukasz"


async def placed(shop: Shop, reference: str, role: str = "operator", subject: str = "somebody") -> str:
    """The id of an order with a reference."""
    client = shop.client(role, subject)
    answer = await client.post("/orders", json=order(reference=reference), headers=key())
    assert answer.status_code == 202, answer.text
    return str(answer.json()["order_id"])


async def test_a_reference_is_one_order_for_ever(shop: Shop) -> None:
    await shop.stock("lamp")
    operator = shop.client("operator")
    first = await placed(shop, INVOICE)
    again = await operator.post("/orders", json=order(reference=INVOICE), headers=key())
    assert again.status_code == 409
    assert again.json()["type"] == "/docs/problems/reference-taken"
    assert again.json()["order_id"] == first
    assert first in again.json()["detail"]
    assert "Łukasz" not in again.text
    assert (await operator.get(f"/orders/{first}")).json()["reference"] == INVOICE


async def test_the_same_request_again_is_answered_as_the_first_time(shop: Shop) -> None:
    await shop.stock("lamp")
    operator, headers = shop.client("operator"), key()
    answers = [await operator.post("/orders", json=order(reference="7001"), headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [202, 202]
    assert answers[0].json() == answers[1].json()
    other = await operator.post("/orders", json=order(("lamp", 2), reference="7001"), headers=headers)
    assert other.json()["type"] == "/docs/problems/idempotency-key-reused"


async def test_of_many_orders_with_one_reference_at_once_one_is_placed(shop: Shop) -> None:
    await shop.stock("lamp")
    operator = shop.client("operator")
    bodies = [order(reference=text) for text in ["caf\u00e9", "cafe\u0301"] * 6]
    answers = await asyncio.gather(*(operator.post("/orders", json=body, headers=key()) for body in bodies))
    taken = [answer.json()["order_id"] for answer in answers if answer.status_code == 409]
    (winner,) = [answer.json()["order_id"] for answer in answers if answer.status_code == 202]
    assert taken == [winner] * 11


async def test_operators_share_a_channel_and_services_and_customers_have_their_own(shop: Shop) -> None:
    await shop.stock("lamp")
    ada = str(uuid4())
    orders = {
        await placed(shop, "7001"),
        await placed(shop, "7001", "service", "web"),
        await placed(shop, "7001", "service", "market"),
        await placed(shop, "7001", "customer", ada),
    }
    assert len(orders) == 4
    body = order(reference="7001")
    for role, subject in (("operator", "another"), ("service", "web"), ("customer", ada)):
        answer = await shop.client(role, subject).post("/orders", json=body, headers=key())
        assert (answer.status_code, answer.json()["order_id"] in orders) == (409, True), role


async def test_an_order_is_found_by_its_reference_exactly_and_with_other_filters(shop: Shop) -> None:
    await shop.stock("lamp")
    ada = uuid4()
    await placed(shop, "INV-70")
    mine = await placed(shop, "INV-7", "customer", str(ada))
    theirs = await placed(shop, "INV-7")
    await shop.show()
    auditor, customer = shop.client("auditor"), shop.client("customer", str(ada))

    async def found(client: object, **params: str) -> list[str]:
        answer = await client.get("/orders", params=params)  # type: ignore[attr-defined]
        assert answer.status_code == 200, answer.text
        return [one["order_id"] for one in answer.json()["items"]]

    assert await found(auditor, reference="INV-7") == [theirs, mine]
    assert await found(auditor, reference="INV-7", customer_id=str(ada)) == [mine]
    assert await found(auditor, reference="INV-7", status="rejected") == []
    assert await found(customer, reference="INV-7") == [mine]
    for missing in ("inv-7", "INV-", "INV-71"):
        assert await found(auditor, reference=missing) == []


async def test_an_order_of_ones_own_channel_is_never_said_not_to_be_there(shop: Shop) -> None:
    await shop.stock("lamp")
    operator = shop.client("operator")
    order_id = await placed(shop, "7001")
    asked = asyncio.create_task(operator.get("/orders", params={"reference": "7001"}))
    assert (await operator.get("/orders")).json()["items"] == []
    await shop.show()
    assert [one["order_id"] for one in (await asked).json()["items"]] == [order_id]


async def test_a_cancelled_order_keeps_its_reference(shop: Shop) -> None:
    await shop.stock("lamp")
    operator = shop.client("operator")
    first = await placed(shop, "7001")
    async with shop.following():
        await operator.post(f"/orders/{first}/cancellation", json={"reason": "a mistake"})
        again = await operator.post("/orders", json=order(reference="7001"), headers=key())
    assert (again.status_code, again.json()["order_id"]) == (409, first)


async def test_who_the_order_is_from_stands_in_the_log_sealed_and_in_the_answer_plain(shop: Shop) -> None:
    await shop.stock("lamp")
    operator = shop.client("operator")
    address = {"name": "Ada", "line1": "1 Road", "city": "Dubai", "region": "Jumeirah 1", "country": "AE"}
    about = {"reference": INVOICE, "email": "ada@example.org", "phone": "+971 4 000-0000"}
    body = order(shipping_address=address, **about)
    order_id = (await operator.post("/orders", json=body, headers=key())).json()["order_id"]
    shown = (await operator.get(f"/orders/{order_id}")).json()
    assert {name: shown[name] for name in about} == about
    assert shown["shipping_address"] == {**address, "line2": None, "postcode": None}
    await shop.show()
    assert (await operator.get("/orders", params={"reference": INVOICE})).json()["items"] == [shown]
    async with connection_from(shop.store.pool) as connection:
        cursor = await connection.execute("SELECT convert_from(state, 'UTF8') FROM commerce_events")
        log = "".join(row[0] for row in await cursor.fetchall())
        cursor = await connection.execute("SELECT string_agg(orders::text, '') FROM projections.orders")
        log += str((await cursor.fetchone() or ("",))[0])
    assert_sealed((INVOICE, "INV 7001", "ada@example", "+971 4 000", "Jumeirah"), log.encode())
    (mine,) = (await shop.client("auditor").get("/audit/events", params={"topic": "ordering.OrderPlaced"})).json()[
        "items"
    ]
    assert (mine["data"]["reference"], mine["data"]["email"]) == (INVOICE, "ada@example.org")


async def test_an_order_without_them_has_none(shop: Shop) -> None:
    await shop.stock("lamp")
    operator = shop.client("operator")
    body = order(email="", phone=None, reference="")
    order_id = (await operator.post("/orders", json=body, headers=key())).json()["order_id"]
    shown = (await operator.get(f"/orders/{order_id}")).json()
    assert [shown[name] for name in ("reference", "email", "phone")] == [None, None, None]
    assert UUID(order_id)


async def test_what_is_no_reference_address_or_number_is_rejected(shop: Shop) -> None:
    await shop.stock("lamp")
    operator = shop.client("operator")
    wrong = [("reference", text) for text in (" 7", "7 ", "\u200b", "a\nb", "a\u2028b", "7\u202e", "x" * 65, 7)]
    wrong += [("email", text) for text in ("ada", "a@b@c", "a b@c.de", "a@c.de\nBcc: x@y.z", "a@b,c@d", "Ada <a@b.de>")]
    wrong += [("phone", text) for text in ("call me", "+", "1", "0" * 41, "\u0661\u0662\u0663\u0664", "12\u202c34")]
    for field, value in wrong:
        answer = await operator.post("/orders", json=order(**{field: value}), headers=key())
        assert answer.status_code == 422, (field, value)
        assert answer.json()["errors"][0]["field"] == field
    for text in ("\u200b", "a\u2028b", "x" * 65):
        assert (await operator.get("/orders", params={"reference": text})).status_code == 422


async def test_currencies_and_countries_are_those_of_iso_and_of_carriers(shop: Shop) -> None:
    operator = shop.client("operator")
    for number, (code, amount) in enumerate(
        [("AED", "5.25"), ("MYR", "5.25"), ("JPY", "5"), ("KWD", "5.125"), ("CLF", "0.0001")]
    ):
        product = {"name": "Lamp", "price": {"amount": amount, "currency": code}}
        assert (await operator.put(f"/products/lamp-{code}", json=product)).status_code == 200
        country = ["XK", "AE", "GB", "PS", "AX"][number]
        address = {"name": "Ada", "line1": "1 Road", "city": "A City", "country": country}
        body = order((f"lamp-{code}", 1), currency=code, shipping_address=address)
        answer = await operator.post("/orders", json=body, headers=key())
        assert answer.status_code == 202, answer.text
        shown = (await operator.get(f"/orders/{answer.json()['order_id']}")).json()
        assert shown["total"] == {"amount": amount, "currency": code}
    for code, amount in [("XXX", "1"), ("XTS", "1"), ("XAU", "1"), ("aed", "1"), ("JPY", "1.5"), ("KWD", "1.2345")]:
        product = {"name": "Lamp", "price": {"amount": amount, "currency": code}}
        assert (await operator.put("/products/lamp", json=product)).status_code == 422, code
    for country in ("XX", "ZZ", "EU", "UK", "xk", "USA"):
        address = {"name": "Ada", "line1": "1 Road", "city": "A City", "country": country}
        answer = await operator.post("/orders", json=order(shipping_address=address), headers=key())
        assert answer.json()["errors"][0]["field"] == "shipping_address.country", country
