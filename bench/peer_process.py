"""Runs what a peer does in its own way: a script of `bench/peers`, with the environment that is the peers' own."""

from __future__ import annotations

import asyncio
from asyncio.subprocess import PIPE
from pathlib import Path

_HERE = Path(__file__).parent
PYTHON = _HERE.parent / ".venv-peers" / "bin" / "python"


async def figure_of(script: str, *arguments: object) -> float:
    """The figure that a script prints."""
    command = [str(PYTHON), str(_HERE / "peers" / script), *map(str, arguments)]
    process = await asyncio.create_subprocess_exec(*command, stdout=PIPE)
    printed, _ = await process.communicate()
    if process.returncode:
        raise RuntimeError(f"{script} ended with exit code {process.returncode}")
    return float(printed)
