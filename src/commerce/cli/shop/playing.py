"""Plays a history against a running system: products, stock, orders; then looks at what became of them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_FLOOR, Decimal
from typing import TypeVar
from uuid import UUID, uuid5

from commerce.cli.answers import ENDED
from commerce.cli.client import LONGEST_WAIT, Api, Provider, RequestRefused
from commerce.cli.progress import Phase
from commerce.cli.shop.accounts import Observed
from commerce.cli.shop.addresses import address_of
from commerce.cli.shop.judging import Article, Invoice, InvoiceLine, articles
from commerce.errors import Unavailable
from commerce.money import Money
from commerce.ordering.order import MOST_PIECES

Item = TypeVar("Item")

_PLAY = UUID("5c1fb0a0-52cf-4a55-8a2e-5d3ac9c1a6a4")
_CUSTOMER = uuid5(_PLAY, "customer")
_LOOK_AGAIN = 1.0
"""Seconds until an order that the API has waited for in vain, or a read model that is behind, is asked for again."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How a history is played. The same plan for the same file is the same play: repeated, it does nothing twice."""

    digest: str
    stock: Decimal
    """The part of the stock needed that is received."""
    most_invoices: int | None
    concurrency: int
    limit: float
    """Seconds without any order ending after which the play gives up."""

    def key(self, *parts: str) -> str:
        """The idempotency key of one request of this play."""
        play = (self.digest, f"{self.stock.normalize():f}", str(self.most_invoices))
        return str(uuid5(_PLAY, "\0".join((*play, *parts))))


@dataclass(slots=True)
class Player:
    """One play under way."""

    plan: Plan
    api: Api
    provider: Provider
    phase: Phase
    placed: dict[str, UUID] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    _last_end: float = 0.0
    _gave_up: bool = False

    async def play(self, invoices: Sequence[Invoice]) -> None:
        """Make the products, receive the stock and place the orders; returns when all have ended, or nothing moves any more."""
        sold = articles(invoices)
        await self._each("products", sold, self._make)
        await self._each("stock", [article for article in sold if self._wanted(article)], self._receive)
        self._last_end = time.monotonic()
        await self._each("orders", invoices, self._see_through)
        await self._catch_up()

    async def _catch_up(self) -> None:
        """Wait until the read models show all that the log held when the last order had ended."""
        began = time.monotonic()
        models = await self.api.read_models()
        head = max((model.head for model in models), default=0)
        while not all(model.has_reached(head) for model in models):
            if time.monotonic() - began > self.plan.limit:
                raise Unavailable("the read models do not catch up with the log; see GET /api/v1/ops/followers")
            await asyncio.sleep(_LOOK_AGAIN)
            models = await self.api.read_models()

    async def observe(self) -> Observed:
        """Everything that was asked for, and what is said of it now."""
        return Observed(
            placed=self.placed,
            refused=self.refused,
            orders=[order async for order in self.api.orders()],
            ledger=[entry async for entry in self.provider.ledger()],
            stock=[level async for level in self.api.stock()],
        )

    async def _each(self, title: str, items: Sequence[Item], do: Callable[[Item], Awaitable[None]]) -> None:
        """Do all of them, begun in their order, so many at a time. Raises the first error."""
        advance = self.phase(title, len(items))
        waiting = iter(items)

        async def work() -> None:
            for item in waiting:
                await do(item)
                advance()

        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(min(self.plan.concurrency, len(items))):
                    group.create_task(work())
        except ExceptionGroup as errors:
            raise errors.exceptions[0] from None

    async def _make(self, article: Article) -> None:
        product = {"name": article.name, "price": as_json(article.price), "stocked": article.stocked}
        await self.api.put_product(article.sku, product)

    def _wanted(self, article: Article) -> int:
        """How many pieces are received, rounded down."""
        wanted = (article.pieces * self.plan.stock).to_integral_value(ROUND_FLOOR)
        return int(wanted) if article.stocked else 0

    async def _receive(self, article: Article) -> None:
        wanted = self._wanted(article)
        for first in range(0, wanted, MOST_PIECES):  # one receipt, unless it is more than the API takes at once
            key = self.plan.key("receipt", article.sku, str(first))
            await self.api.receive(article.sku, min(MOST_PIECES, wanted - first), key)

    async def _see_through(self, invoice: Invoice) -> None:
        """Place an invoice, and ask the same again, which orders nothing more, until its order has ended."""
        order, key = order_of(invoice), self.plan.key("order", invoice.number)
        while not self._gave_up:
            try:
                placed = await self.api.place(order, key, LONGEST_WAIT)
            except RequestRefused as refusal:
                self.refused[invoice.number] = str(refusal)
                return
            self.placed[invoice.number] = placed.order_id
            if placed.status in ENDED:
                self._last_end = time.monotonic()
                return
            self._gave_up = self._gave_up or time.monotonic() - self._last_end > self.plan.limit
            await asyncio.sleep(_LOOK_AGAIN)


def order_of(invoice: Invoice) -> dict[str, object]:
    """An invoice as the API takes an order."""
    customer = str(uuid5(_CUSTOMER, invoice.customer)) if invoice.customer else None
    return {
        "customer_id": customer,
        "currency": invoice.total.currency,
        "lines": [_line(line) for line in invoice.lines],
        "shipping_address": address_of(invoice.customer or f"guest {invoice.number}", invoice.country),
        "payment_method": "pm_card_ok",
    }


def as_json(money: Money) -> dict[str, str]:
    """Money as it stands in JSON."""
    return {"amount": str(money.amount), "currency": money.currency}


def _line(line: InvoiceLine) -> dict[str, object]:
    return {"sku": line.sku, "quantity": line.quantity, "unit_price": as_json(line.unit_price)}
