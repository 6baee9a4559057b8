"""The shop's own references of orders: each is claimed once in its channel, by a stream of its own that begins
with the order."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from uuid import UUID

from commerce.eventstore import Aggregate, Event, KeyRing, Sealed
from commerce.ordering.events import ReferenceClaimed
from commerce.values import ids
from commerce.values.errors import RuleBroken
from commerce.values.text import normal


class ReferenceTaken(RuleBroken):
    """Another order of the channel has the reference. It keeps it for ever, also when it was rejected or cancelled."""

    def __init__(self, order_id: UUID) -> None:
        super().__init__(f"order {order_id} has this reference; look at that order, or send another reference")
        self.order_id = order_id


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference as an order records it: sealed, with what it is found by, and the stream that claims it."""

    sealed: Sealed
    found_by: UUID
    claim: UUID


@dataclass(frozen=True, slots=True)
class Claim(Aggregate):
    """A reference that an order has."""

    order_id: UUID


class References:
    """Names references by keyed hashes, as they may contain personal data: without a secret nobody can find out
    a reference by trying texts."""

    def __init__(self, keys: KeyRing) -> None:
        self._key = keys.derived("references of orders")

    def found_by(self, reference: str) -> UUID:
        """What orders with a reference are found by, whichever channel they came through."""
        return ids.reference_id(self._digest(reference))

    def claim(self, channel: str, reference: str) -> UUID:
        """The stream in which an order claims a reference in a channel."""
        return ids.reference_claim_id(self._digest(f"{channel}\0{normal(reference)}"))

    def _digest(self, text: str) -> str:
        return hmac.digest(self._key, normal(text).encode(), "sha256").hex()


def evolve(claim: Claim | None, event: Event) -> Claim | None:
    """Apply one event; a reference is claimed once."""
    match event:
        case ReferenceClaimed():
            return Claim(event.originator_id, event.originator_version, event.order_id)
        case _:
            return claim


def claimed(history: Sequence[Event]) -> Claim | None:
    """The claim that a reference's stream holds; None where no order has the reference."""
    return reduce(evolve, history, None)


def claim(order_id: UUID) -> ReferenceClaimed:
    """Claim a reference for an order: to be appended with its placing, so that of two orders one conflicts."""
    return ReferenceClaimed(order_id=order_id)
