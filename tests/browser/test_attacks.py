"""What an attacker can do with a browser of ours in front of them: nothing."""

from __future__ import annotations

from contextlib import AsyncExitStack
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
from playwright.async_api import Browser, expect

from api.http.sites import SITES
from api.permissions import CONSOLE_PAGES
from tests.browser.action_world import World
from tests.browser.canaries import CANARY, TRACES, write_canaries
from tests.browser.test_actions import browser, log_in_by_link, looking  # noqa: F401 - a fixture
from tests.browser.test_pages import pages, path_of
from tests.conftest import Database
from tests.integration.api.conftest import (  # noqa: F401 - fixtures
    Shop,
    brief_streams,
    cheap_passwords,
    no_heads,
    settings,
    shop,
)

pytestmark = pytest.mark.long

ASKED = ("text", "search", "q", "by", "about", "actor", "topic", "kind", "whose", "status", "since", "from", "service")
"""Parameters that pages take."""
COOKIES = ("commerce_access", "commerce_login")


async def test_what_people_write_becomes_code_on_no_page(
    shop: Shop,  # noqa: F811
    database: Database,
    browser: Browser,  # noqa: F811
    tmp_path: Path,
) -> None:
    async with AsyncExitStack() as stack:
        page, wrong = await stack.enter_async_context(looking(browser, shop))
        world = World(shop, database, tmp_path, stack, page)
        known = await write_canaries(world)
        await log_in_by_link(page, shop, "operator")
        orders = [known[name] for name in ("placed", "paid", "case", "undone")]
        declared = [one for one in pages() if path_of(one, known) is not None]
        for one in declared:
            for order_id in orders if "{order_id}" in one else orders[:1]:
                values = {name: quote(value, safe="") for name, value in {**known, "order_id": order_id}.items()}
                await page.goto(str(path_of(one, values)))
                assert await page.locator(TRACES).count() == 0, page.url
                assert wrong == [], await page.locator("main").inner_text()
        reflected = urlencode(dict.fromkeys(ASKED, CANARY))
        for one in (row.removeprefix("GET ") for row in CONSOLE_PAGES if row.startswith("GET ") and "{" not in row):
            if one in declared:
                await page.goto(f"{one}?{reflected}")
                assert await page.locator(TRACES).count() == 0, page.url
        assert wrong == []


@pytest.mark.parametrize("site", SITES)
async def test_a_page_of_another_site_cannot_show_one_of_ours(
    shop: Shop,  # noqa: F811
    browser: Browser,  # noqa: F811
    site: str,
) -> None:
    async with looking(browser, shop) as (page, _):
        frames = f'<iframe src="{shop.url}{site}"></iframe><iframe src="{shop.url}{site}/login"></iframe>'
        await page.route(
            "http://elsewhere.example/", lambda route: route.fulfill(content_type="text/html", body=frames)
        )
        await page.goto("http://elsewhere.example/")
        for frame in page.frames[1:]:
            assert frame.url == "chrome-error://chromewebdata/", frame.url
        assert len(page.frames) == 3


@pytest.mark.parametrize("path", ["/console", "/", "/console/orders"])
async def test_a_session_that_was_planted_before_the_login_is_not_the_one_after_it(
    shop: Shop,  # noqa: F811
    browser: Browser,  # noqa: F811
    path: str,
) -> None:
    async with looking(browser, shop) as (attackers, _), looking(browser, shop) as (page, _wrong):
        await log_in_by_link(attackers, shop, "auditor")
        planted = {one["name"]: one["value"] for one in await attackers.context.cookies() if one["name"] in COOKIES}
        assert set(planted) == set(COOKIES)
        host = shop.url.partition("://")[2].partition(":")[0]
        await page.context.add_cookies(
            [{"name": name, "value": value, "domain": host, "path": path} for name, value in planted.items()]
        )
        await log_in_by_link(page, shop, "operator")
        for place in ("/console", "/console/orders"):
            await page.goto(place)
            who = page.locator("header .who")
            assert await who.count() == 0 or await who.text_content() == "operator:somebody", place
        own = {one["name"]: one["value"] for one in await page.context.cookies() if one["path"] == "/console"}
        assert all(own[name] != planted[name] for name in COOKIES)
        await attackers.goto("/console/orders")
        await expect(attackers.locator("header .who")).to_have_text("auditor:somebody")
