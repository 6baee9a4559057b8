"""A decision of the process manager in the making: the events and commands that follow from one event."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from commerce.eventstore import in_stream
from commerce.saga.case_events import CaseKind, CaseOpened
from commerce.saga.events import DeadlineSet, ProcessEvent
from commerce.saga.limits import ProcessLimits
from commerce.saga.order_commands import OrderCommand
from commerce.saga.process import DISPATCH_DEADLINE, ORDER_DEADLINE, Deadline, Process, evolve
from commerce.saga.request_events import StepName
from commerce.saga.step_definition import Occurrence


@dataclass(frozen=True, slots=True)
class Reaction:
    """What follows from one event: the process's own events, then commands towards the order, in this order."""

    events: Sequence[ProcessEvent] = ()
    commands: Sequence[OrderCommand] = ()
    process: Process | None = None
    """The process after these events."""


NOTHING = Reaction()
"""An event that was handled before, came late, or is not this process's: nothing new."""


class ProcessDecision:
    """A reaction in the making: each event is decided on the process that the events before it left.

    `at` is when the event was recorded that is decided on; deadlines are set from it.
    """

    def __init__(
        self, process: Process, at: datetime, limits: ProcessLimits, events: Sequence[ProcessEvent] = ()
    ) -> None:
        self.process = process
        self.limits = limits
        self.at = at
        self._events = list(events)
        self._commands: list[OrderCommand] = []

    def add(self, event: ProcessEvent) -> None:
        """Record the next event."""
        self._events += in_stream([event], self.process.id, after=self.process.version)
        self.process = evolve(self.process, event)

    def command(self, *commands: OrderCommand) -> None:
        """Have the order's rules decide on these, after the process's own events."""
        self._commands += commands

    def set_deadline(self, name: str, after: timedelta) -> None:
        """Look again then, and not at the deadline there was before."""
        self.add(DeadlineSet(order_id=self.process.order_id, name=name, due_at=self.at + after))

    def await_step(self, name: StepName) -> None:
        """Look again when the step that was just asked for has had its time, or the order, whichever is sooner."""
        due_at, now, limit = self.process.order_due_at, self.process.deadline, self.limits.steps.get(name)
        if not self.limits.steps or due_at is None:
            return
        if limit is not None and self.at + limit < due_at:
            self.set_deadline(name, limit)
        elif now != Deadline(ORDER_DEADLINE, due_at):
            self.add(DeadlineSet(order_id=self.process.order_id, name=ORDER_DEADLINE, due_at=due_at))

    def await_order(self) -> None:
        """Look again when the order has had its time, where nothing else is set."""
        if self.process.deadline is None and self.process.order_due_at is not None:
            due_at = self.process.order_due_at
            self.add(DeadlineSet(order_id=self.process.order_id, name=ORDER_DEADLINE, due_at=due_at))

    def await_dispatch(self) -> None:
        """Look again when the shipment should have left, where a setting says by when."""
        if self.limits.dispatch is not None:
            self.set_deadline(DISPATCH_DEADLINE, self.limits.dispatch)

    def ask(self, asked: Occurrence) -> None:
        """Issue a command to another part."""
        request = self.process.defined.request_named(asked)
        self.add(request.issued(self.process, self.process.request_id(asked)))

    def open_case(self, kind: CaseKind, detail: str, *, outlasts_undoing: bool = False) -> None:
        """A person has to look."""
        order_id = self.process.order_id
        self.add(CaseOpened(order_id=order_id, kind=kind, detail=detail, outlasts_undoing=outlasts_undoing))

    def open_case_unless_last(self, kind: CaseKind, detail: str, *, outlasts_undoing: bool = False) -> None:
        """A person has to look, unless that is what was told last.

        Orders of old logs were decided so, and are decided so again; what is new takes `open_case_once`.
        """
        if self.process.case != detail:
            self.open_case(kind, detail, outlasts_undoing=outlasts_undoing)

    def open_case_once(self, kind: CaseKind, detail: str, *, outlasts_undoing: bool = False) -> None:
        """A person has to look, and is told once for as long as that is open, whatever else is opened meanwhile."""
        if (kind, detail) not in [(case.kind, case.detail) for case in self.process.cases]:
            self.open_case(kind, detail, outlasts_undoing=outlasts_undoing)

    def reaction(self) -> Reaction:
        """What was decided; `NOTHING` where nothing was."""
        if not self._events and not self._commands:
            return NOTHING
        return Reaction(tuple(self._events), tuple(self._commands), self.process)
