"""Runs a peer of the saga, a script in `bench/peers`, on a database of its own, and reads the figures that it
prints."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path

from bench.servers import Server

HERE = Path(__file__).parent
PYTHON = HERE.parent / ".venv-peers" / "bin" / "python"
EMPTY = "template0"


async def peer(server: Server, script: str, *arguments: object) -> dict[str, float]:
    """The figures of one run of `bench/peers/SCRIPT.py`."""
    with server.database(EMPTY) as (owner, _):
        process = await asyncio.create_subprocess_exec(
            PYTHON,
            HERE / "peers" / f"{script}.py",
            owner,
            *map(str, arguments),
            stdout=asyncio.subprocess.PIPE,
            stderr=sys.stderr,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        output, _ = await process.communicate()
    if process.returncode:
        raise RuntimeError(f"{script} ended with {process.returncode}")
    figures: dict[str, float] = json.loads(output.splitlines()[-1])
    return figures
