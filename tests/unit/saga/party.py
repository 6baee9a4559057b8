"""What provider and carrier have in common: what they really hold, and the luck that calls to them have."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

from commerce.eventstore import Event
from commerce.values import ids
from commerce.values.errors import RuleBroken
from commerce.values.money import Money
from tests.unit.saga.log import Log

Luck = Literal[
    "works", "refused", "differs", "done unseen", "done late", "lost", "not heard yet", "not now", "needs the customer"
]
"""What becomes of a call to the outside; `done unseen`, `done late` and `lost` look alike to the caller, who gives up.
What `differs` is done otherwise than asked; what is `done late` is done at any time after that, whatever became of the
order meanwhile. What is `not heard yet` is done, and the caller dies before it hears so."""

DONE: frozenset[Luck] = frozenset({"works", "differs", "done unseen", "not heard yet"})
"""What is done at once."""
CENT = Money.of("0.01", "EUR")
NOTHING = Money.zero("EUR")
_STREAMS = {"payments": ids.payment_id, "shipping": ids.shipment_id}


@dataclass
class Account:
    """What provider and carrier really hold for an order."""

    held: bool = False
    taken: bool = False
    given: Money = NOTHING
    """What the provider gave back."""
    booked: bool = False
    differs: bool = False
    """Whether something was done otherwise than it was asked for."""
    known: set[UUID] = field(default_factory=set)
    """The keys of what was done there."""
    queued: list[tuple[str, UUID]] = field(default_factory=list)
    """What is still to be done: an attribute of this account, for a request."""
    was_late: bool = False
    waits: UUID | None = None
    """The key of what waits for its customer, and holds nothing until they confirm."""
    was_told: bool = False
    """Whether the provider told of something that nobody had asked for."""


class Party:
    """Handles messages by the rules of its context, at a party that has luck or not."""

    def __init__(self, log: Log) -> None:
        self.accounts: dict[UUID, Account] = defaultdict(Account)
        self._log = log

    def do_what_is_late(self, order_id: UUID) -> None:
        """The party gets to what it was asked for long ago."""
        account = self.accounts[order_id]
        for what, key in account.queued:
            setattr(account, what, True)
            account.held = account.held and what != "taken"
            account.known.add(key)
            account.was_late = True
        account.queued.clear()

    def differs(self, order_id: UUID, events: Sequence[Event]) -> None:
        """What was asked was done otherwise, and the answer says so."""
        self.accounts[order_id].differs |= bool(events)
        self._say(order_id, events)

    def _unless_forbidden(self, order_id: UUID, decide: Callable[[], Sequence[Event]]) -> None:
        try:
            self._say(order_id, decide())
        except RuleBroken:
            return

    def _say(self, order_id: UUID, events: Sequence[Event]) -> None:
        for event in events:
            stream = _STREAMS[event.TOPIC.partition(".")[0]](order_id)
            assert self._log.say(stream, [event], order_id)

    def _done(self, order_id: UUID, key: UUID, luck: Luck) -> Luck:
        """What was done under a key before is answered as it was then."""
        if key not in self.accounts[order_id].known or luck in ("done unseen", "not heard yet", "not now"):
            return luck
        return "lost" if luck in ("lost", "done late") else "works"

    def _queue(self, order_id: UUID, what: str, key: UUID, luck: Luck) -> None:
        if luck == "done late":
            self.accounts[order_id].queued.append((what, key))
