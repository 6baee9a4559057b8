"""Checks the processes of `run.json`: each is alive and well."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from commerce.cli.checks.finding import OUTSIDE, Finding, ok, problem
from commerce.embedded.probe import ask

CHECK = "processes"
_HEALTH = {"api": "/health/ready", "nats": "/healthz"}
_TIMEOUT_S = 5.0
"""A health check takes up to 2 s itself."""


@dataclass(frozen=True, slots=True)
class Examined:
    """A process: whether it lives, and what it says is wrong (None: it does not answer)."""

    name: str
    alive: bool
    problems: Mapping[str, str] | None


def examine(processes: Sequence[Mapping[str, Any]]) -> list[Examined]:
    """Ask all at once."""
    if not processes:
        return []
    with ThreadPoolExecutor(len(processes)) as pool:
        return list(pool.map(_examine, processes))


def _examine(process: Mapping[str, Any]) -> Examined:
    name, url = str(process.get("name")), process.get("url")
    alive = _lives(process.get("pid"))
    if not alive or not url:
        return Examined(name, alive, {})
    parts = urlsplit(str(url))
    answer = ask(parts.hostname or "", parts.port or 80, f"{parts.path}{_health(name)}", _TIMEOUT_S)
    return Examined(name, alive, None if answer is None else _problems(*answer))


def _health(name: str) -> str:
    return _HEALTH.get(name.partition("-")[0], "/health")


def _lives(pid: object) -> bool:
    if not isinstance(pid, int) or pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # somebody else's, and alive
        pass
    return True


def _problems(status: int, text: str) -> Mapping[str, str]:
    if status == 200:
        return {}
    try:
        said = json.loads(text).get("problems")
    except (ValueError, AttributeError, RecursionError):
        said = None
    return said if isinstance(said, dict) and said else {"health": f"status {status}"}


def judge_processes(examined: Sequence[Examined], logs: str) -> list[Finding]:
    """One line for each that is not well."""
    if not examined:
        return [ok(CHECK, "none was started by `commerce up` here; see `workers` for those that run elsewhere")]
    found = [finding for one in examined for finding in _judge(one, f"see {logs}/{one.name}.log")]
    return found or [ok(CHECK, f"all {len(examined)} are well: {', '.join(one.name for one in examined)}")]


def _judge(one: Examined, remedy: str) -> Iterable[Finding]:
    if one.name == "nats" and one.alive and one.problems != {}:
        again = "`commerce up` starts it again within a minute, once its disk has room: make room; else restart it"
        remedy = f"{again}; {remedy}"
    if not one.alive:
        yield problem(CHECK, f"{one.name} does not run", f"`commerce up` starts it; {remedy}")
    elif one.problems is None:
        yield problem(CHECK, f"{one.name} does not answer", remedy)
    else:
        for part, said in one.problems.items():
            yield problem(CHECK, f"{one.name}: {part}: {said}", OUTSIDE.get(part, remedy))
