"""Walks the present code from situation to situation, and writes down what it decides in each on every input."""

from __future__ import annotations

import json
import sys
from collections import deque
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace

from commerce.eventstore import Event
from commerce.saga.limits import ProcessLimits
from commerce.saga.process import Process
from tests.unit.saga.histories import people
from tests.unit.saga.histories.alphabet import ORDERS, ORDINARY, extraordinary
from tests.unit.saga.histories.shape import (
    NOTHING,
    PEOPLE,
    RECORDED,
    Decided,
    Input,
    Recording,
    outcome,
    stored,
    write_recording,
)
from tests.unit.saga.inputs import LATER, LIMITS, START

MOST_EXTRAORDINARY = 2
"""Inputs out of the ordinary on the way to a situation that is looked at."""

MOST_OVERDUE = 1


@dataclass
class Walk:
    """Breadth first, so that a situation is looked at by its shortest way."""

    inputs: list[Input]
    ordinary: int
    recording: Recording
    limits: ProcessLimits
    situations: list[tuple[Process | None, int]] = field(default_factory=list)
    numbers: dict[str, int] = field(default_factory=dict)
    decisions: dict[str, int] = field(default_factory=dict)

    def run(self) -> None:
        """Look at every situation within the bounds."""
        self._number(None, 0)
        queue = deque([0])
        while queue:
            number = queue.popleft()
            edges, reached = self._edges(number)
            assert len(self.recording["edges"]) == number
            self.recording["edges"].append(edges)
            queue.extend(reached)

    def _edges(self, number: int) -> tuple[list[tuple[int, int, int]] | None, list[int]]:
        """What follows from each input in a situation, and the situations that are new with that."""
        process, deviations = self.situations[number]
        if deviations > MOST_EXTRAORDINARY or (process is not None and process.overdue > MOST_OVERDUE):
            return None, []
        edges, reached = [], []
        for which, input_ in enumerate(self.inputs):
            found = outcome(process, input_, self.limits)
            if found.decided == NOTHING and found.process == process:
                continue
            known = len(self.situations)
            after = self._number(found.process, deviations + (which >= self.ordinary))
            reached += [after] if after == known else []
            edges.append((which, self._decision(found.decided), after))
        return edges, reached

    def _number(self, process: Process | None, deviations: int) -> int:
        key = repr(None) if process is None else repr(_plain(replace(process, version=0)))
        if key not in self.numbers:
            self.numbers[key] = len(self.situations)
            self.situations.append((process, deviations))
        return self.numbers[key]

    def _decision(self, decided: Decided) -> int:
        key = json.dumps(decided)
        if key not in self.decisions:
            self.decisions[key] = len(self.recording["decisions"])
            self.recording["decisions"].append(decided)
        return self.decisions[key]


def _plain(process: Process) -> list[tuple[str, object]]:
    """The state in an order that does not depend on the hash of a text."""
    return [(name, sorted(value) if isinstance(value, frozenset) else value) for name, value in asdict(process).items()]


def record(
    orders: Iterable[Event], ordinary: Iterable[Event], others: Iterable[Event], limits: ProcessLimits
) -> Recording:
    """All that is within the bounds."""
    usual = [stored(order, START) for order in orders] + [stored(event, LATER) for event in ordinary]
    inputs = usual + [stored(event, LATER) for event in others]
    walk = Walk(inputs, len(usual), Recording(inputs=inputs, decisions=[], edges=[]), limits)
    walk.run()
    return walk.recording


if __name__ == "__main__":
    if "recorded" in sys.argv:
        write_recording(RECORDED, record(ORDERS, ORDINARY, extraordinary(), LIMITS))
    if "people" in sys.argv:
        write_recording(PEOPLE, record(ORDERS[:1], people.USUAL, people.unusual(), people.LIMITS))
