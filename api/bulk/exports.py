"""What can be exported: orders, in the order in which they were placed, and events, in the order of the log."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from fastapi import Request

from api.auth import Caller
from api.bulk.export_answer import PAGE_ITEMS, lines_of_page
from api.context import context_of
from api.orders.customer_actions import awaited_actions
from api.queries.access_records import record_access, record_access_to
from api.schemas.orders import opened_orders
from commerce.audit.items import named_items
from commerce.audit.search import EventFilter, search
from commerce.ordering.order import OrderStatus
from projections.engine.pages import Condition, from_oldest, write_cursor
from projections.engine.progress import shown_until
from projections.orders import ORDERS, orders_between

EXPORTED_ORDERS = from_oldest(ORDERS.name)
"""What the cursors of an export of orders are of; pages that begin with the newest order have others."""


@dataclass(frozen=True, slots=True)
class WantedOrders:
    """Which orders are exported: those that fulfil all that is given."""

    customer_id: UUID | None
    statuses: Sequence[OrderStatus] | None
    found: Sequence[Condition]


async def order_pages(request: Request, caller: Caller, wanted: WantedOrders, after: int) -> AsyncIterator[bytes]:
    """Orders that were placed after a position and are shown by now, once it is on record who sees them.

    What the read model still lacks comes with the next export, so that none is passed over.
    """
    context = context_of(request)
    pool = context.store.pool
    until = await shown_until(pool, ORDERS)
    while rows := await orders_between(
        pool,
        after,
        until,
        PAGE_ITEMS,
        customer_id=wanted.customer_id,
        statuses=wanted.statuses,
        found=wanted.found,
    ):
        after = rows[-1].place
        await record_access(request, caller, [row.order_id for row in rows])
        views = await opened_orders(context.store.keys, rows, await awaited_actions(context.store, rows))
        cursors = [write_cursor(EXPORTED_ORDERS, row.place) for row in rows]
        yield lines_of_page(zip(views, cursors, strict=True))


async def event_pages(request: Request, caller: Caller, wanted: EventFilter, after: int) -> AsyncIterator[bytes]:
    """Events after a position that the log has by now, once it is on record who sees them."""
    store = context_of(request).store
    head = await store.head()
    while after < head:
        found = await search(store, wanted, after, PAGE_ITEMS)
        events = [event for event in found.events if event.position <= head]
        await record_access_to(request, caller, events)
        cursors = [write_cursor("events", event.position) for event in events]
        yield lines_of_page(zip(await named_items(store, events), cursors, strict=True))
        if not found.more:
            return
        after = found.until
