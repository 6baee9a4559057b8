"""What the supervisor keeps running, restarts and ends, with small HTTP servers standing in for the workers."""

from __future__ import annotations

import errno
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from commerce.cli.system.signals import StopRequested, signals_wake
from commerce.cli.system.supervisor import Supervisor, last_words
from commerce.cli.system.system_process import SystemProcess
from commerce.embedded.probe import NO_ANSWER, Useless
from commerce.values.errors import Unavailable
from tests.waiting import LIMIT_S

SERVES = [sys.executable, "-m", "http.server", "{port}", "--bind", "127.0.0.1"]
IS_STUBBORN = [
    sys.executable,
    "-c",
    "import signal, sys; signal.signal(signal.SIGTERM, signal.SIG_IGN); import http.server as h; "
    "h.test(h.SimpleHTTPRequestHandler, h.ThreadingHTTPServer, port=int(sys.argv[1]), bind='127.0.0.1')",
    "{port}",
]
FAILED = '{"event": "Application startup failed. Exiting.", "level": "error"}'
ENDS_AT_ONCE = [sys.executable, "-c", "raise SystemExit('no way')", "{port}"]


@dataclass
class Stage:
    """A supervisor, what it said, and how often what runs had changed."""

    folder: Path
    supervisor: Supervisor
    said: list[str]
    changes: list[int] = field(default_factory=list)

    def process(self, name: str, command: list[str], stage: int = 0) -> SystemProcess:
        log = self.folder / f"{name}.log"
        process = SystemProcess(name, command, health="/", environment=os.environ, log=log)
        self.supervisor.start(name, process, stage=stage, url=process.url)
        return process

    def tend_until(self, condition: Callable[[], bool], seconds: float = LIMIT_S) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, self.said
            self.supervisor.tend()
            self.supervisor.wakeup.wait(0.05)

    def keep_running_for(self, seconds: float) -> None:
        signal.signal(signal.SIGALRM, lambda *_: os.kill(os.getpid(), signal.SIGTERM))
        signal.setitimer(signal.ITIMER_REAL, seconds)
        self.supervisor.keep_running()


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    said: list[str] = []
    changes: list[int] = []
    with signals_wake() as wakeup:
        supervisor = Supervisor(wakeup, tmp_path, said.append, lambda: changes.append(1))
        yield Stage(tmp_path, supervisor, said, changes)
        supervisor.stop()


def test_a_killed_process_runs_again_at_its_address(stage: Stage) -> None:
    process = stage.process("saga", SERVES)
    stage.supervisor.await_healthy([("saga", process)], LIMIT_S)
    before, url = process.pid, process.url()
    assert before is not None
    os.kill(before, signal.SIGKILL)
    stage.tend_until(lambda: process.pid != before and process.problem() is None)
    assert process.url() == url
    assert stage.supervisor.processes() == [{"name": "saga", "pid": process.pid, "url": url}]
    assert len(stage.changes) == 2
    assert "signal 9" in "".join(stage.said)


def test_what_ends_at_once_waits_longer_each_time_and_is_given_up_at_the_start(stage: Stage) -> None:
    process = stage.process("relay", ENDS_AT_ONCE)
    with pytest.raises(Unavailable, match="relay ends whenever it is started: no way; see"):
        stage.supervisor.await_healthy([("relay", process)], LIMIT_S)
    waits = [line.partition("again in ")[2].partition(" s")[0] for line in stage.said]
    assert waits == ["0.5", "1.0", "2.0"]


@pytest.mark.parametrize(
    ("log", "said"),
    [
        (
            ['{"event": "no such database", "level": "error"}', FAILED, '{"event": "ended", "level": "info"}'],
            "no such database",
        ),
        (['{"event": "Traceback …:\\n  line 1\\nKeyError: 7\\n", "level": "error"}', FAILED, ""], "KeyError: 7"),
        (
            ["Traceback …:", "ModuleNotFoundError: No module named 'relay'", ""],
            "ModuleNotFoundError: No module named 'relay'",
        ),
        (['{"event": "begins", "level": "info"}', "7"], "7"),
        ([""], "it said nothing"),
    ],
)
def test_a_process_that_does_not_start_is_quoted_on_what_was_wrong(tmp_path: Path, log: list[str], said: str) -> None:
    (tmp_path / "relay.log").write_text("\n".join(log))
    assert last_words(tmp_path / "relay.log") == said


def test_what_does_not_get_well_in_time_is_named(stage: Stage) -> None:
    process = stage.process("shipping", [sys.executable, "-c", "import time; time.sleep(60)", "{port}"])
    with pytest.raises(Unavailable, match="shipping is not well after 0 s: it does not answer"):
        stage.supervisor.await_healthy([("shipping", process)], 0.3)


