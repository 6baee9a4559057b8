"""A real system with a shop's orders in it, and Chromium in front of its pages."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from commerce.runtime.tokens import Role
from tests.system.conftest import ADDRESS, System, running

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
CHROMIUM_OPTIONS = ["--no-sandbox"]
"""As root it runs in no other way."""
SCREENSHOTS = os.environ.get("SCREENSHOTS")
"""A folder for pictures of all pages; none are taken without it."""
MALICE = """"><img src=x onerror=alert(1)><script>alert(2)</script>{{7*7}}"""
"""What would become code, if a page did not escape it."""
VIEWS = {"desktop": (1280, 860, "light"), "telephone": (390, 800, "dark")}


@dataclass(frozen=True)
class Site:
    """A system, and what stands for each parameter of a page's path."""

    system: System
    values: dict[str, str]

    def api(self, role: Role = "operator") -> httpx2.Client:
        """A client of its API."""
        headers = {"Authorization": f"Bearer {self.system.token(role, 'somebody')}"}
        return httpx2.Client(base_url=f"{self.system.api_url}/api/v1", headers=headers, timeout=60)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The browser; while it is open, no test with a loop of its own can run."""
    assert CHROMIUM, "these tests need Chromium (Debian: apt install chromium), or its path in CHROMIUM"
    with sync_playwright() as playwright:
        yield _launched(playwright)


def _launched(playwright: Playwright) -> Browser:
    return playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_OPTIONS)


@pytest.fixture(scope="session")
def empty_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A system in which nothing has happened yet."""
    with running(tmp_path_factory.mktemp("empty"), "--together") as system:
        yield Site(system, {})


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A system in which the demonstration has run, and a customer has written malice wherever they could."""
    with running(tmp_path_factory.mktemp("shop"), "--together") as system:
        shown = system.commerce("demo", timeout=300)
        assert shown.returncode == 0, shown.stdout + shown.stderr
        yield Site(system, _values(system))


def _values(system: System) -> dict[str, str]:
    headers = {"Authorization": f"Bearer {system.token('operator', 'somebody')}"}
    with httpx2.Client(base_url=f"{system.api_url}/api/v1", headers=headers, timeout=60) as api:
        registered = api.post(
            "/customers", json={"email": "eve@example.org", "password": "a sentence of hers", "names": MALICE}
        )
        customer_id = registered.json().get("customer_id") or str(uuid4())
        order = {
            "currency": "EUR",
            "customer_id": customer_id,
            "lines": [{"sku": "TEA-ASSAM-250", "quantity": 1}],
            "shipping_address": {**ADDRESS, "name": MALICE, "line1": MALICE, "city": MALICE},
            "payment_method": "pm_card_ok",
            "email": "eve@example.org",
            "reference": MALICE[:60],
        }
        placed = api.post("/orders", json=order, headers={"Idempotency-Key": "malice", "Prefer": "wait=30"})
        assert placed.status_code in (200, 202), placed.text
        values = {"order_id": placed.json()["order_id"], "customer_id": customer_id, "sku": "TEA-ASSAM-250"}
        values["name"] = "orders"
        for parameter, path, field in (
            ("shipment_id", f"/orders/{values['order_id']}/shipments", "shipment_id"),
            ("group", "/ops/parked", "group"),
            ("key_id", "/auth/keys", "key_id"),
            ("endpoint_id", "/webhook-endpoints", "endpoint_id"),
            ("member_id", "/staff", "member_id"),
        ):
            items = api.get(path).json().get("items", [])
            if items:
                values[parameter] = str(items[0][field])
        return values


@contextmanager
def opened(chromium: Browser, site: Site, role: Role | None, view: str = "desktop") -> Iterator[tuple[Page, list[str]]]:
    """A page of somebody's browser, logged in by the link that `commerce up` prints; and what went wrong in it."""
    width, height, scheme = VIEWS[view]
    context = chromium.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if scheme == "dark" else "light",
        timezone_id="Europe/Berlin",
        locale="en-GB",
        base_url=site.system.api_url,
    )
    page, wrong = context.new_page(), list[str]()
    watch(page, wrong)
    page.on("dialog", lambda dialog: dialog.dismiss())
    try:
        if role is not None:
            page.goto(f"/console/login#token={site.system.token(role, 'somebody')}")
            page.wait_for_url("**/console")
        yield page, wrong
    finally:
        context.close()


def watch(page: Any, wrong: list[str]) -> None:
    """Note what goes wrong in a page: what its scripts raise, a dialog, what it tells the browser's console."""
    page.on("pageerror", lambda error: wrong.append(f"{page.url}: {error}"))
    page.on("dialog", lambda dialog: wrong.append(f"a dialog says {dialog.message}"))
    page.on("console", lambda said: _note(wrong, page, said))


def _note(wrong: list[str], page: Page, said: Any) -> None:
    if said.type in ("error", "warning") and "status of 4" not in said.text:
        wrong.append(f"{page.url}: {said.text}")


def picture(page: Page, name: str) -> None:
    """Keep a picture of a page, where somebody wants them."""
    if SCREENSHOTS:
        folder = Path(SCREENSHOTS)
        folder.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=folder / f"{name}.png", full_page=True)
