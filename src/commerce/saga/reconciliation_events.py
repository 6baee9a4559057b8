"""What a comparison of a party's ledger with ours found about an order."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from commerce.eventstore import Event
from commerce.outside.ledger import DifferenceKind, LedgerParty
from commerce.values.money import Money


class LedgerDiffered(Event):
    """A party's ledger says something else than ours about the thing that it calls `party_id`.

    Where no order of ours is behind it, `order_id` is an id of the thing's own, in an order's place.
    """

    TOPIC: ClassVar[str] = "saga.LedgerDiffered"
    SENTENCE: ClassVar[str] = "The ledger of the {party} differs from ours: {detail}"

    order_id: UUID
    party: LedgerParty
    kind: DifferenceKind
    party_id: str
    detail: str
    amount: Money | None


class LedgerAgreed(Event):
    """A party's ledger and ours agree again about the thing that it calls `party_id`."""

    TOPIC: ClassVar[str] = "saga.LedgerAgreed"
    SENTENCE: ClassVar[str] = "The ledger of the {party} agrees with ours again about {party_id}"

    order_id: UUID
    party: LedgerParty
    party_id: str


ReconciliationEvent = LedgerDiffered | LedgerAgreed
