"""Compares what was decided about one order with what this code decides on the same inputs; pure.

Each input is decided on the process and the order as they stood when it was decided on: what was recorded then, and not
what this code would have decided before.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import cast
from uuid import UUID

from commerce.eventstore import Event, Recorded
from commerce.ordering import order as ordering
from commerce.ordering.order import Order
from commerce.saga.case_events import CaseAssigned, CaseNoted, CaseResolved
from commerce.saga.decide import TOPICS, react
from commerce.saga.events import DeadlinePassed, DeadlineSet, ProcessEvent, ProcessStarted
from commerce.saga.intervention_events import Intervened
from commerce.saga.limits import ProcessLimits
from commerce.saga.order_commands import handle_order_commands
from commerce.saga.process import Process, evolve
from commerce.saga.reconciliation_events import LedgerAgreed, LedgerDiffered
from commerce.values import ids

_BY_OTHERS = frozenset(
    kind.TOPIC
    for kind in (
        DeadlinePassed,
        CaseAssigned,
        CaseNoted,
        CaseResolved,
        Intervened,
        LedgerDiffered,
        LedgerAgreed,
    )
)
"""What others append to a process's stream: inputs, and nothing that was decided."""
_PLACE = {"originator_id", "originator_version"}
_ANY_LIMITS = ProcessLimits()
"""They say when a deadline is due, and whether one is set, which is not compared."""


@dataclass(frozen=True, slots=True)
class DecidedEvent:
    """What a decision says in one event."""

    topic: str
    data: dict[str, object]


@dataclass(frozen=True, slots=True)
class DecisionDifference:
    """An input on which this code decides otherwise than was decided."""

    order_id: UUID
    position: int
    """Where the input stands in the log."""
    topic: str
    recorded: list[DecidedEvent]
    now: list[DecidedEvent]
    problem: str | None = None
    """Why this code decides nothing: the error that it raises."""


@dataclass(frozen=True, slots=True)
class _Decision:
    """What was recorded as following from one input."""

    on_process: Sequence[Recorded]
    on_order: Sequence[Recorded]

    @property
    def events(self) -> list[Event]:
        return _compared([recorded.event for recorded in (*self.on_process, *self.on_order)])


class OrderDecisions:
    """One order's inputs, and what was decided on each, as the log has them; `history` is in log order.

    Raises what reading an event raises.
    """

    def __init__(self, order_id: UUID, history: Sequence[Recorded]) -> None:
        self.order_id = order_id
        self.inputs = [recorded for recorded in history if recorded.topic in TOPICS]
        process_id = ids.process_id(order_id)
        self._on_process = [recorded for recorded in history if recorded.stream == process_id]
        self._on_order = [recorded for recorded in history if recorded.stream == order_id]
        self._processes: list[Process | None] = [None]
        for recorded in self._on_process:
            self._processes.append(evolve(self._processes[-1], cast(ProcessEvent, recorded.event)))
        self._orders: list[Order | None] = [None]
        for recorded in self._on_order:
            self._orders.append(ordering.evolve(self._orders[-1], recorded.event))
        self._decided = self._by_cause()

    @property
    def deadlines(self) -> int:
        """How many deadlines were set."""
        return sum(recorded.topic == DeadlineSet.TOPIC for recorded in self._on_process)

    def has_decided(self, given: Recorded) -> bool:
        """Whether something is on record as following from an input."""
        return given.position in self._decided

    def difference(self, given: Recorded) -> DecisionDifference | None:
        """How this code decides otherwise on an input; none where it decides the same.

        Where the log does not say whether what others appended meanwhile was known, both are tried.
        """
        recorded = self._decided.get(given.position, _Decision((), ()))
        first: DecisionDifference | None = None
        for process, order in product(self._process_versions(given, recorded), self._order_versions(given, recorded)):
            found = self._difference(given, recorded.events, self._processes[process], self._orders[order])
            if found is None:
                return None
            first = first or found
        return first

    def _difference(
        self, given: Recorded, recorded: list[Event], process: Process | None, order: Order | None
    ) -> DecisionDifference | None:
        problem = None
        now: list[Event] = []
        try:
            reaction = react(process, given.event, given.recorded_at, _ANY_LIMITS, self._definition())
            _, order_events = handle_order_commands(order, reaction.commands)
            now = _compared([*reaction.events, *order_events])
        except Exception as error:  # noqa: BLE001 (whatever this code does is what is to be told)
            problem = f"{type(error).__name__}: {error}"
        if problem is None and list(map(_said, now)) == list(map(_said, recorded)):
            return None
        shown = [[DecidedEvent(*_shown(event)) for event in events] for events in (recorded, now)]
        return DecisionDifference(self.order_id, given.position, given.topic, shown[0], shown[1], problem)

    def _definition(self) -> int | None:
        """The one that the process began with, so that a newer one is no difference."""
        started = self._on_process[0].event if self._on_process else None
        return started.definition if isinstance(started, ProcessStarted) else None

    def _by_cause(self) -> dict[int, _Decision]:
        caused: dict[int, tuple[list[Recorded], list[Recorded]]] = defaultdict(lambda: ([], []))
        for which, stream in enumerate((self._on_process, self._on_order)):
            for recorded in stream:
                if recorded.causation_id is not None and recorded.topic not in _BY_OTHERS:
                    caused[recorded.causation_id][which].append(recorded)
        return {position: _Decision(*decided) for position, decided in caused.items()}

    def _process_versions(self, given: Recorded, recorded: _Decision) -> Sequence[int]:
        """The versions of the process that the input may have been decided on, the likeliest first."""
        return possible_versions(given.position, self._on_process, recorded.on_process, recorded.on_order)

    def _order_versions(self, given: Recorded, recorded: _Decision) -> Sequence[int]:
        return possible_versions(given.position, self._on_order, recorded.on_order, recorded.on_process)


def possible_versions(
    position: int, stream: Sequence[Recorded], decided: Sequence[Recorded], beside: Sequence[Recorded]
) -> Sequence[int]:
    """Which versions of a stream a decision may have been made on.

    What it appended there says which. Else it was one after all that stood there before the input or follows from
    earlier inputs, and before what was decided later.
    """
    if decided:
        return (decided[0].originator_version - 1,)
    until = beside[0].position if beside else None
    low = high = 0
    for recorded in stream:
        by_others = recorded.causation_id is None or recorded.topic in _BY_OTHERS
        is_before = recorded.position <= position if by_others else cast(int, recorded.causation_id) < position
        if is_before:
            low = high = recorded.originator_version
        elif by_others and high == recorded.originator_version - 1 and (until is None or recorded.position < until):
            high = recorded.originator_version
    return range(low, high + 1)


def _compared(events: Sequence[Event]) -> list[Event]:
    """Without deadlines: when they are due, and whether a step has one, is for the settings to say."""
    return [event for event in events if not isinstance(event, DeadlineSet)]


def _said(event: Event) -> tuple[str, dict[str, object]]:
    return event.TOPIC, {name: value for name, value in event if name not in _PLACE}


def _shown(event: Event) -> tuple[str, dict[str, object]]:
    return event.TOPIC, event.model_dump(mode="json", exclude=_PLACE)
