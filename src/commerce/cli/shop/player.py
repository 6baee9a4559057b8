"""Plays a history against a running system: products, stock, orders; then looks at what became of them.

Every invoice is one order for ever: its key, and those of its stock, are made of its number only. What exists is never
changed.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_FLOOR, Decimal
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID, uuid5

from commerce.cli.client.answers import ENDED, ProductAnswer
from commerce.cli.client.api import Provider
from commerce.cli.client.http_client import LONGEST_WAIT_S, ApiRejection
from commerce.cli.client.progress import Phase
from commerce.cli.shop.accounts import LeftAlone, Observed
from commerce.cli.shop.invoice import Article, Invoice, articles
from commerce.cli.shop.order_request import PLAY, order_difference, order_request, requested_price
from commerce.ordering.order import MOST_PIECES
from commerce.values.errors import Unavailable
from commerce_client.models.put_product import PutProduct

if TYPE_CHECKING:
    from commerce.cli.client.shop import Shop

Item = TypeVar("Item")

_LOOK_INTERVAL_S = 1.0
"""Seconds until an order that the API has waited for in vain, or a read model that is behind, is asked for again."""
_KEY_REUSED = "idempotency-key-reused"


def key_of(*parts: str) -> str:
    """The idempotency key of what is asked for once for ever, whichever file or play asks for it."""
    return str(uuid5(PLAY, "\0".join(parts)))


@dataclass(frozen=True, slots=True)
class Plan:
    """How a history is played."""

    stock: Decimal
    """The part of the stock needed that is received."""
    concurrency: int
    limit: float
    """Seconds without any order ending after which the play gives up."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """Pieces of a SKU that come in for an invoice; they are booked in once, however often it is played."""

    invoice: str
    sku: str
    pieces: int


@dataclass(slots=True)
class Player:
    """One play under way."""

    plan: Plan
    shop: Shop
    provider: Provider
    phase: Phase
    placed: dict[str, UUID] = field(default_factory=dict)
    """The order of each invoice that has one, placed in this play or before."""
    recognised: set[str] = field(default_factory=set)
    """The invoices that were played before."""
    differing: dict[str, str] = field(default_factory=dict)
    """The invoices that were played before and say something else now."""
    refused: dict[str, str] = field(default_factory=dict)
    """The invoices that cannot be ordered, and why."""
    left_alone: list[LeftAlone] = field(default_factory=list)
    _stocked: dict[str, bool] = field(default_factory=dict)
    _unavailable: dict[str, str] = field(default_factory=dict)
    """The SKUs that cannot be ordered, and why."""
    _wanted: set[str] = field(default_factory=set)
    """The SKUs of invoices that were not played before."""
    _under_way: set[str] = field(default_factory=set)
    """The invoices that were played before and whose orders have not ended."""
    _last_end: float = 0.0
    _gave_up: bool = False

    async def play(self, invoices: Sequence[Invoice]) -> None:
        """Make the products, receive the stock and place the orders; returns when all have ended, or nothing
        moves any more."""
        await self._catch_up()
        await self._each("invoices", invoices, self._recognise)
        self._wanted = {line.sku for invoice in invoices if self._is_new(invoice) for line in invoice.lines}
        await self._each("products", articles(invoices), self._offer)
        for invoice in filter(self._is_new, invoices):
            self._refuse_without_products(invoice)
        await self._each("stock", list(self._receipts(list(filter(self._is_new, invoices)))), self._receive)
        self._last_end = time.monotonic()
        await self._each("orders", invoices, self._see_through)
        await self._catch_up()

    def _is_new(self, invoice: Invoice) -> bool:
        """Whether it is to be ordered."""
        return not any(invoice.number in known for known in (self.recognised, self.differing, self.refused))

    async def _catch_up(self) -> None:
        """Wait until the read models show all that the log holds now."""
        began = time.monotonic()
        models = await self.shop.read_models()
        head = max((model.head for model in models), default=0)
        while not all(model.has_reached(head) for model in models):
            if time.monotonic() - began > self.plan.limit:
                raise Unavailable("the read models do not catch up with the log; see GET /api/v1/ops/subscriptions")
            await asyncio.sleep(_LOOK_INTERVAL_S)
            models = await self.shop.read_models()

    async def observe(self) -> Observed:
        """Everything that was asked for, and what is said of it now."""
        return Observed(
            placed=self.placed,
            refused=self.refused,
            recognised=self.recognised,
            differing=self.differing,
            left_alone=self.left_alone,
            unstocked={sku for sku, stocked in self._stocked.items() if not stocked},
            orders=[order async for order in self.shop.orders()],
            ledger=[entry async for entry in self.provider.ledger()],
            stock=[level async for level in self.shop.stock()],
        )

    async def _each(self, title: str, items: Sequence[Item], do: Callable[[Item], Awaitable[None]]) -> None:
        """Do all of them, started in their order, a bounded number at a time. Raises the first error."""
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

    async def _recognise(self, invoice: Invoice) -> None:
        """Tell whether an invoice was played before, and whether it has changed since."""
        orders = await self.shop.orders_of(invoice.number)
        same = next((order for order in orders if not order_difference(invoice, order)), None)
        if same is not None:
            self.recognised.add(invoice.number)
            self.placed[invoice.number] = same.order_id
            if not same.ended:
                self._under_way.add(invoice.number)
        elif orders:
            differs = (
                f"was played before as order {orders[0].order_id}, and differs: {order_difference(invoice, orders[0])}"
            )
            self.differing[invoice.number] = differs

    async def _offer(self, article: Article) -> None:
        """Add a product that does not exist; one that does stays as it is, also one that somebody else adds
        meanwhile."""
        try:
            product = await self.shop.product(article.sku)
            if product is None and article.sku in self._wanted and not await self._add(article):
                product = await self.shop.product(article.sku)
        except ApiRejection as refused:
            if refused.concerns_the_asker:
                raise
            self._unavailable[article.sku] = f"was refused: {refused}"
        else:
            if product is not None:
                self._take_as_it_is(article, product)

    async def _add(self, article: Article) -> bool:
        self._stocked[article.sku] = article.stocked
        product = PutProduct(name=article.name, price=requested_price(article.price), stocked=article.stocked)
        return await self.shop.add_product(article.sku, product)

    def _take_as_it_is(self, article: Article, product: ProductAnswer) -> None:
        self._stocked[article.sku] = product.stocked
        if product.discontinued:
            self._unavailable[article.sku] = "is not on sale any more"
        price = product.price_in(article.price.currency)
        if price is None and not product.discontinued:
            self._unavailable[article.sku] = f"is sold in {product.price.currency}, not in {article.price.currency}"
        price = price or product.price
        if (article.described and article.name != product.name) or article.price != price:
            self.left_alone.append(LeftAlone(article.sku, product.name, price, article.name, article.price))

    def _refuse_without_products(self, invoice: Invoice) -> None:
        skus = dict.fromkeys(line.sku for line in invoice.lines if line.sku in self._unavailable)
        if skus:
            self.refused[invoice.number] = "; ".join(f"product {sku!r} {self._unavailable[sku]}" for sku in skus)

    def _receipts(self, invoices: Sequence[Invoice]) -> Iterator[Receipt]:
        """What comes in for each invoice: in all, the planned part of what all of them need, rounded down for
        each SKU."""
        needed: Counter[str] = Counter()
        for invoice in invoices:
            pieces: Counter[str] = Counter()
            for line in invoice.lines:
                pieces[line.sku] += line.quantity if self._stocked[line.sku] else 0
            for sku, wanted in pieces.items():
                so_far = self._received(needed[sku])
                needed[sku] += wanted
                if self._received(needed[sku]) > so_far:
                    yield Receipt(invoice.number, sku, self._received(needed[sku]) - so_far)

    def _received(self, pieces: int) -> int:
        return int((pieces * self.plan.stock).to_integral_value(ROUND_FLOOR))

    async def _receive(self, receipt: Receipt) -> None:
        try:
            for first in range(0, receipt.pieces, MOST_PIECES):  # one, unless it is more than the API takes at once
                key = key_of("receipt", receipt.invoice, receipt.sku, str(first))
                await self.shop.receive(receipt.sku, min(MOST_PIECES, receipt.pieces - first), key)
        except ApiRejection as refused:
            if refused.concerns_the_asker:
                raise
            if refused.kind != _KEY_REUSED:  # then it was booked in before, by another count
                self.refused[receipt.invoice] = f"no stock could be booked in for product {receipt.sku!r}: {refused}"

    async def _see_through(self, invoice: Invoice) -> None:
        """Place an invoice, unless that was done before, and wait until its order has ended."""
        if invoice.number in self._under_way:
            await self._wait(self.placed[invoice.number])
        elif self._is_new(invoice) and not self._gave_up:
            await self._place(invoice)

    async def _place(self, invoice: Invoice) -> None:
        try:
            placed = await self.shop.place(order_request(invoice), key_of("order", invoice.number), LONGEST_WAIT_S)
        except ApiRejection as refused:
            if refused.concerns_the_asker:
                raise
            await self._recognise(invoice)  # another play may have been faster
            if self._is_new(invoice):
                self.refused[invoice.number] = f"refused by the API: {refused}"
            return
        self.placed[invoice.number] = placed.order_id
        if placed.status in ENDED:
            self._last_end = time.monotonic()
        else:
            await self._wait(placed.order_id)

    async def _wait(self, order_id: UUID) -> None:
        while not (await self.shop.order(order_id)).ended:
            self._gave_up = self._gave_up or time.monotonic() - self._last_end > self.plan.limit
            if self._gave_up:
                return
            await asyncio.sleep(_LOOK_INTERVAL_S)
        self._last_end = time.monotonic()
