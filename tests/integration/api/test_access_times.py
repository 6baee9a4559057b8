"""How long it takes to be refused a foreign thing, and a missing one: `make test-long ARGS=-s` prints both."""

from __future__ import annotations

import random
import time
from collections import defaultdict
from statistics import median

import pytest

from commerce.runtime.settings import Settings
from tests.integration.api.access import make_things, operations
from tests.integration.api.conftest import Shop, without_rate_limits

ROUNDS = 300
LARGEST_RATIO = 1.25
"""Of the medians; what is measured is one in a few percent, and a lookup more would be more."""


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return without_rate_limits(settings)


@pytest.mark.long
async def test_a_foreign_thing_takes_as_long_as_a_missing_one(shop: Shop) -> None:
    things = await make_things(shop)
    customer = shop.client("customer", things.customer)
    for operation in operations():
        if not operation.is_owned:
            continue
        times: defaultdict[str, list[float]] = defaultdict(list)
        for _ in range(ROUNDS):
            pair = [things.foreign, things.missing]
            random.shuffle(pair)
            for thing in pair:
                began = time.perf_counter()
                assert (await operation.ask(customer, shop.url, thing)).status_code == 404
                times[thing].append(time.perf_counter() - began)
        foreign_ms, missing_ms = (median(times[thing]) * 1000 for thing in (things.foreign, things.missing))
        print(f"{operation.method} {operation.path}: foreign {foreign_ms:.2f} ms, missing {missing_ms:.2f} ms")  # noqa: T201
        assert 1 / LARGEST_RATIO < foreign_ms / missing_ms < LARGEST_RATIO, operation
