"""The timeline: the story of one order in plain words, to be read, or told as it happens."""

from __future__ import annotations

from uuid import UUID

from fastapi import Request, Response

from api.auth import Admitted
from api.context import context_of
from api.http.accepted_languages import told_answer, told_language
from api.http.resource import Resource, page_answer
from api.live.stream import EventStream, resume_position
from api.openapi.headers import ACCEPT_LANGUAGE, LAST_EVENT_ID, TOLD
from api.queries.access_records import record_access
from api.queries.log_pages import recorded_page
from api.routers.orders import order_of_caller
from api.schemas.audit import ITEM
from api.schemas.event_stream import events_answer
from api.schemas.parameters import Paging
from commerce.audit.customer_story import TOPICS, customers_items
from commerce.audit.items import Item
from commerce.audit.search import EventFilter, search
from projections.engine.pages import Page, write_cursor

router = Resource("/api/v1/orders", "orders")


@router.query("/{order_id}/timeline", page_answer(Page[Item], ITEM, TOLD), problems=(404,), reads=(ACCEPT_LANGUAGE,))
async def get_timeline(order_id: UUID, request: Request, caller: Admitted, paging: Paging) -> Response:
    """Read the story of an order: every event of every stream it touched, in plain words, oldest first.

    Customers are told what became of their order, money and shipment, and nothing of how the shop works.
    """
    await order_of_caller(request, caller, order_id)
    language = told_language(request)
    if caller.customer_id is None:
        wanted = EventFilter(correlation_id=order_id)
        return told_answer(await recorded_page(request, caller, wanted, paging, of="timeline"), language)
    store = context_of(request).store
    wanted = EventFilter(correlation_id=order_id, topics=TOPICS)
    found = await search(store, wanted, paging.place("timeline"), paging.limit)
    items = await customers_items(store.keys, [(event, caller.identity.actor) for event in found.events], language)
    return told_answer(Page(items, write_cursor("timeline", found.until) if found.more else None), language)


@router.query("/{order_id}/events", events_answer(ITEM), problems=(404,), reads=(LAST_EVENT_ID, ACCEPT_LANGUAGE))
async def follow_order(order_id: UUID, request: Request, caller: Admitted) -> Response:
    """Hear what happens to an order, as it happens: its timeline from the beginning, and then each new event.

    With `Last-Event-ID` it goes on after that event, without gap or repetition. Each event's `data` is an item of the
    timeline.
    """
    await order_of_caller(request, caller, order_id)
    after = await resume_position(request)
    await record_access(request, caller, [order_id])
    wanted = EventFilter(correlation_id=order_id, topics=None if caller.customer_id is None else TOPICS)
    return EventStream(request, caller, wanted, after or 0)
