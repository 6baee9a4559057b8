"""The audit of dependencies names what is open, and is a warning whatever happens."""

from __future__ import annotations

import json
import runpy
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
AUDIT = runpy.run_path(str(ROOT / "scripts" / "audit.py"))


def said(program: str, limit_s: float = 60.0) -> list[str]:
    """What is said where pip-audit does this."""
    found: list[str] = AUDIT["warnings"]((sys.executable, "-c", program), ROOT / "requirements.lock", limit_s)
    return found


def report(*packages: dict[str, Any]) -> str:
    """A program that reports as pip-audit does; it ends with 1, also where it found something."""
    text = json.dumps({"dependencies": packages, "fixes": []})
    return f"import sys; print({text!r}); print('Found some', file=sys.stderr); sys.exit(1)"


def test_each_vulnerability_is_named_with_what_ends_it() -> None:
    flaws = [{"id": "CVE-2026-1", "fix_versions": ["2.1", "3.0"]}, {"id": "PYSEC-7", "fix_versions": []}]
    assert said(report({"name": "parser", "version": "2.0", "vulns": flaws}, {"name": "fine", "version": "1"})) == [
        "pip-audit: WARNING: parser 2.0 has CVE-2026-1; fixed in 2.1, 3.0",
        "pip-audit: WARNING: parser 2.0 has PYSEC-7; fixed in no version yet",
    ]


def test_what_could_not_be_looked_up_is_one_line() -> None:
    unknown = [{"name": name, "skip_reason": "is on no index"} for name in ("own", "other")]
    flaw = {"id": "PYSEC-7", "fix_versions": []}
    assert said(report(*unknown, {"name": "parser", "version": "2.0", "vulns": [flaw]})) == [
        "pip-audit: WARNING: parser 2.0 has PYSEC-7; fixed in no version yet",
        "pip-audit: not checked: 2 of 3 packages, such as own: is on no index",
    ]


@pytest.mark.parametrize(
    ("program", "limit_s", "why"),
    [
        ("import sys; print('a trace', file=sys.stderr); sys.exit('no route to host')", 60.0, "no route to host"),
        ("raise SystemExit(3)", 60.0, "it ended with 3"),
        ("print('[]')", 60.0, "it ended with 0"),
        ("import time; time.sleep(60)", 0.3, "no answer within 0 s"),
    ],
)
def test_without_the_database_one_line_says_so(program: str, limit_s: float, why: str) -> None:
    assert said(program, limit_s) == [f"pip-audit: not checked: {why}"]


def test_nothing_known_is_said_too() -> None:
    assert said(report({"name": "fine", "version": "1", "vulns": []})) == [
        "pip-audit: nothing is known against the 1 packages of requirements.lock"
    ]
