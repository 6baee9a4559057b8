"""Every page in a browser, as each role: with data, empty, and where something is wrong; accessible and narrow."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter
from uuid import uuid4

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from api.http.sites import CONSOLE
from api.pages.navigation import MENU
from api.permissions import CONSOLE_PAGES, Reach, Rule, rule_of
from commerce.runtime.tokens import Role
from tests.browser.conftest import VIEWS, Site, opened, picture

pytestmark = pytest.mark.long

SERIOUS = ("serious", "critical")
NO_PAGES = re.compile(r"/(live|export|download|proof|certificate|pulse)$")
"""What is sent to a page, or to a file."""


def pages() -> list[str]:
    """Every page, as it is declared."""
    return [row.removeprefix("GET ") for row in CONSOLE_PAGES if row.startswith("GET ") and not NO_PAGES.search(row)]


def path_of(page: str, values: dict[str, str]) -> str | None:
    """The path of a page for what there is; None where there is nothing of its kind."""
    wanted = [name for _, name, _, _ in Formatter().parse(page) if name]
    return page.format_map(values) if all(name in values for name in wanted) else None


def require_fit(page: Page, wrong: list[str]) -> None:
    """A page says nothing to the browser's console, keeps nobody out, and is not wider than the screen."""
    assert wrong == []
    found = [one for one in Axe().run(page).response["violations"] if one["impact"] in SERIOUS]
    assert found == [], [(page.url, one["id"], one["nodes"][0]["html"]) for one in found]
    width = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert width[0] <= width[1], f"{page.url} is {width[0]} pixels wide on a screen of {width[1]}"


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("role", ["operator", "auditor"])
def test_pages_with_data(chromium: Browser, site: Site, role: Role, view: str) -> None:
    with opened(chromium, site, role, view) as (page, wrong):
        for number, declared in enumerate(pages()):
            path = path_of(declared, site.values)
            if path is None:
                continue
            rule = rule_of(f"GET {declared}")
            assert isinstance(rule, Rule)
            answer = page.goto(path)
            assert answer is not None
            wanted = 403 if rule.reach(role) is Reach.NONE else 200
            assert answer.status == wanted, (path, answer.status)
            page.wait_for_load_state("load")
            require_fit(page, wrong)
            picture(page, f"{number:02}{re.sub('[^a-z]+', '-', declared.removeprefix(CONSOLE))}-{role}-{view}")


@pytest.mark.parametrize("view", VIEWS)
def test_pages_without_data(chromium: Browser, empty_site: Site, view: str) -> None:
    with opened(chromium, empty_site, "operator", view) as (page, wrong):
        for entry in MENU:
            answer = page.goto(entry.address)
            assert answer is not None
            assert answer.status == 200, entry.address
            require_fit(page, wrong)
            picture(page, f"empty{entry.address.replace('/', '-')}-{view}")


def test_what_is_not_there_and_who_may_not(chromium: Browser, site: Site) -> None:
    missing = {**site.values, "order_id": str(uuid4()), "customer_id": str(uuid4()), "sku": "NO-SUCH-SKU"}
    with opened(chromium, site, "operator") as (page, wrong):
        for declared in pages():
            path = path_of(declared, missing)
            if path is None or path == path_of(declared, site.values):
                continue
            answer = page.goto(path)
            assert answer is not None
            assert answer.status in (200, 404, 409, 422), (path, answer.status)
            require_fit(page, wrong)
        page.goto(f"{CONSOLE}/orders/{missing['order_id']}")
        expect(page.get_by_role("heading", level=1)).to_have_text("There is nothing here")
        picture(page, "missing")


def test_a_login_leads_back_and_the_keyboard_suffices(chromium: Browser, site: Site) -> None:
    with opened(chromium, site, None) as (page, wrong):
        page.goto(f"{CONSOLE}/orders")
        expect(page).to_have_url(re.compile(r"/console/login\?next="))
        require_fit(page, wrong)
        picture(page, "login")
        page.keyboard.press("Tab")
        page.get_by_text("With a token of the command line").focus()
        page.keyboard.press("Enter")
        page.get_by_label("Token").fill(site.system.token("operator", "olga"))
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile(r"/console/orders$"))
        page.keyboard.press("Tab")
        expect(page.get_by_text("Skip to the content")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator("#content")).to_be_focused()
        scripts = page.evaluate("document.cookie")
        assert "commerce_access" not in scripts
        assert "commerce_refresh" not in scripts


def test_an_order_lives_on_its_page(chromium: Browser, site: Site) -> None:
    with opened(chromium, site, "operator") as (page, wrong), site.api() as api:
        order = {
            "currency": "EUR",
            "lines": [{"sku": "TEA-ASSAM-250", "quantity": 1}],
            "shipping_address": {
                "name": "Ada Example",
                "line1": "1 Sample Street",
                "city": "Berlin",
                "postcode": "10115",
                "country": "DE",
            },
            "payment_method": "pm_card_ok",
        }
        placed = api.post("/orders", json=order, headers={"Idempotency-Key": str(uuid4())}).json()
        page.goto(f"{CONSOLE}/orders/{placed['order_id']}")
        expect(page.locator("h1 .badge")).to_have_text("confirmed", timeout=30_000)
        assert wrong == []


def test_no_other_site_frames_or_posts(chromium: Browser, site: Site) -> None:
    with opened(chromium, site, "operator") as (page, _):
        answer = page.goto(f"{CONSOLE}/orders")
        assert answer is not None
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["x-frame-options"] == "DENY"
        target = f"{site.system.api_url}{CONSOLE}/orders/{site.values['order_id']}/cancellation"
        page.goto("about:blank")
        page.set_content(f'<form method="post" action="{target}"><input name="reason" value="x"></form>')
        with page.expect_navigation():
            page.evaluate("document.forms[0].submit()")
        assert "/login" in page.url or page.get_by_text("another site").is_visible()
        with site.api() as api:
            order = api.get(f"/orders/{site.values['order_id']}").json()
        assert order["status"] not in ("cancelling", "cancelled")


def test_the_file_of_a_proof_is_checked_and_one_that_is_too_large_is_not_sent(
    chromium: Browser, site: Site, tmp_path: Path
) -> None:
    with opened(chromium, site, "auditor") as (page, wrong), site.api("auditor") as api:
        proof, huge = tmp_path / "proof.json", tmp_path / "huge.json"
        proof.write_bytes(api.get(f"/audit/orders/{site.values['order_id']}/proof").raise_for_status().content)
        huge.write_text(" " * 1_000_000)
        page.goto(f"{CONSOLE}/integrity")
        chosen = page.locator("input[type=file]")
        chosen.set_input_files(huge)
        assert "too large" in chosen.evaluate("element => element.validationMessage")
        chosen.set_input_files(proof)
        expect(page.get_by_label("or paste what is in it")).not_to_have_value("")
        page.get_by_role("button", name="Check it").click()
        expect(page.get_by_text("This proof holds")).to_be_visible()
        require_fit(page, wrong)
        picture(page, "proof-holds")
