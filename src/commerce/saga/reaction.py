"""What a process decides: facts of its own, and wishes towards the order that are carried out with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from commerce.saga.events import DeadlineSet, ProcessEvent
from commerce.saga.process import COMMANDS, Process, Request, evolve


@dataclass(frozen=True, slots=True)
class Confirm:
    """The order is to be confirmed."""

    tracking_number: str
    carrier: str
    estimated_delivery: date


@dataclass(frozen=True, slots=True)
class Reject:
    """The order is to be rejected."""

    reason: str


@dataclass(frozen=True, slots=True)
class Cancel:
    """The order is to be cancelled, as somebody asked."""


@dataclass(frozen=True, slots=True)
class RefuseCancellation:
    """The order is to stand as it did."""

    cause: str


@dataclass(frozen=True, slots=True)
class Ship:
    """The order is to be shipped."""


@dataclass(frozen=True, slots=True)
class Deliver:
    """The order is to be delivered."""


OrderWish = Confirm | Reject | Cancel | RefuseCancellation | Ship | Deliver


@dataclass(frozen=True, slots=True)
class Reaction:
    """What follows from one fact: the process's own facts, then wishes towards the order, in this order."""

    facts: Sequence[ProcessEvent] = ()
    wishes: Sequence[OrderWish] = ()
    process: Process | None = None
    """The process after these facts; none where there are none."""


NOTHING = Reaction()
"""A fact that was handled before, came late, or is not this process's: nothing new."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a process waits before it looks again."""

    order: timedelta = timedelta(minutes=15)
    """From placed to confirmed; after that the order is `timed_out`."""
    compensation: timedelta = timedelta(minutes=5)
    """From the beginning of a compensation to the first case for a person; doubles each time it passes."""
    longest: timedelta = timedelta(hours=1)
    """What the doubling stops at."""

    def patience(self, passed: int) -> timedelta:
        """How long a compensation has, after its deadline has passed so many times."""
        doubled: timedelta = self.compensation * 2 ** min(passed, 16)
        return min(doubled, self.longest)


class Decision:
    """A reaction in the making: each fact is decided on the process that the facts before it left."""

    def __init__(self, process: Process, facts: Sequence[ProcessEvent] = ()) -> None:
        self.process = process
        self._facts = list(facts)

    def add(self, kind: type[ProcessEvent], **fields: object) -> None:
        """Record the next fact."""
        fact = self.process.fact(kind, **fields)
        self.process = evolve(self.process, fact)
        self._facts.append(fact)

    def set_deadline(self, name: str, due_at: datetime) -> None:
        """Look again at `due_at`, and not at the deadline there was before."""
        self.add(DeadlineSet, order_id=self.process.order_id, name=name, due_at=due_at)

    def ask(self, request: Request) -> None:
        """Issue a command to another part."""
        process = self.process
        key = process.request_id(request)
        self.add(COMMANDS[request], order_id=process.order_id, request_id=key, **_details(process, request))

    def reaction(self, *wishes: OrderWish) -> Reaction:
        """What was decided, with wishes towards the order."""
        return Reaction(tuple(self._facts), wishes, self.process)


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
