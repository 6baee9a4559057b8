"""Today is made once for all who may see the same, and tells them of what changes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from typing import Any

import pytest

from api.console.pages.today import TODAY
from api.live import shared, stream
from api.pages.api_calls import ApiProblem
from api.pages.view import View
from tests.integration.api.conftest import Shop, key, order
from tests.integration.console.conftest import Browser, Browsers


async def parts(browser: Browser) -> AsyncGenerator[dict[str, str], None]:
    """What a page that looks is told, block by block."""
    async with browser.client.stream("GET", "/console/live") as answer:
        assert answer.headers["content-type"] == "text/event-stream"
        async for line in answer.aiter_lines():
            if line.startswith("data: {") and "last_event_id" not in line:
                yield json.loads(line.removeprefix("data: "))


async def test_viewers_share_one_computation_and_hear_of_what_changes(
    shop: Shop, browsers: Browsers, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = 0
    values = TODAY.values

    async def counted(view: object) -> object:
        nonlocal made
        made += 1
        return await values(view)  # type: ignore[arg-type]

    monkeypatch.setattr(stream, "LONGEST_STREAM_S", 20.0)
    monkeypatch.setattr(shared, "PACE_S", 0.2)
    monkeypatch.setattr(shared, "REFRESH_S", 1.0)
    object.__setattr__(TODAY, "values", counted)
    try:
        await shop.stock("lamp")
        await shop.show()
        looking = [parts(await browsers.of("operator", f"person {number}")) for number in range(5)]
        first = await asyncio.gather(*[anext(one) for one in looking])
        assert made <= 2  # once for all, or once more as the log went on
        assert all(one == first[0] for one in first)
        assert set(first[0]) == set(TODAY.parts)
        auditor = parts(await browsers.of("auditor"))
        await anext(auditor)
        answer = await shop.client("operator").post("/orders", json=order(("lamp", 1)), headers=key())
        assert answer.status_code == 202
        await shop.show()
        told = await asyncio.gather(*[anext(one) for one in looking])
        assert all(one == told[0] for one in told)
        assert "figures" in told[0]
        assert "cases" not in told[0]  # only what changed
        assert made < 20  # five who look would be more by far
        for one in (*looking, auditor):
            await one.aclose()
    finally:
        object.__setattr__(TODAY, "values", values)


async def test_what_cannot_be_told_leaves_the_rest_to_be_seen(
    shop: Shop, browsers: Browsers, monkeypatch: pytest.MonkeyPatch
) -> None:
    get = View.get

    async def failing(view: View, path: str, query: Any = None) -> Any:
        if path == "/api/v1/reports/orders":
            raise ApiProblem(503, {"detail": "the read model orders is being rebuilt"})
        if path == "/api/v1/reports/sales":
            raise ApiProblem(403, {"detail": "this needs the scope reports:read"})
        return await get(view, path, query)

    monkeypatch.setattr(View, "get", failing)
    page = await (await browsers.of("operator")).open("")
    assert page.status_code == 200
    assert "Nothing needs you now." in page.text
    assert "the read model orders is being rebuilt" in page.text
    assert "Your account may not see this." in page.text


async def test_workers_shows_the_orders_of_each_minute_of_the_last_hour(shop: Shop, browsers: Browsers) -> None:
    await shop.stock("lamp")
    for _ in range(2):
        await shop.client("operator").post("/orders", json=order(("lamp", 1)), headers=key())
    await shop.show()
    page = (await (await browsers.of("auditor")).open("/workers")).text
    assert "Placed: 2. Of them not ended yet: 2. Rejected: 0." in page
    points = page.partition('data-points="')[2].partition('"')[0].split()
    assert len(points) == 60
    placed = [int(point.partition("=")[2].partition(";")[0]) for point in points]
    assert (sum(placed), sum(placed[-2:])) == (2, 2)
