"""Load from processes of their own: they get ready, begin at one signal, and each says in JSON what it did.

A program of load takes its options as one argument in JSON, writes the line `ready`, waits for a line, does its work,
and writes what it found as the last line.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).resolve().parents[1]
_PEERS = _ROOT / "bench" / "peers"
_LONGEST = 180.0

Options = Mapping[str, Any]
Program = Sequence[str]


def own(module: str) -> Program:
    """A program of load that uses the product: `python -m bench.<module>`."""
    return [sys.executable, "-m", f"bench.{module}"]


def peer(script: str) -> Program:
    """A program of load in the peers' environment: `bench/peers/<script>`."""
    return [str(_ROOT / ".venv-peers" / "bin" / "python"), str(_PEERS / script)]


async def load(program: Program, options: Options, processes: int = 1) -> list[dict[str, Any]]:
    """Run a program in so many processes, which all begin at once; answers what each found."""
    started = [await _start(program, options) for _ in range(processes)]
    try:
        async with asyncio.timeout(_LONGEST):
            await asyncio.gather(*(_said(process, b"ready\n") for process in started))
            results = [process.communicate(b"go\n") for process in started]
            return [json.loads(output.splitlines()[-1]) for output, _ in await asyncio.gather(*results)]
    finally:
        for process in started:
            if process.returncode is None:
                process.kill()


@asynccontextmanager
async def beside(program: Program, options: Options) -> AsyncIterator[list[dict[str, Any]]]:
    """A program of load at its work while the block runs; after it the list has what it found.

    It writes `at work` once it is, and ends at a second line.
    """
    found: list[dict[str, Any]] = []
    process = await _start(program, options)
    try:
        async with asyncio.timeout(_LONGEST):
            await _said(process, b"ready\n")
            assert process.stdin is not None
            process.stdin.write(b"go\n")
            await _said(process, b"at work\n")
            yield found
            output, _ = await process.communicate(b"stop\n")
            found.append(json.loads(output.splitlines()[-1]))
    finally:
        if process.returncode is None:
            process.kill()


async def _start(program: Program, options: Options) -> Process:
    environment = {**os.environ, "PYTHONPATH": f"{_ROOT / 'src'}{os.pathsep}{_ROOT}"}
    return await asyncio.create_subprocess_exec(
        *program, json.dumps(options), stdin=PIPE, stdout=PIPE, cwd=_ROOT, env=environment
    )


async def _said(process: Process, wanted: bytes) -> None:
    assert process.stdout is not None
    while (line := await process.stdout.readline()) != wanted:
        if not line:
            raise RuntimeError(f"a program of load ended before it said {wanted.decode().strip()!r}")
