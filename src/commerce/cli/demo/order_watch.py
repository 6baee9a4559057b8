"""Follows each order of the demonstration to its end, and reports how far it is."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from commerce.cli.client.answers import ENDED, OrderAnswer
from commerce.cli.client.api import Provider
from commerce.cli.demo.scenarios import CUP, PRODUCTS, RARE, Act, ExpectedOutcome, Scenario
from commerce.cli.shop.accounts import accounts_of
from commerce.values.errors import CommerceError

if TYPE_CHECKING:
    from commerce.cli.client.shop import Shop

_LOOK_INTERVAL_S = 0.3
_STOCKED_PIECES = 100


@dataclass(slots=True)
class Watched:
    """One order under way, as far as anybody knows."""

    scenario: Scenario
    began: float
    order_id: UUID | None = None
    status: str = ""
    reason: str | None = None
    waits_for: str = ""
    ended: float | None = None
    ending: ExpectedOutcome | None = None
    failure: str | None = None
    """Why this order could not be seen through."""

    @property
    def seconds(self) -> float:
        """How long it took, or has taken so far."""
        return (self.ended or time.monotonic()) - self.began

    @property
    def as_expected(self) -> bool:
        """Whether it ended as it was to end."""
        return self.ending == self.scenario.expected


async def stock_shelves(shop: Shop) -> None:
    """Make the products: enough cups for this time, and one piece, once for ever, of what is rare."""
    for sku, product in PRODUCTS.items():
        await shop.put_product(sku, product)
    await shop.receive(CUP, _STOCKED_PIECES, str(uuid4()))
    await shop.receive(RARE, 1, "the only piece")


async def see_all_through(
    shop: Shop, provider: Provider, scenarios: Sequence[Scenario], limit: float, show: Callable[[Watched], None]
) -> list[Watched]:
    """Place all orders at once and see each to its end, for at most `limit` seconds; `show` is told whatever
    changes."""
    watched = [Watched(scenario, time.monotonic()) for scenario in scenarios]
    await asyncio.gather(*(_Watch(shop, provider, each, show).see_through(limit) for each in watched))
    return watched


class _Watch:
    """Looks after one order."""

    def __init__(self, shop: Shop, provider: Provider, watched: Watched, show: Callable[[Watched], None]) -> None:
        self._shop = shop
        self._provider = provider
        self._watched = watched
        self._show = show

    async def see_through(self, limit: float) -> None:
        """Place the order, do to it what its scenario says, and note how it ended."""
        watched = self._watched
        try:
            async with asyncio.timeout(limit):
                watched.order_id = (await self._shop.place(watched.scenario.order, str(uuid4()), wait=0)).order_id
                order = await self._act(watched.order_id, watched.scenario.act)
                watched.ended = time.monotonic()
                watched.ending = await self._ending(order)
        except TimeoutError:
            watched.failure = (
                f"has not ended after {limit:.0f} s; it is {watched.status}, and waits for {watched.waits_for}"
            )
        except CommerceError as error:
            watched.failure = str(error)
        watched.ended = watched.ended or time.monotonic()
        watched.waits_for = ""
        self._show(watched)

    async def _act(self, order_id: UUID, act: Act) -> OrderAnswer:
        match act:
            case Act.WATCH:
                return await self._until(order_id, *ENDED)
            case Act.CANCEL_AT_ONCE:
                await self._shop.cancel(order_id, "ordered by mistake")
                return await self._until(order_id, *ENDED)
            case Act.CANCEL_CONFIRMED:
                await self._until(order_id, *ENDED)
                await self._shop.cancel(order_id, "no longer wanted")
                return await self._until(order_id, *ENDED)
            case Act.DELIVER:
                return await self._deliver(order_id)

    async def _deliver(self, order_id: UUID) -> OrderAnswer:
        order = await self._until(order_id, *ENDED)
        if order.status != "confirmed":
            return order
        shipments = await self._shop.shipments(order_id)
        for shipment in shipments:
            await self._shop.dispatch(shipment.shipment_id)
        await self._until(order_id, "shipped")
        for shipment in shipments:
            await self._shop.deliver(shipment.shipment_id)
        return await self._until(order_id, "delivered")

    async def _until(self, order_id: UUID, *statuses: str) -> OrderAnswer:
        """Look at the order until it is one of these."""
        while True:
            order, waits = await asyncio.gather(self._shop.order(order_id), self._shop.waits(order_id))
            self._note(order, waits.waiting_for or "")
            if order.status in statuses:
                return order
            await asyncio.sleep(_LOOK_INTERVAL_S)

    def _note(self, order: OrderAnswer, waits_for: str) -> None:
        watched = self._watched
        news = (order.status, order.reason, waits_for)
        if news != (watched.status, watched.reason, watched.waits_for):
            watched.status, watched.reason, watched.waits_for = news
            self._show(watched)

    async def _ending(self, order: OrderAnswer) -> ExpectedOutcome:
        ledger = [entry async for entry in self._provider.ledger_of(order.order_id)]
        account = accounts_of(ledger, {order.order_id}, order.total.currency)[order.order_id]
        return ExpectedOutcome(order.status, order.reason, account.kept, account.set_aside)
