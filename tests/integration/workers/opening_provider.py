"""A payment provider in memory that opens authorisations, as real ones do: nobody can ask it what became of a key."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Literal
from uuid import UUID

from commerce.outside.party import RequestOnRecord
from commerce.payments.ports import (
    Authorized,
    Captured,
    Declined,
    OpenedAuthorization,
    PaymentOutcome,
    PaymentRejected,
    Refunded,
    Voided,
)
from commerce.values.money import Money

Point = Literal["before opening", "opened", "before authorizing", "authorized"]
POINTS: tuple[Point, ...] = ("before opening", "opened", "before authorizing", "authorized")
"""Where the process that calls can die: before and after each of the two calls."""


@dataclass
class Intent:
    """An authorisation, and what became of it."""

    id: str
    order_id: UUID
    amount: Money
    status: Literal["opened", "held", "taken", "let go", "given back"] = "opened"


@dataclass
class OpeningProvider:
    """A `PaymentProvider`; one that forgets keys opens another authorisation each time."""

    is_asked_by_key: ClassVar[bool] = False
    forgets_keys: bool = False
    opens: Callable[[Money], Money] = lambda amount: amount
    """The amount that it opens an authorisation of, when it is asked for one."""
    intents: dict[str, Intent] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    dies_at: set[Point] = field(default_factory=set)
    waits: dict[Point, asyncio.Event] = field(default_factory=dict)
    reached: dict[Point, asyncio.Event] = field(default_factory=lambda: defaultdict(asyncio.Event))
    _by_key: dict[UUID, str] = field(default_factory=dict)

    def statuses(self) -> list[str]:
        """What became of each authorisation, in the order in which they were opened."""
        return [intent.status for intent in self.intents.values()]

    async def open(self, key: UUID, order_id: UUID, amount: Money, payment_method: str) -> PaymentOutcome:
        """See `PaymentProvider`."""
        await self._at("before opening")
        self.calls.append("open")
        if payment_method == "pm_card_declined":
            return Declined("card_declined")
        id_ = None if self.forgets_keys else self._by_key.get(key)
        if id_ is None:
            id_ = self._by_key[key] = f"pi_{len(self.intents) + 1}"
            self.intents[id_] = Intent(id_, order_id, self.opens(amount))
        await self._at("opened")
        return OpenedAuthorization(id_, self.intents[id_].amount)

    async def authorize(
        self, key: UUID, order_id: UUID, amount: Money, payment_method: str, opened_id: str | None = None
    ) -> PaymentOutcome:
        """See `PaymentProvider`."""
        assert opened_id is not None
        await self._at("before authorizing")
        self.calls.append("authorize")
        intent = self.intents[opened_id]
        if intent.status == "let go":
            return Declined("canceled")
        intent.status = "held"
        await self._at("authorized")
        return Authorized(opened_id, intent.amount)

    async def capture(self, key: UUID, authorization_id: str, amount: Money) -> PaymentOutcome:
        """See `PaymentProvider`."""
        self.calls.append("capture")
        self.intents[authorization_id].status = "taken"
        return Captured(authorization_id, amount)

    async def void(self, key: UUID, authorization_id: str) -> PaymentOutcome:
        """See `PaymentProvider`."""
        self.calls.append("void")
        intent = self.intents[authorization_id]
        if intent.status == "let go":
            return PaymentRejected("already_voided", "")
        intent.status = "let go"
        return Voided(authorization_id)

    async def refund(self, key: UUID, authorization_id: str, amount: Money) -> PaymentOutcome:
        """See `PaymentProvider`."""
        self.calls.append("refund")
        self.intents[authorization_id].status = "given back"
        return Refunded("re_1", authorization_id, amount)

    async def find_operation(self, request: RequestOnRecord) -> PaymentOutcome | None:
        """See `PaymentProvider`: of a request whose authorisation is not on record, it knows nothing."""
        self.calls.append("find")
        intent = self.intents[request.party_id] if request.party_id else None
        if intent is None or intent.status == "opened":
            return None
        if intent.status == "let go":
            return Voided(intent.id) if request.operation == "void" else Declined("canceled")
        return Authorized(intent.id, intent.amount)

    async def check_credential(self, request: RequestOnRecord) -> None:
        """See `PaymentProvider`."""

    async def authorizations_under(self, key: UUID, order_id: UUID) -> Sequence[Authorized]:
        """See `PaymentProvider`."""
        return ()

    async def find_payment(self, authorization_id: str) -> None:
        """See `PaymentProvider`."""

    async def ledger(self, since: datetime, cursor: str | None = None) -> None:
        """See `PaymentProvider`: it shows none."""

    async def payment_methods(self) -> None:
        """See `PaymentProvider`."""

    async def _at(self, point: Point) -> None:
        """Die here, once, or wait here, if the test says so."""
        self.reached[point].set()
        if point in self.dies_at:
            self.dies_at.remove(point)
            raise asyncio.CancelledError
        if point in self.waits:
            await self.waits[point].wait()
