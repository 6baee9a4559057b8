"""The front doors for mobile clients and partners: what changed since, and how much of one's limits is used up."""

from __future__ import annotations

from uuid import uuid4

from api.http.sites import PARTNER
from tests.integration.api.conftest import Shop, key, order
from tests.integration.console.conftest import Browsers


async def test_a_mobile_client_asks_for_what_changed_and_misses_nothing(shop: Shop) -> None:
    await shop.stock("lamp")
    customer = shop.client("customer", str(uuid4()))
    door = f"{shop.url}/mobile/v1/orders"
    first = (await customer.post("/orders", json=order(), headers=key())).json()["order_id"]
    (await shop.client("customer", str(uuid4())).post("/orders", json=order(), headers=key())).raise_for_status()
    await shop.show()
    all_orders = (await customer.get(door)).json()
    assert [one["order_id"] for one in all_orders["orders"]] == [first]
    assert set(all_orders["orders"][0]["lines"][0]) == {"sku", "name", "quantity"}
    assert "shipping_address" not in all_orders["orders"][0]
    since = {"since": all_orders["since"]}
    nothing = await customer.get(door, params=since)
    assert nothing.json() == {"orders": [], "since": all_orders["since"], "next_cursor": None}
    unchanged = await customer.get(door, params=since, headers={"If-None-Match": nothing.headers["ETag"]})
    assert unchanged.status_code == 304
    second = (await customer.post("/orders", json=order(), headers=key())).json()["order_id"]
    (await customer.post(f"/orders/{first}/cancellation", json={"reason": "other"}, headers=key())).raise_for_status()
    await shop.show()
    changed = (await customer.get(door, params=since)).json()
    assert {one["order_id"] for one in changed["orders"]} == {first, second}
    one = await customer.get(f"{door}/{first}")
    assert (one.json()["status"], one.status_code) == ("cancelling", 200)
    assert (await shop.client("customer", str(uuid4())).get(f"{door}/{first}")).status_code == 404
    assert (await shop.client().get(door)).status_code == 401
    assert (await customer.get(door, params={"since": "yesterday"})).status_code == 422
    assert (await shop.client("operator").get("/orders", params={"changed_since": "p1-0"})).status_code == 422


async def test_a_partner_sees_their_key_and_what_is_used_up(shop: Shop, browsers: Browsers) -> None:
    issued = await shop.client("operator").post(
        "/auth/keys", json={"service": "warehouse", "scopes": ["stock:read"]}, headers=key()
    )
    browser = browsers.nobody(PARTNER)
    assert (await browser.open("")).headers["location"].startswith("/partner/login")
    inside = await browser.send("/login", token=issued.json()["key"])
    assert (inside.status_code, inside.headers["location"]) == (303, "/partner")
    page = (await browser.open("")).text
    assert "warehouse" in page
    assert "stock:read" in page
    assert "inventory" in page
    usage = await shop.client("customer", str(uuid4())).get("/auth/usage")
    used = {one["group"]: one["used"] for one in usage.json()["limits"]}
    assert used["auth"] == 1
    assert used["orders"] == 0
    staff = await browsers.of("operator")
    staff.site = PARTNER
    assert (await staff.open("")).status_code == 303
