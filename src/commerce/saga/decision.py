"""What a process decides: events of its own, and commands towards the order that are handled with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from commerce.saga.events import DeadlineSet, ProcessEvent
from commerce.saga.process import REQUEST_EVENTS, Process, Request, evolve


@dataclass(frozen=True, slots=True)
class ConfirmOrder:
    """The order is to be confirmed."""

    tracking_number: str
    carrier: str
    estimated_delivery: date


@dataclass(frozen=True, slots=True)
class RejectOrder:
    """The order is to be rejected."""

    reason: str


@dataclass(frozen=True, slots=True)
class CancelOrder:
    """The order is to be cancelled, as somebody asked."""


@dataclass(frozen=True, slots=True)
class RejectCancellation:
    """The order is to stand as it did."""

    cause: str


@dataclass(frozen=True, slots=True)
class ShipOrder:
    """The order is to be shipped."""


@dataclass(frozen=True, slots=True)
class DeliverOrder:
    """The order is to be delivered."""


OrderCommand = ConfirmOrder | RejectOrder | CancelOrder | RejectCancellation | ShipOrder | DeliverOrder


@dataclass(frozen=True, slots=True)
class Reaction:
    """What follows from one event: the process's own events, then commands towards the order, in this order."""

    events: Sequence[ProcessEvent] = ()
    commands: Sequence[OrderCommand] = ()
    process: Process | None = None
    """The process after these events; none where there are none."""


NOTHING = Reaction()
"""An event that was handled before, came late, or is not this process's: nothing new."""


@dataclass(frozen=True, slots=True)
class ProcessLimits:
    """How long a process waits before it looks again."""

    order: timedelta = timedelta(minutes=15)
    """From placed to confirmed; after that the order is `timed_out`."""
    compensation: timedelta = timedelta(minutes=5)
    """From the beginning of a compensation to the first case for a person; doubles each time it passes."""
    longest: timedelta = timedelta(hours=1)
    """What the doubling stops at."""

    def compensation_timeout(self, passed: int) -> timedelta:
        """How long a compensation has, after its deadline has passed so many times."""
        doubled: timedelta = self.compensation * 2 ** min(passed, 16)
        return min(doubled, self.longest)


class ProcessDecision:
    """A reaction in the making: each event is decided on the process that the events before it left."""

    def __init__(self, process: Process, events: Sequence[ProcessEvent] = ()) -> None:
        self.process = process
        self._events = list(events)

    def add(self, kind: type[ProcessEvent], **fields: object) -> None:
        """Record the next event."""
        event = self.process.event(kind, **fields)
        self.process = evolve(self.process, event)
        self._events.append(event)

    def set_deadline(self, name: str, due_at: datetime) -> None:
        """Look again at `due_at`, and not at the deadline there was before."""
        self.add(DeadlineSet, order_id=self.process.order_id, name=name, due_at=due_at)

    def ask(self, request: Request) -> None:
        """Issue a command to another part."""
        process = self.process
        key = process.request_id(request)
        self.add(REQUEST_EVENTS[request], order_id=process.order_id, request_id=key, **_details(process, request))

    def reaction(self, *commands: OrderCommand) -> Reaction:
        """What was decided, with commands towards the order."""
        return Reaction(tuple(self._events), commands, self.process)


def _details(process: Process, request: Request) -> dict[str, object]:
    """What a request says beyond whose it is."""
    match request:
        case "reserve":
            return {"wanted": process.wanted}
        case "authorize":
            return {"amount": process.total, "payment_method": process.payment_method}
        case "capture":
            return {"amount": process.total}
        case _:
            return {}
