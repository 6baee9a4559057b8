"""`commerce up`, the whole of it: what dies runs again, nothing outlives its end, and the next start finds the data."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from commerce.cli.system.system_process import SIMULATORS, WORKERS
from commerce.embedded.ports import free_port
from tests.integration.embedded.test_orphans import await_ended
from tests.waiting import LIMIT_S

START_SECONDS = 120


class Running:
    """A `commerce up` in a folder, and what it printed so far."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.printed = home / "printed"
        environment = {name: value for name, value in os.environ.items() if not name.startswith("COMMERCE_")}
        environment |= {
            "COMMERCE_HOME": str(home),
            "COMMERCE_API_PORT": str(free_port()),
            "PYTHONPATH": ":".join(sys.path),
        }
        with self.printed.open("wb") as output:
            command = [sys.executable, "-m", "commerce.cli.main", "up", "--replicas", "saga=2"]
            self.process = subprocess.Popen(
                command, env=environment, stdout=output, stderr=output, start_new_session=True
            )

    def pids(self) -> dict[str, int]:
        content: dict[str, Any] = json.loads((self.home / "run.json").read_text())
        return {process["name"]: process["pid"] for process in content["processes"]}

    def await_true(self, condition: Callable[[], bool], seconds: float = START_SECONDS) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            assert self.process.poll() is None, self.printed.read_text()
            assert time.monotonic() < deadline, self.printed.read_text()
            time.sleep(0.1)

    def await_greeting(self) -> list[str]:
        self.await_true(lambda: "Ctrl-C ends everything" in self.printed.read_text())
        return self.printed.read_text().splitlines()


@contextmanager
def commerce_up(home: Path) -> Iterator[Running]:
    running = Running(home)
    try:
        yield running
    finally:
        running.process.kill()
        running.process.wait()


def commands(lines: list[str]) -> list[str]:
    """The lines to paste."""
    return [line for line in lines if line.startswith("curl ")]


def _first(lines: list[str], beginning: str) -> int:
    """The place of the first line that begins so."""
    return next(number for number, line in enumerate(lines) if line.startswith(beginning))


def printed_by(command: str) -> str:
    return subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=True, timeout=LIMIT_S).stdout


def test_a_system_heals_ends_whole_and_starts_again(tmp_path: Path) -> None:
    with commerce_up(tmp_path) as first:
        place, listing, ledger = commands(first.await_greeting())
        order = json.loads(printed_by(place))
        assert order["status"] == "confirmed"
        assert order["order_id"] in printed_by(listing)
        assert order["order_id"] in printed_by(ledger)

        before = first.pids()
        assert set(before) == {"postgres", "nats", "api", "saga-2", *WORKERS, *SIMULATORS}
        for name in ("postgres", "nats", "payments"):
            os.kill(before[name], signal.SIGKILL)
        first.await_true(
            lambda: all(first.pids()[name] != before[name] for name in ("postgres", "nats", "payments")), 30
        )

        pids = [*first.pids().values()]
        first.process.kill()
        first.process.wait()
        await_ended(pids, LIMIT_S)

    with commerce_up(tmp_path) as second:
        lines = second.await_greeting()
        assert "catalogue: already there" in lines
        assert _first(lines, "  api is well") < _first(lines, "starting provider"), (
            "the API answers before others start"
        )
        assert order["order_id"] in printed_by(commands(lines)[1])
        pids = [*second.pids().values()]
        second.process.send_signal(signal.SIGINT)
        assert second.process.wait(60) == 0
        await_ended(pids, 0)
        assert not (tmp_path / "run.json").exists()
        ended = [line for line in second.printed.read_text().splitlines() if line.startswith("stopping ")]
        assert [line.split()[1].rstrip(",") for line in ended] == ["api", "saga", "provider", "nats", "postgres"]
