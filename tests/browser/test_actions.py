"""Every action of the console is done once in a browser, by who may, and is not offered to who may not."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Browser, Dialog, Page, async_playwright, expect

from api.pages import sessions
from api.permissions import Reach, Rule, rule_of
from commerce.runtime.tokens import Role, issue_token
from tests.browser.action_steps import Click, do
from tests.browser.action_world import World, a_paid_order, note_secret
from tests.browser.conftest import CHROMIUM, CHROMIUM_OPTIONS, watch
from tests.browser.console_actions import ACTIONS, ConsoleAction
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
LIMIT_MS = 60_000
"""What nothing takes, however busy the machine is."""
expect.set_options(timeout=LIMIT_MS)


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Chromium."""
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_OPTIONS)
        yield launched
        await launched.close()


@asynccontextmanager
async def looking(browser: Browser, shop: Shop) -> AsyncIterator[tuple[Page, list[str]]]:  # noqa: F811
    """A page of somebody's browser, and what goes wrong in it."""
    context = await browser.new_context(base_url=shop.url, timezone_id="Europe/Berlin", locale="en-GB")
    context.set_default_timeout(LIMIT_MS)
    page, wrong = await context.new_page(), list[str]()
    watch(page, wrong)
    page.on("dialog", _dismiss)
    yield page, wrong
    await context.close()


async def _dismiss(dialog: Dialog) -> None:
    await dialog.dismiss()


async def log_in_by_link(page: Page, shop: Shop, role: Role) -> None:  # noqa: F811
    """Log in by the link that `commerce up` prints."""
    await page.goto(f"/console/login#token={issue_token(shop.settings, role=role, subject='somebody')}")
    await page.wait_for_url("**/console")


@pytest.mark.parametrize("row", ACTIONS)
async def test_an_action_is_done_by_clicks_and_offered_to_no_auditor(
    row: str,
    shop: Shop,  # noqa: F811
    database: Database,
    browser: Browser,
    tmp_path: Path,
) -> None:
    action = ACTIONS[row]
    async with AsyncExitStack() as stack:
        page, wrong = await stack.enter_async_context(looking(browser, shop))
        world = World(shop, database, tmp_path, stack, page)
        place = f"/console{await action.begins(world)}"
        await shop.show()
        await world.follow()
        auditors, wrong_too = await stack.enter_async_context(looking(browser, shop))
        await log_in_by_link(auditors, shop, "auditor")
        await auditors.goto(place)
        await _require_no_offer(row, action, auditors)
        await (world.log_in() if world.member else log_in_by_link(page, shop, "operator"))
        await page.goto(place)
        await _act(action, world)
        assert [*wrong, *wrong_too] == []


async def _act(action: ConsoleAction, world: World) -> None:
    page, content = world.page, world.page.locator("main")
    for step in action.offer:
        await do(step, page, world)
        await page.wait_for_load_state()
        await note_secret(world)
    if action.preview is not None:
        await expect(content).to_contain_text(action.preview)
    for step in action.form:
        await do(step, page, world)
    if action.said is None:
        async with page.expect_download() as download:
            await Click(action.verb).on(page).click()
        assert (await (await download.value).path()).stat().st_size > 0
        return
    await Click(action.verb).on(page).click()
    await expect(content.get_by_text(action.said).first).to_be_visible()
    await expect(content.locator(".problem, .refused")).to_have_count(0)


async def _require_no_offer(row: str, action: ConsoleAction, page: Page) -> None:
    """Who may not do it does not see what leads there; who may, does."""
    rule = rule_of(row)
    assert isinstance(rule, Rule)
    is_own = "/access/own/" in row  # who came by a token has no account to see to
    first = next((step for step in action.offer if isinstance(step, Click)), Click(action.verb))
    await expect(page.locator("main h1")).to_be_visible()
    is_offered = bool(await first.on(page).count())
    assert is_offered is (rule.reach("auditor") is not Reach.NONE and not is_own)


async def test_who_moves_money_shows_once_more_who_they_are_and_comes_back(
    shop: Shop,  # noqa: F811
    database: Database,
    browser: Browser,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with AsyncExitStack() as stack:
        page, wrong = await stack.enter_async_context(looking(browser, shop))
        place = await a_paid_order(World(shop, database, tmp_path, stack, page))
        await shop.show()
        await log_in_by_link(page, shop, "operator")
        await page.goto(f"/console{place}")
        with monkeypatch.context() as later:
            later.setattr(sessions, "RECENT_LOGIN_S", -1.0)
            await Click("Give money back").on(page).click()
            await expect(page.get_by_text("You are about to move money")).to_be_visible()
        await page.get_by_text("With a token of the command line").click()
        await page.get_by_label("Token").fill(issue_token(shop.settings, role="operator", subject="somebody"))
        await page.get_by_role("button", name="Log in with the token").click()
        await expect(page).to_have_url(re.compile(f"{place}/refund$"))
        await expect(page.get_by_role("heading", level=1)).to_contain_text("Give money back")
        assert wrong == []
