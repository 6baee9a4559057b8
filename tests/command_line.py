"""The `commerce` command in a test: within its process, which saves the start of one, and as a process of its own."""

from __future__ import annotations

import asyncio
import io
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from unittest.mock import patch

from commerce.cli.main import main
from tests.waiting import LIMIT_S

Ended = subprocess.CompletedProcess[str]


async def commerce(*words: str) -> Ended:
    """Run a command to its end in a thread, one at a time; what the test itself serves goes on meanwhile."""
    return await asyncio.to_thread(commerce_here, *words)


def commerce_here(*words: str) -> Ended:
    """Run a command to its end."""
    code: object = None
    with (
        patch.object(sys, "argv", ["commerce", *words]),
        redirect_stdout(io.StringIO()) as output,
        redirect_stderr(io.StringIO()) as errors,
    ):
        try:
            main()
        except SystemExit as ended:
            code = ended.code
    assert isinstance(code, int)
    return Ended(words, code, output.getvalue(), errors.getvalue())


async def commerce_process(*words: str) -> Ended:
    """Run a command to its end as an operator does, where the process itself is in question."""
    command = [sys.executable, "-m", "commerce.cli.main", *words]
    return await asyncio.to_thread(
        subprocess.run, command, capture_output=True, encoding="utf-8", timeout=LIMIT_S, check=False
    )
