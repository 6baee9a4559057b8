"""`commerce retention`: what is kept how long, and the removal of what is older."""

from __future__ import annotations

import subprocess
import sys
from typing import Annotated

import typer

_JOB = [sys.executable, "-P", "-m", "workers.privacy"]
"""A process of its own, as it uses what the workers do; `-P`: none of the folder that it is run in."""


def retention(*, apply: Annotated[bool, typer.Option("--apply", help="Remove what is older now.")] = False) -> int:
    """Show what is kept how long, and how much is older; without --apply nothing is changed."""
    return subprocess.run([*_JOB, *(["--apply"] if apply else [])], check=False).returncode
