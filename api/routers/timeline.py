"""The timeline: the story of one order, in plain words."""

from __future__ import annotations

from uuid import UUID

from fastapi import Request, Response

from api.auth import Admitted
from api.context import context_of
from api.http.resource import Resource, page_answer
from api.queries.log_pages import recorded_page
from api.routers.orders import order_of_caller
from api.schemas.answers import json_answer
from api.schemas.audit import ITEM
from api.schemas.parameters import Paging
from commerce.audit.customer_story import TOPICS, customers_items
from commerce.audit.items import Item
from commerce.audit.search import EventFilter, search
from projections.engine.pages import Page, write_cursor

router = Resource("/api/v1/orders", "orders")


@router.query("/{order_id}/timeline", page_answer(Page[Item], ITEM), problems=(404,))
async def get_timeline(order_id: UUID, request: Request, caller: Admitted, paging: Paging) -> Response:
    """Read the story of an order: every event of every stream it touched, in plain words, oldest first.

    Customers are told what became of their order, money and shipment, and nothing of how the shop works.
    """
    await order_of_caller(request, caller, order_id)
    if caller.customer_id is None:
        wanted = EventFilter(correlation_id=order_id)
        return json_answer(await recorded_page(request, caller, wanted, paging, of="timeline"))
    store = context_of(request).store
    wanted = EventFilter(correlation_id=order_id, topics=TOPICS)
    found = await search(store, wanted, paging.place("timeline"), paging.limit)
    items = await customers_items(store.keys, found.events, caller.identity.actor)
    return json_answer(Page(items, write_cursor("timeline", found.until) if found.more else None))
