#!/usr/bin/env python3
"""Names the packages of requirements.lock that have known vulnerabilities, as pip-audit knows them. A warning: it never
fails, and without the database, or in more than a minute, it says so in one line."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

LOCK = Path(__file__).parents[1] / "requirements.lock"
PIP_AUDIT = (sys.executable, "-m", "pip_audit")
LIMIT_S = 60.0


def warnings(pip_audit: Sequence[str], lock: Path, limit_s: float) -> list[str]:
    """What is to be said, a line for each vulnerability; one line for what could not be looked up, or where there is
    nothing to say."""
    command = [*pip_audit, "--requirement", str(lock), "--disable-pip", "--progress-spinner=off", "--format=json"]
    try:
        done = subprocess.run(command, check=False, capture_output=True, encoding="utf-8", timeout=limit_s)
    except subprocess.TimeoutExpired:
        return [f"pip-audit: not checked: no answer within {limit_s:.0f} s"]
    try:
        packages = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError, TypeError):
        said = done.stderr.strip().splitlines() or [f"it ended with {done.returncode}"]
        return [f"pip-audit: not checked: {said[-1][:200]}"]
    found = [line for package in packages for line in _open(package)]
    skipped = [package for package in packages if "skip_reason" in package]
    if skipped:
        first = skipped[0]
        found.append(
            f"pip-audit: not checked: {len(skipped)} of {len(packages)} packages, such as {first['name']}:"
            f" {first['skip_reason']}"
        )
    return found or [f"pip-audit: nothing is known against the {len(packages)} packages of {lock.name}"]


def _open(package: dict[str, Any]) -> Iterator[str]:
    for each in package.get("vulns", []):
        fixed = ", ".join(each["fix_versions"]) or "no version yet"
        yield f"pip-audit: WARNING: {package['name']} {package['version']} has {each['id']}; fixed in {fixed}"


if __name__ == "__main__":
    print(*warnings(PIP_AUDIT, LOCK, LIMIT_S), sep="\n")
