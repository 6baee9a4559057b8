"""Forks of a prepared process are what `python -m …` would be, and children of whoever asked for them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from commerce.embedded.child import end
from commerce.forks.child import ForkedChild
from commerce.forks.server import IS_POSSIBLE, ForkServer
from commerce.values.errors import Unavailable
from tests.integration.embedded.test_orphans import await_ended
from tests.waiting import LIMIT_S

pytestmark = pytest.mark.skipif(not IS_POSSIBLE, reason="other systems have no adopted children")

TELLS = """
import json, os, sys, prepared_here
def tell():
    print(json.dumps({
        "argv": sys.argv[1:], "name": __name__, "environment": dict(os.environ), "folder": os.getcwd(),
        "parent": os.getppid(), "session": os.getsid(0), "here": prepared_here.PID,
    }))
tell()
if sys.argv[1:] == ["waits"]:
    import signal
    signal.pause()
sys.exit(7)
"""
STARTS = """
import os, signal, sys
from pathlib import Path
from commerce.forks.server import ForkServer
here = Path.cwd()
server = ForkServer(["prepared_here"], here)
child = server.start("tells", ["waits"], log=here / "tells.log", environment=os.environ, folder=here)
print(server.pid, child.pid, flush=True)
signal.pause()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a module to prepare, and a program."""
    (tmp_path / "prepared_here.py").write_text("import os\nPID = os.getpid()\n")
    (tmp_path / "tells.py").write_text(TELLS)
    return tmp_path


@pytest.fixture
def server(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ForkServer]:
    """A server in the folder, made where the environment has a secret."""
    monkeypatch.setenv("COMMERCE_STRIPE_API_KEY", "sk_test_secret")
    monkeypatch.setenv("PGPASSWORD", "sesame")
    server = ForkServer(["prepared_here"], folder)
    yield server
    server.stop()


def start(server: ForkServer, folder: Path, *arguments: str, **environment: str) -> ForkedChild:
    return server.start("tells", arguments, log=folder / "tells.log", environment=environment, folder=folder / "tells")


def test_a_fork_is_what_the_command_would_be_and_our_own_child(server: ForkServer, folder: Path) -> None:
    (folder / "tells").mkdir()
    child = start(server, folder, "a b", "ä", NAME="\udcff", SECRET="sesame")
    assert child.wait(LIMIT_S) == 7
    assert child.poll() == 7
    told = json.loads((folder / "tells.log").read_text())
    assert told == {
        "argv": ["a b", "ä"],
        "name": "__main__",
        "environment": {"NAME": "\udcff", "SECRET": "sesame"},
        "folder": str(folder / "tells"),
        "parent": os.getpid(),
        "session": child.pid,
        "here": server.pid,
    }
    assert (folder / "tells.log").stat().st_mode & 0o777 == 0o600


def test_signals_reach_a_fork_which_has_its_own_name_and_no_secret_to_be_seen(server: ForkServer, folder: Path) -> None:
    (folder / "tells").mkdir()
    child = start(server, folder, "waits", SECRET="sesame")
    assert child.poll() is None
    with pytest.raises(subprocess.TimeoutExpired):
        child.wait(0.0)
    log = folder / "tells.log"
    while not (log.exists() and log.read_text()):
        assert child.poll() is None
    assert Path(f"/proc/{child.pid}/cmdline").read_bytes().rstrip(b"\0").decode() == f"{sys.executable} -m tells waits"
    for pid in (server.pid, child.pid):
        seen = Path(f"/proc/{pid}/environ").read_bytes()
        assert b"sesame" not in seen
        assert b"sk_test" not in seen
    end(child, (signal.SIGTERM, LIMIT_S))
    assert child.poll() == -signal.SIGTERM
    child.kill()


def test_forks_live_on_without_the_prepared_process_and_the_next_has_another(server: ForkServer, folder: Path) -> None:
    (folder / "tells").mkdir()
    first, before = start(server, folder, "waits"), server.pid
    assert before is not None
    os.kill(before, signal.SIGKILL)
    second = start(server, folder)
    assert second.wait(LIMIT_S) == 7
    assert server.pid != before
    assert first.poll() is None
    server.stop()
    assert first.poll() is None
    end(first)
    assert first.poll() == -signal.SIGKILL


def test_all_end_with_the_process_that_asked_for_them(folder: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": ":".join(sys.path)}
    with subprocess.Popen([sys.executable, "-c", STARTS], cwd=folder, stdout=subprocess.PIPE, env=environment) as asks:
        assert asks.stdout is not None
        pids = [int(pid) for pid in asks.stdout.readline().split()]
        asks.kill()
    await_ended(pids, LIMIT_S)


def test_what_cannot_be_imported_is_said(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    server = ForkServer(["nowhere"], folder)
    with pytest.raises(Unavailable, match="the process that others are forked from cannot start, and has said why"):
        start(server, folder)
    assert "ModuleNotFoundError: No module named 'nowhere'" in capfd.readouterr().err
    server.stop()
