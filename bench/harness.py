"""How contenders are compared: they take turns, the medians of their rounds count; out come a table and a JSON file."""

from __future__ import annotations

import json
import os
import platform
import sysconfig
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Literal

from rich.console import Console
from rich.table import Table

ROUNDS = 3
"""How often each contender has its turn, at least."""

RESULTS = Path(__file__).parent / "results"
OURS = "commerce"

Measure = Callable[[], Awaitable[float]]
"""Does the work once, and answers its figure in the unit of the case."""


@dataclass(frozen=True, slots=True)
class Target:
    """What the ratio of our figure to a peer's is to be: at least (`>=`) or at most (`<=`) so much."""

    peer: str
    relation: Literal[">=", "<="]
    ratio: float

    def reached(self, ratio: float) -> bool:
        """Whether a ratio is good enough."""
        return ratio >= self.ratio if self.relation == ">=" else ratio <= self.ratio


@dataclass(frozen=True, slots=True)
class Line:
    """One comparison of us with one peer: medians, and every single figure that they are medians of."""

    case: str
    unit: str
    peer: str
    peer_figure: float
    our_figure: float
    ratio: float
    target: str
    reached: bool | None
    peer_rounds: Sequence[float]
    our_rounds: Sequence[float]


@dataclass(slots=True)
class Report:
    """What one benchmark found."""

    benchmark: str
    lines: list[Line] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    async def compare(
        self,
        case: str,
        unit: str,
        ours: Measure,
        peers: Mapping[str, Measure],
        *,
        targets: Sequence[Target] = (),
        rounds: int = ROUNDS,
    ) -> None:
        """Let us and the peers take turns, `rounds` times, and note how we compare with each.

        A figure is whatever `unit` says (commands/s, µs, MiB); the ratio is always ours divided by the peer's.
        """
        contenders = {OURS: ours, **peers}
        figures: dict[str, list[float]] = {name: [] for name in contenders}
        for number in range(rounds):
            for name, measure in contenders.items():
                figures[name].append(await measure())
                print(
                    f"  {self.benchmark}, {case}: round {number + 1}, {name}: {figures[name][-1]:,.1f} {unit}",
                    flush=True,
                )
        for peer in peers:
            self.note(case, unit, peer=peer, peer_rounds=figures[peer], our_rounds=figures[OURS], targets=targets)

    def note(
        self,
        case: str,
        unit: str,
        *,
        peer: str,
        peer_rounds: Sequence[float],
        our_rounds: Sequence[float],
        targets: Sequence[Target] = (),
    ) -> None:
        """Add the line that these rounds make; for benchmarks whose rounds are not `compare`'s."""
        theirs, own = median(peer_rounds), median(our_rounds)
        ratio = own / theirs
        target = next((each for each in targets if each.peer == peer), None)
        self.lines.append(
            Line(
                case=case,
                unit=unit,
                peer=peer,
                peer_figure=theirs,
                our_figure=own,
                ratio=ratio,
                target="" if target is None else f"{target.relation} {target.ratio:g}",
                reached=None if target is None else target.reached(ratio),
                peer_rounds=peer_rounds,
                our_rounds=our_rounds,
            )
        )

    def show(self) -> None:
        """Print the table."""
        table = Table(title=f"bench {self.benchmark}")
        for column in ("case", "peer", "unit"):
            table.add_column(column)
        for column in ("peer's", "ours", "ratio", "to reach"):
            table.add_column(column, justify="right")
        table.add_column("reached")
        for line in self.lines:
            verdict = "" if line.reached is None else "yes" if line.reached else "NO"
            figures = (f"{line.peer_figure:,.1f}", f"{line.our_figure:,.1f}", f"{line.ratio:.2f}")
            table.add_row(line.case, line.peer, line.unit, *figures, line.target, verdict)
        console = Console(width=150)
        console.print(table)
        for note in self.notes:
            console.print(f"- {note}", highlight=False)

    def save(self) -> Path:
        """Write `bench/results/<benchmark>.json`."""
        RESULTS.mkdir(exist_ok=True)
        path = RESULTS / f"{self.benchmark}.json"
        content = {"benchmark": self.benchmark, "machine": _machine(), "notes": self.notes}
        lines = [asdict(line) for line in self.lines]
        path.write_text(json.dumps({**content, "lines": lines}, indent=2) + "\n", encoding="utf-8")
        return path


def _machine() -> dict[str, object]:
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "cores": os.cpu_count(),
        "processor": platform.machine(),
        "python": platform.python_version(),
        "python_is_a_shared_library": bool(sysconfig.get_config_var("Py_ENABLE_SHARED")),
        "load_average_at_the_end": os.getloadavg(),
    }
