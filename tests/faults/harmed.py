"""A system whose processes are patched from outside, by the `sitecustomize` of `tests/faults/harm`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from tests.faults import report

_CODE = Path(__file__).parent / "harm"


class Harm:
    """What is done to the processes of one system, by files in a folder that they look at."""

    def __init__(self, folder: Path, *planted: str, clock: str = "") -> None:
        """`planted` names what `harm.planted_bugs` is to patch; processes are started again at once when they end.

        `clock` says by how much the clock of one process is off, as in `saga +1h`.
        """
        (folder / "fired").mkdir(parents=True)
        self._folder = folder
        self.settings = {
            "COMMERCE_FORKS": "false",  # `sitecustomize` is for processes that begin with nothing
            "PYTHONPATH": str(_CODE),
            "FAULTS_FOLDER": str(folder),
            "FAULTS_PLANTED": " ".join(["restarted-at-once", *planted]),
            "FAULTS_SEED": str(report.SEED),
            "FAULTS_CLOCK": clock,
            "FAULTS_FAKETIME": str(report.faketime() or ""),
        }
        """To be added to the environment of the system."""

    def reached(self) -> list[str]:
        """The points that processes have come to, as in `saga before append ordering.OrderConfirmed`."""
        reached = self._folder / "reached"
        return sorted(set(reached.read_text(encoding="utf-8").splitlines())) if reached.exists() else []

    def arm(self, points: Iterable[str]) -> None:
        """From now on the first process that comes to one of these points is killed there."""
        draft = self._folder / "draft"
        draft.write_text("".join(f"{point}\n" for point in points), encoding="utf-8")
        draft.rename(self._folder / "armed")

    def calm(self) -> Counter[str]:
        """A party that misbehaves stops it; what it has done until now."""
        (self._folder / "calm").touch()
        return Counter((self._folder / "misdeeds").read_text(encoding="utf-8").splitlines())

    def fired(self) -> set[str]:
        """The points at which a process was killed."""
        return {path.name for path in (self._folder / "fired").iterdir()}
