"""A payment provider that loses answers, fails, is slow or busy, and answers nonsense: nobody is charged twice, all
orders end or are cases, and those that it answers rightly go on meanwhile."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.faults import report
from tests.faults.accounts import agree
from tests.faults.harmed import Harm
from tests.faults.load import all_ended, shoppers, unfinished
from tests.system.conftest import running
from tests.waiting import eventually

HOW = "3 of 10 calls: answer lost, 5xx, slow, 429, wrong amount, garbage, huge, endless, redirect"
RATE_PER_S = 14
LAST_ORDERS = 20
"""Once no more orders are unfinished, the provider is well again."""
AFTER_S = 150.0
"""For an undo that waits for its next try, and for a question after a call without an answer."""


@pytest.mark.long
@pytest.mark.fault("provider misbehaves", HOW)
async def test_a_provider_that_misbehaves_charges_nobody_twice_and_all_orders_end_or_are_cases(tmp_path: Path) -> None:
    harm = Harm(tmp_path / "harm", "provider-misbehaves")
    with running(tmp_path / "home", settings=harm.settings) as system:
        async with shoppers(system) as load:
            load.cancels = True
            await load.paced(report.orders(2000), RATE_PER_S)
            with system.database() as database:
                await eventually(lambda: unfinished(database, cases_are_ends=True) < LAST_ORDERS)
            misdeeds = harm.calm()
            print(f"{misdeeds.total()} misdeeds: {dict(misdeeds)}")
            report.count(misdeeds=misdeeds.total())
            began = asyncio.get_running_loop().time()
            await all_ended(system, AFTER_S, cases_are_ends=True)
            report.count(seconds_until_all_ended=round(asyncio.get_running_loop().time() - began))
            await agree(system, load, cases_are_ends=True)
