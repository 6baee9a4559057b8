"""Runs a command whose output nobody reads, as `head` leaves it once it has seen enough."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping

from tests.waiting import LIMIT_S


def unread(*arguments: str, environment: Mapping[str, str] | None = None) -> tuple[int, str]:
    """Run `commerce` with its standard output closed at the other end; answers exit code and standard error."""
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "commerce.cli.main", *arguments]
    try:
        ended = subprocess.run(
            command, env=environment, stdout=writer, stderr=subprocess.PIPE, text=True, check=False, timeout=LIMIT_S
        )
    finally:
        os.close(writer)
    return ended.returncode, ended.stderr
