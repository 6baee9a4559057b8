"""What the simulators' ledgers say, read as anybody would read them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import httpx2

Entry = dict[str, Any]


async def entries(url: str, order_id: UUID, limit: int = 100) -> list[Entry]:
    """Everything that happened to an order, page by page."""
    found: list[Entry] = []
    cursor = "0"
    async with httpx2.AsyncClient(base_url=url, trust_env=False, verify=False) as client:
        while True:
            query = {"order_id": str(order_id), "cursor": cursor, "limit": str(limit)}
            page = (await client.get("/ledger", params=query)).raise_for_status().json()
            found += page["items"]
            if page["next_cursor"] is None:
                return found
            cursor = page["next_cursor"]


async def movements(url: str, order_id: UUID) -> list[tuple[str, str]]:
    """Kind and amount of everything that happened to an order at the provider."""
    return [(entry["kind"], entry["amount"]) for entry in await entries(url, order_id)]


async def totals(url: str, order_id: UUID) -> Entry:
    """What it adds up to."""
    async with httpx2.AsyncClient(base_url=url, trust_env=False, verify=False) as client:
        page = (await client.get("/ledger", params={"order_id": str(order_id)})).raise_for_status().json()
    (found,) = page["totals"]
    return dict(found)
