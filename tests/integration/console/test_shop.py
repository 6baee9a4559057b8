"""The shop's pages: a customer sees, follows and cancels their own orders; the public sees what it may."""

from __future__ import annotations

from uuid import UUID

from api.http.sites import CONSOLE, SHOP
from api.permissions import SHOP_PAGES
from commerce.runtime.settings import Settings
from tests.integration.api.conftest import Shop, key, order
from tests.integration.api.test_customers import PASSWORD, registered
from tests.integration.console.conftest import Browser, Browsers

EMAIL = "ada@example.org"


async def logged_in(browsers: Browsers) -> Browser:
    browser = browsers.nobody(SHOP)
    answer = await browser.send("/login", email=EMAIL, password=PASSWORD)
    assert (answer.status_code, answer.headers["location"]) == (303, "/shop/orders")
    return browser


async def placed(shop: Shop, customer_id: str) -> str:
    answer = await shop.client("customer", customer_id).post("/orders", json=order(), headers=key())
    assert answer.status_code == 202
    return str(answer.json()["order_id"])


async def test_a_customer_sees_their_orders_cancels_one_and_nobody_elses(shop: Shop, browsers: Browsers) -> None:
    await shop.stock("lamp")
    own = await placed(shop, await registered(shop, EMAIL))
    foreign = await placed(shop, await registered(shop, "grace@example.org"))
    await shop.show()
    browser = await logged_in(browsers)
    listed = await browser.open("/orders")
    assert own in listed.text
    assert foreign not in listed.text
    paths = [
        row.removeprefix("GET /shop").format(order_id=own, sku="lamp") for row in SHOP_PAGES if row.startswith("GET ")
    ]
    for path in paths:
        for language in ("en", "de"):
            answer = await browser.open(path, language=language)
            assert answer.status_code == 200, path
        if own in path:
            assert (await browser.open(path.replace(own, foreign))).status_code == 404
    done = await browser.send(f"/orders/{own}/cancellation", reason="")
    assert done.headers["location"] == f"/shop/orders/{own}?done=own_cancellation"
    events = await shop.store.read_stream(UUID(own))
    assert [one.event.TOPIC for one in events][-1] == "ordering.OrderCancellationRequested"
    cookies = dict(browser.client.cookies)
    at_console = browsers.nobody(CONSOLE)
    at_console.client.cookies.update(cookies)
    assert (await at_console.open("/orders")).status_code == 403
    await browser.client.post("/shop/logout")
    assert (await browser.open("/orders")).headers["location"] == "/shop/login?next=%2Fshop%2Forders"


async def test_the_catalogue_is_for_customers_unless_the_shop_shows_it_to_everybody(
    shop: Shop, browsers: Browsers
) -> None:
    await shop.stock("lamp")
    await shop.show()
    nobody = browsers.nobody(SHOP)
    assert (await nobody.open("")).headers["location"].startswith("/shop/login")
    assert (await nobody.client.get("/robots.txt")).text == "User-agent: *\nDisallow: /\n"
    assert (await nobody.client.get("/sitemap.xml")).status_code == 404
    object.__setattr__(shop.context, "has_public_catalogue", True)  # as the setting has it
    shown = await nobody.open("/products/lamp")
    assert 'itemprop="price" content="10.00"' in shown.text
    assert 'content="index,follow"' in shown.text
    assert "The lamp" in (await nobody.open("")).text
    assert f"{shop.url}/shop/products/lamp</loc>" in (await nobody.client.get("/sitemap.xml")).text
    assert "Sitemap: " in (await nobody.client.get("/robots.txt")).text
    assert (await nobody.open("/orders")).status_code == 303


def test_the_catalogue_is_not_public_by_itself() -> None:
    assert Settings().public_catalogue == "off"
