"""Tests of the tests: a bug is planted into a process of a running system, and the invariants find it."""

from __future__ import annotations

import signal
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import pytest

from tests.faults import report
from tests.faults.accounts import caught_differences
from tests.faults.harmed import Harm
from tests.faults.load import Load, all_ended, shoppers
from tests.faults.processes import replaced, send
from tests.faults.test_frozen import positions_only_grow
from tests.system.conftest import System, running
from tests.waiting import eventually

ORDERS = 20
END_WITHIN_S = 20.0
"""How long orders have to end before it is looked what became of them."""

Trouble = Callable[[System, Load, Harm], Awaitable[None]]


async def nothing(_system: System, _load: Load, _harm: Harm) -> None:
    """Orders of every outcome are enough."""


async def killed_after_authorising(_system: System, load: Load, harm: Harm) -> None:
    """The payments worker is killed after the provider did what it was asked for, and does it again later."""
    harm.arm(["payments after call authorizations"])
    load.begin(1)
    await eventually(harm.fired, 60)


async def api_killed(system: System, load: Load, _harm: Harm) -> None:
    """The API is killed while it has acknowledged orders that are not in the log."""
    await load.all_accepted()
    load.begin(10)
    before = len(load.accepted)
    await eventually(lambda: len(load.accepted) > before, 60)
    pid = send(system, "api", signal.SIGKILL)
    await replaced(system, "api", pid)
    load.begin(1)


async def payments_frozen(system: System, load: Load, _harm: Harm) -> None:
    """The payments worker stands still for longer than an order may take."""
    send(system, "payments", signal.SIGSTOP)
    load.begin(4)
    await load.all_accepted()


@pytest.mark.long
@pytest.mark.parametrize(
    ("bugs", "trouble", "found"),
    [
        ("dedupe-removed", killed_after_authorising, "still set aside"),
        ("told-before-append", api_killed, "was acknowledged, and is not in the log"),
        ("compensation-skipped", nothing, "still set aside"),
        ("deadline-ignored", payments_frozen, "its deadline of"),
        ("amount-halved amount-ignored", nothing, "by the provider, the log and the read model"),
    ],
    ids=lambda each: each.partition(" ")[0] if isinstance(each, str) else "",
)
async def test_a_planted_bug_is_caught(
    tmp_path: Path, request: pytest.FixtureRequest, bugs: str, trouble: Trouble, found: str
) -> None:
    report.begin(request.node.nodeid, f"planted bug: {bugs}", "patched in from outside")
    harm = Harm(tmp_path / "harm", *bugs.split())
    settings = {**harm.settings, "COMMERCE_ORDER_TIMEOUT_S": "3"} if trouble is payments_frozen else harm.settings
    with running(tmp_path / "home", settings=settings) as system:
        async with shoppers(system) as load:
            load.begin(0 if trouble is payments_frozen else ORDERS)
            await trouble(system, load, harm)
            await load.all_accepted()
            with suppress(TimeoutError):
                await all_ended(system, END_WITHIN_S)
            differences = await caught_differences(system, load)
            report.count(caught=len(differences))
            print(*differences[:3], sep="\n")
            assert [each for each in differences if found in each] != []


@pytest.mark.long
@pytest.mark.fault("planted bug: lock-removed", "patched in from outside")
async def test_a_removed_lock_is_caught(tmp_path: Path) -> None:
    """Two workers of the read models take the same partitions, and neither looks where the other is."""
    harm = Harm(tmp_path / "harm", "lock-removed")
    with running(tmp_path / "home", "--replicas", "projections=2", settings=harm.settings) as system:
        async with shoppers(system) as load:
            with pytest.raises(AssertionError, match="backwards"):
                await watched_orders(system, load)
            report.count(caught=1)


async def watched_orders(system: System, load: Load) -> None:
    """Have orders end, and no position go back."""
    async with positions_only_grow(system):
        load.begin(4 * ORDERS)
        await load.all_accepted()
        await all_ended(system)
