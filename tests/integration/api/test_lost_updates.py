"""Many change the same things at the same time, each what they saw: no change is lost."""

from __future__ import annotations

import asyncio
import random
from collections import Counter

import httpx2
import pytest

from commerce.runtime.settings import Settings
from tests.integration.api.conftest import Shop
from tests.integration.api.test_customers import registered

CLIENTS = 20


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Those of all tests, and two customers may ask as often as they like."""
    return settings.model_copy(update={"rate_limit_customer": 0})


@pytest.mark.parametrize("commands", [100, pytest.param(1_000, marks=pytest.mark.long)])
async def test_of_commands_that_name_the_version_they_saw_none_undoes_another(shop: Shop, commands: int) -> None:
    people = [await registered(shop, email=f"{name}@example.org", given_name="0") for name in ("ada", "grace")]
    chance, left, made = random.Random(commands), iter(range(commands)), Counter[str]()

    async def count_on(customer: httpx2.AsyncClient, person: str) -> None:
        seen = await customer.get("/customers/me")
        number = int(seen.json()["given_name"])
        answer = await customer.patch(
            "/customers/me", json={"given_name": str(number + 1)}, headers={"If-Match": seen.headers["ETag"]}
        )
        assert answer.status_code in (200, 412), answer.text
        made[person] += answer.status_code == 200

    async def client() -> None:
        for _ in left:
            person = chance.choice(people)
            await count_on(shop.client("customer", person), person)

    async with asyncio.TaskGroup() as clients:
        for _ in range(CLIENTS):
            clients.create_task(client())
    for person in people:
        last = (await shop.client("customer", person).get("/customers/me")).json()
        assert int(last["given_name"]) == made[person] > 0
    assert made.total() < commands, "some were refused, or nobody met anybody"
