"""A process ends by itself where only a new start mends it, and never as somebody else is away."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from commerce.runtime.watchdog import STUCK_S, Stuck, Watchdog
from tests.waiting import LIMIT_S


class Clock:
    """Seconds that pass when told to."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def ended() -> list[str]:
    return []


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def watchdog(ended: list[str], clock: Clock) -> Watchdog:
    return Watchdog(lambda: ended.append("ended"), clock)


def test_a_problem_that_only_a_new_start_mends_ends_the_process_once_it_has_stayed(
    watchdog: Watchdog, clock: Clock, ended: list[str]
) -> None:
    watchdog.look({"refill": Stuck("ended")})
    clock.now = STUCK_S - 0.1
    watchdog.look({"refill": Stuck("ended")})
    assert ended == []
    clock.now = STUCK_S
    watchdog.look({"refill": Stuck("ended"), "database": "does not answer"})
    assert ended == ["ended"]


def test_a_task_that_waits_for_the_database_or_the_broker_is_left_alone(
    watchdog: Watchdog, clock: Clock, ended: list[str]
) -> None:
    for clock.now in range(600):
        watchdog.look({"database": "the database does not answer", "broker": "not connected", "saga:0": "waits"})
    assert ended == []


def test_a_problem_that_went_away_counts_from_its_return(watchdog: Watchdog, clock: Clock, ended: list[str]) -> None:
    watchdog.look({"consumer": Stuck("7 messages wait and none is taken")})
    clock.now = STUCK_S - 1
    watchdog.look({})
    clock.now = STUCK_S + 1
    watchdog.look({"consumer": Stuck("7 messages wait and none is taken")})
    assert ended == []


BLOCKED = """
import asyncio, time
from commerce.runtime import watchdog
watchdog._PING_EVERY_S = 0.05
async def main():
    with watchdog.watched_loop():
        await asyncio.sleep(0.3)
        print("still here", flush=True)
        time.sleep(60)
asyncio.run(main())
"""


def test_an_event_loop_that_is_blocked_for_good_ends_the_process_and_says_where_it_was() -> None:
    environment = {**os.environ, "PYTHONPATH": ":".join(sys.path)}
    ended = subprocess.run(
        [sys.executable, "-c", BLOCKED], env=environment, capture_output=True, text=True, check=False, timeout=LIMIT_S
    )
    assert (ended.returncode, ended.stdout) == (70, "still here\n")
    assert "the event loop is blocked" in ended.stderr
    assert "in main" in ended.stderr
