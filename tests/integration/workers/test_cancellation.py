"""Cancelling an order at every stage, by real workers: whatever is under way, and whoever's answer is lost or late, its
money goes back once, its shipment is stopped, and only then it is cancelled."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from uuid import UUID

import pytest

from tests.integration.workers.interposed import Interposed, Says, interposed
from tests.integration.workers.shop import Shop, running
from tests.integration.workers.test_differing_answers import bookings
from tests.integration.workers.test_late import _asked_again, _ends_with, _process
from tests.waiting import eventually
from workers.payments import payments_app
from workers.relay import relay_app
from workers.saga import saga_app
from workers.shipping import shipping_app

AUTHORIZE, CAPTURE, VOID, REFUND = "/v1/authorizations", "/capture", "/void", "/refunds"
BOOK, CANCEL = "/v1/shipments", "/cancellation"
CANCELLED = "ordering.OrderCancelled"
LOST = Says(503, {}, after_s=0.3, done=True)
"""It is done, and its answer never comes."""
LATE = Says(503, {}, after_s=0.3, late=True)
"""It is done long after everybody gave up."""


@dataclass
class Parties:
    """A shop whose provider and carrier say what the test says to one kind of call."""

    shop: Shop
    provider: Interposed
    carrier: Interposed
    at: str = ""
    says: Says | None = None

    def rule(self, method: str, path: str) -> Says | None:
        return self.says if self.at and method == "POST" and path.endswith(self.at) else None

    def calls(self) -> int:
        return self.provider.calls(self.at) + self.carrier.calls(self.at)

    async def cancelled_during(self, at: str, says: Says) -> UUID:
        """An order that is cancelled while a call for it is under way, and ends so."""
        self.at, self.says = at, says
        before = self.calls()
        order = await self.shop.place()
        await eventually(lambda: self.calls() > before)
        await self.shop.cancel(order)
        assert await self.shop.ended(order) == CANCELLED
        return order

    async def cancelled_once_confirmed(self, at: str, says: Says) -> UUID:
        """A confirmed order whose undoing loses its first answers."""
        self.at = ""
        order = await self.shop.place()
        assert await self.shop.ended(order) == "ordering.OrderConfirmed"
        self.at, self.says = at, says
        before = self.calls()
        await self.shop.cancel(order)
        await eventually(lambda: self.calls() > before)
        self.says = None
        assert await self.shop.ended(order) == CANCELLED
        return order

    async def is_undone(self, order: UUID) -> None:
        """The ledgers say that nothing is held, taken or booked."""
        sums = dict.fromkeys(("authorized", "captured", "voided", "refunded"), 0.0)
        for kind, amount in await self.shop.money(order):
            sums[kind] += float(amount)
        assert sums["captured"] == sums["refunded"]
        assert sums["authorized"] == sums["captured"] + sums["voided"]
        booked = await bookings(self.shop, order)
        assert booked.count("booked") == booked.count("cancelled")


@pytest.fixture(autouse=True)
def _at_once(environment: pytest.MonkeyPatch) -> None:
    for module in ("workers.runtime.consumers", "commerce.outside.calls"):
        environment.setattr(f"{module}.growing", lambda *_args, **_options: 0.02)
    environment.setattr("workers.outbox.refill.LOOK_INTERVAL_S", 0.1)


@asynccontextmanager
async def parties(shop: Shop, environment: pytest.MonkeyPatch) -> AsyncIterator[Parties]:
    """Run the workers, with the test between them and both parties."""
    async with interposed(shop.provider_url) as provider, interposed(shop.carrier_url) as carrier:
        environment.setenv("COMMERCE_PROVIDER_URL", provider.url)
        environment.setenv("COMMERCE_CARRIER_URL", carrier.url)
        found = Parties(shop, provider, carrier)
        provider.rule = carrier.rule = found.rule
        async with running(saga_app(), relay_app(), payments_app(), shipping_app()):
            yield found


async def test_an_order_is_cancelled_at_every_stage_though_answers_are_lost(
    shop: Shop, environment: pytest.MonkeyPatch
) -> None:
    async with parties(shop, environment) as desk:
        for at in (AUTHORIZE, BOOK, CAPTURE):
            await desk.is_undone(await desk.cancelled_during(at, LOST))
        for at in (CANCEL, REFUND):
            await desk.is_undone(await desk.cancelled_once_confirmed(at, LOST))


async def test_what_is_done_after_the_order_was_cancelled_is_undone_and_the_order_stays_cancelled(
    shop: Shop, environment: pytest.MonkeyPatch
) -> None:
    async with parties(shop, environment) as desk:
        for at in (AUTHORIZE, BOOK):
            order = await desk.cancelled_during(at, LATE)
            desk.at = ""
            await desk.provider.do_what_is_late()
            await desk.carrier.do_what_is_late()
            await _asked_again(shop)
            await eventually(partial(_ends_with, _process(shop), order, "saga.LateOutcomeUndone"))
            await desk.is_undone(order)
            assert await shop.ended(order) == CANCELLED
