"""The table that a run of the fault tests ends with: fault, how it is done, what was counted.

A test is a row by its marker, `@pytest.mark.fault(what, how)`; `agree` counts orders and violations, and a test may
`count` what is its own. `FAULT_RESULTS` names a file that gets the rows as JSON.
"""

from __future__ import annotations

import json
import os
import random
import shutil
from dataclasses import asdict, dataclass, field
from pathlib import Path

TOOLS = {
    "strace": "kills at network calls",
    "libfaketime": "clocks that are off",
    "mount": "a full disk, for which only root can have a small one",
}
"""What faults are done with, and what is left out without each."""

POINTS = os.environ.get("FAULT_POINTS") or "8"
"""How many points of each process are chosen where it can be killed, by the seed; `all` takes a quarter of an hour."""

SEED = int(os.environ.get("FAULT_SEED") or random.randrange(10**6))
"""What is random in a run follows from it."""


@dataclass
class Row:
    """One fault."""

    fault: str
    how: str
    test: str
    outcome: str = "not run"
    seconds: float = 0.0
    counted: dict[str, float] = field(default_factory=dict)


_rows: dict[str, Row] = {}
_present: list[Row] = []


def begin(test: str, fault: str, how: str) -> None:
    """What is counted from now on is this fault's."""
    _rows[test] = Row(fault, how, test)
    _present[:] = [_rows[test]]


def count(**figures: float) -> None:
    """Add to what is counted of the fault whose test runs, if one does."""
    for row in _present:
        for name, figure in figures.items():
            row.counted[name] = row.counted.get(name, 0) + figure


def end(test: str, outcome: str, seconds: float) -> None:
    """Say how the test of a fault ended."""
    if test in _rows:
        _rows[test].outcome, _rows[test].seconds = outcome, seconds


def orders(usual: int) -> int:
    """How many orders a fault is done to: `FAULT_ORDERS`, or as many as is usual for it."""
    return int(os.environ.get("FAULT_ORDERS") or usual)


def faketime() -> Path | None:
    """The library of libfaketime, where the package of that name is installed."""
    return next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)


def present(tool: str) -> bool:
    """Whether this machine has one of `TOOLS`."""
    match tool:
        case "libfaketime":
            return faketime() is not None
        case "mount":
            return os.geteuid() == 0 and shutil.which(tool) is not None
    return shutil.which(tool) is not None


def heading() -> list[str]:
    """The seed, and the tools that are missing."""
    missing = [f"{tool} is missing: left out: {use}" for tool, use in TOOLS.items() if not present(tool)]
    return [f"faults: FAULT_SEED={SEED}", *missing]


def lines() -> list[str]:
    """The table, and the JSON file where one is wanted."""
    rows = list(_rows.values())
    if rows and (path := os.environ.get("FAULT_RESULTS")):
        content = {"seed": SEED, "rows": [asdict(row) for row in rows]}
        Path(path).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    cells = [("fault", "how", "outcome", "counted"), *(_cells(row) for row in rows)] if rows else []
    widths = [max(len(cell[column]) for cell in cells) for column in range(3)] if cells else []
    return [f"{a:<{widths[0]}}  {b:<{widths[1]}}  {c:<{widths[2]}}  {d}" for a, b, c, d in cells]


def _cells(row: Row) -> tuple[str, str, str, str]:
    counted = ", ".join(f"{figure:g} {name.replace('_', ' ')}" for name, figure in row.counted.items())
    return row.fault, row.how, f"{row.outcome}, {row.seconds:.0f} s", counted