def test_everything_ends_in_order_and_the_stubborn_by_force(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("commerce.cli.system.system_process._STOP", ((signal.SIGTERM, 0.5),))
    started = [stage.process("nats", SERVES, 1), stage.process("saga", IS_STUBBORN, 2), stage.process("api", SERVES, 3)]
    stage.supervisor.await_healthy([(process.name, process) for process in started], 20)
    stage.supervisor.stop()
    assert stage.said[-4:] == ["stopping api", "stopping saga", "stopping nats", "everything has ended"]
    assert [process.poll() for process in started] == [-signal.SIGTERM, -signal.SIGKILL, -signal.SIGTERM]


class Ailing(SystemProcess):
    """A process that says of itself what the test says."""

    ailment: Useless | None = None
    obstacle: str | None = None

    def useless(self) -> Useless | None:
        return self.ailment

    def can_start(self) -> str | None:
        return self.obstacle


@pytest.fixture
def ailing(stage: Stage) -> Ailing:
    process = Ailing("nats", SERVES, health="/", environment=os.environ, log=stage.folder / "nats.log")
    stage.supervisor.start("nats", process, stage=0, url=process.url)
    stage.supervisor.await_healthy([("nats", process)], LIMIT_S)
    stage.supervisor.replace_useless()
    return process


def test_what_is_alive_and_of_no_use_is_started_again_which_is_said(stage: Stage, ailing: Ailing) -> None:
    before = ailing.pid
    ailing.ailment = Useless("it keeps a write error", 0.0)
    stage.supervisor.replace_useless()
    ailing.ailment = None
    stage.tend_until(lambda: ailing.pid != before and ailing.problem() is None)
    said = "".join(stage.said)
    assert "nats is alive and of no use for 0 s: it keeps a write error; it is ended, and started again" in said


def test_what_is_useless_for_a_moment_is_left_alone(stage: Stage, ailing: Ailing) -> None:
    before = ailing.pid
    for ailing.ailment in (Useless("it does not answer", 60.0), None, Useless("it does not answer", 60.0)):
        stage.supervisor.replace_useless()
        stage.supervisor.tend()
    assert ailing.pid == before


def test_what_cannot_be_started_yet_runs_on_until_it_can_and_that_is_said_once(stage: Stage, ailing: Ailing) -> None:
    before = ailing.pid
    ailing.ailment, ailing.obstacle = Useless("it keeps a write error", 0.0), "its disk has 0 MiB free, make room"
    for _ in range(3):
        stage.supervisor.replace_useless()
        stage.supervisor.tend()
    assert ailing.pid == before
    assert "".join(stage.said).count("as soon as possible: its disk has 0 MiB free") == 1
    ailing.obstacle = None
    stage.supervisor.replace_useless()
    stage.tend_until(lambda: ailing.pid != before)


def test_what_is_useless_again_and_again_is_started_ever_more_seldom(stage: Stage, ailing: Ailing) -> None:
    ailing.ailment = Useless("it keeps a write error", 0.0)
    stage.supervisor.replace_useless()
    ailing.ailment = None
    stage.tend_until(lambda: ailing.poll() is None and ailing.problem() is None)
    stage.supervisor.replace_useless()
    before, ailing.ailment = ailing.pid, Useless("it keeps a write error", 20.0)
    began = time.monotonic()
    (kept,) = stage.supervisor._kept
    stage.supervisor._judge(kept, ailing.ailment, began)
    stage.supervisor._judge(kept, ailing.ailment, began + 39)
    assert ailing.pid == before
    assert ailing.poll() is None
    stage.supervisor._judge(kept, ailing.ailment, began + 41)
    assert ailing.poll() is not None


def test_a_worker_that_stands_still_is_started_again(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("commerce.cli.system.system_process.NO_ANSWER", Useless("it does not answer", 0.0))
    monkeypatch.setattr("commerce.cli.system.system_process._STOP", ((signal.SIGTERM, 0.2),))
    process = stage.process("saga", SERVES)
    stage.supervisor.await_healthy([("saga", process)], LIMIT_S)
    stage.supervisor.replace_useless()
    before = process.pid
    assert before is not None
    os.kill(before, signal.SIGSTOP)
    stage.supervisor.replace_useless()
    stage.tend_until(lambda: process.pid != before and process.problem() is None)


def test_what_stands_still_as_soon_as_it_is_started_is_waited_for_no_longer(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("commerce.cli.system.system_process._STOP", ((signal.SIGTERM, 0.2),))
    process = stage.process("saga", SERVES)
    assert process.pid is not None
    os.kill(process.pid, signal.SIGSTOP)
    (kept,) = stage.supervisor._kept
    stage.supervisor._judge(kept, NO_ANSWER, kept.started_at + 2)
    assert process.poll() is None
    stage.supervisor._judge(kept, NO_ANSWER, kept.started_at + 2 + NO_ANSWER.after_s)
    assert process.poll() is not None


def test_workers_that_are_not_well_end_nothing_and_are_told_of(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("commerce.cli.system.supervisor.SETTLED_AFTER_S", 0.0)
    well, hopeless = stage.process("saga", SERVES), stage.process("relay", ENDS_AT_ONCE)
    ailing = SystemProcess("seal", SERVES, health="/nowhere", environment=os.environ, log=stage.folder / "seal.log")
    stage.supervisor.start("seal", ailing, stage=0)
    unwell = stage.supervisor.await_settled([("saga", well), ("relay", hopeless), ("seal", ailing)], LIMIT_S)
    assert sorted(unwell) == ["relay", "seal"]
    said = "\n".join(stage.said)
    assert "  relay is NOT well: no way; it is kept running, all else goes on; see" in said
    assert "  seal is NOT well: " in said
    assert "  saga is well at http://127.0.0.1:" in said


def test_a_disk_that_is_full_ends_no_supervisor(stage: Stage) -> None:
    """Neither where it cannot write down what runs, nor where a process cannot be started."""

    def full() -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    process = stage.process("saga", SERVES)
    stage.supervisor.changed = full
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    before = process.pid
    stage.tend_until(lambda: process.pid != before)
    assert "could not be written down: No space left on device" in "".join(stage.said)


def test_a_stop_signal_ends_the_waiting(stage: Stage) -> None:
    stage.process("saga", SERVES)
    with pytest.raises(StopRequested):
        stage.keep_running_for(0.2)


def test_a_log_that_has_grown_large_is_cut(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("commerce.cli.system.supervisor._LOG_BYTES", 100)
    log = stage.folder / "saga.log"
    log.write_text("x" * 200)
    stage.process("saga", SERVES)
    with pytest.raises(StopRequested):
        stage.keep_running_for(0.2)
    assert log.stat().st_size < 100
    assert (stage.folder / "saga.log.1").read_text().startswith("x" * 200)
