"""A browser at the console: a client that keeps cookies and follows the pages' own forms."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from html import unescape

import httpx2
import pytest

from api.http.sites import CONSOLE
from commerce.runtime.tokens import Role, issue_token
from tests.integration.api.conftest import (  # noqa: F401 - fixtures
    Shop,
    brief_streams,
    cheap_passwords,
    no_heads,
    settings,
    shop,
)
from tests.waiting import LIMIT_S

FORM_FIELD = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')


@dataclass
class Browser:
    """Somebody who looks at a site."""

    client: httpx2.AsyncClient
    site: str = CONSOLE

    async def open(self, path: str, **query: str) -> httpx2.Response:
        """Open a page; a redirection is shown as such."""
        return await self.client.get(f"{self.site}{path}", params=query)

    async def send(self, path: str, **fields: str) -> httpx2.Response:
        """Open a page, and send its form with what was typed."""
        page = await self.client.get(f"{self.site}{path}")
        hidden = {name: unescape(value) for name, value in FORM_FIELD.findall(page.text)}
        return await self.client.post(f"{self.site}{path}", data={**hidden, **fields})


class Browsers:
    """Opens browsers of one shop."""

    def __init__(self, of: Shop) -> None:
        self._shop = of
        self._opened: list[httpx2.AsyncClient] = []

    def nobody(self, site: str = CONSOLE) -> Browser:
        """A browser that is not logged in."""
        client = httpx2.AsyncClient(base_url=self._shop.url, timeout=LIMIT_S)
        self._opened.append(client)
        return Browser(client, site)

    async def of(self, role: Role, subject: str = "somebody") -> Browser:
        """A browser that is logged in by a token of the command line."""
        browser = self.nobody()
        token = issue_token(self._shop.settings, role=role, subject=subject)
        await browser.client.post("/console/login", data={"token": token, "next": "/console"})
        return browser

    async def close(self) -> None:
        """Close all."""
        for client in self._opened:
            await client.aclose()


@pytest.fixture
async def browsers(shop: Shop) -> AsyncIterator[Browsers]:  # noqa: F811
    """Browsers at the console of a shop."""
    opened = Browsers(shop)
    yield opened
    await opened.close()
