"""The quick part of the fault tests: every place that is patched is still there, and a failpoint kills, once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from tests.faults.harmed import Harm

_ALL_PATCHED = """
import importlib
from pathlib import Path
from tests.faults.harm import failpoints, import_hook, planted_bugs

patches = failpoints.patches(Path("."), "saga")
for bug, places in planted_bugs.BUGS.items():
    patches += [(module, patch) for _, module, patch in places]
import_hook.install(patches)
for name in dict.fromkeys(name for name, _ in patches):
    importlib.import_module(name)
"""
_PASS_A_POINT = """
import asyncio, sys
from uuid import uuid4
from workers.gateways.mail import FileOutbox, Mail
from pathlib import Path

async def put(folder):
    await FileOutbox(Path(folder)).put(Mail(uuid4(), "confirmed", "Subject", "Text", ""))

asyncio.run(put(sys.argv[1]))
"""


def test_every_place_that_is_patched_exists(tmp_path: Path) -> None:
    ran = _python("-c", _ALL_PATCHED, environment={})
    assert ran.returncode == 0, ran.stderr


def test_a_process_dies_at_an_armed_point_and_only_once(tmp_path: Path) -> None:
    harm = Harm(tmp_path / "harm")
    script = tmp_path / "workers.notifications:app"
    script.write_text(_PASS_A_POINT, encoding="utf-8")
    harm.arm(["notifications after mail confirmed"])
    ran = [_python(str(script), str(tmp_path / "mails"), environment=harm.settings) for _ in range(2)]
    assert [each.returncode for each in ran] == [-signal.SIGKILL, 0], ran
    assert harm.fired() == {"notifications after mail confirmed"}
    assert harm.reached() == ["notifications after mail confirmed", "notifications before mail confirmed"]
    assert len(list((tmp_path / "mails").glob("*.txt"))) == 2


def _python(*arguments: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        env={**os.environ, **environment},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
