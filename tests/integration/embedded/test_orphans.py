"""Nothing is left behind when the process that started the servers is killed, and the next start works on the
same folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from commerce.embedded import EmbeddedPostgres
from tests.waiting import LIMIT_S

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="other systems have no signal for a parent's death")


def runs(pid: int) -> bool:
    """Whether a process runs; one that has ended and waits to be reaped does not."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


def await_ended(pids: list[int], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while any(runs(pid) for pid in pids):
        assert time.monotonic() < deadline, f"{pids} still run"
        time.sleep(0.05)


def test_servers_end_with_a_killed_parent_and_start_again(tmp_path: Path) -> None:
    script = Path(__file__).with_name("stand_in.py")
    environment = {**os.environ, "PYTHONPATH": ":".join(sys.path)}
    with subprocess.Popen([sys.executable, script, tmp_path], stdout=subprocess.PIPE, env=environment) as parent:
        assert parent.stdout is not None
        started = json.loads(parent.stdout.readline())
        with psycopg.connect(started["admin_url"], autocommit=True) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 1 AS n")
            parent.kill()
            parent.wait()
            server = EmbeddedPostgres(tmp_path)
            try:
                with psycopg.connect(server.start()) as again:
                    assert again.execute("SELECT n FROM kept").fetchone() == (1,)
            finally:
                server.stop()
    await_ended(started["pids"], LIMIT_S)
