"""Everything about one customer as one JSON document, written part by part, so that memory does not grow with it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import replace
from itertools import islice
from uuid import UUID

from pydantic_core import to_json

from api.context import AppContext
from api.schemas.orders import opened_orders
from commerce.audit.customer_story import TOPICS, customers_items
from commerce.audit.events import PersonalDataRead
from commerce.audit.items import Item, items_of
from commerce.audit.search import EventFilter, search
from commerce.eventstore import EventStore, Recorded
from projections.engine.pages import PageRequest
from projections.orders import OrderRow, find_orders

PAGE_ORDERS = 50
PAGE_EVENTS = 500

Recording = Callable[[Iterable[UUID]], Awaitable[None]]
"""Puts on record that these orders are about to be shown."""


async def export_parts(
    context: AppContext, customer_id: UUID, customer: bytes, record: Recording
) -> AsyncIterator[bytes]:
    """The document: `customer` (JSON), their `orders` with what happened to each, the `events` of their account, and
    the `accesses` of others to their data. What is being written is cut off where a part cannot be read."""
    actor = f"customer:{customer_id}"
    yield b'{"customer":' + customer + b',"orders":['
    ids: set[UUID] = set()
    separator = b""
    async for rows in _orders(context, customer_id):
        await record(row.order_id for row in rows)
        ids |= {row.order_id for row in rows}
        views = await opened_orders(context.store.keys, rows, {})
        stories = await _stories(context.store, [row.order_id for row in rows], actor)
        for row, view in zip(rows, views, strict=True):
            yield separator + to_json({"order": view.model_dump(), "events": stories[row.order_id]})
            separator = b","
    yield b'],"events":['
    async for part in _joined(_account_items(context.store, customer_id, actor)):
        yield part
    yield b'],"accesses":['
    async for part in _joined(_accesses(context.store, customer_id, ids)):
        yield part
    yield b"]}"


async def _orders(context: AppContext, customer_id: UUID) -> AsyncIterator[Sequence[OrderRow]]:
    paging = PageRequest(limit=PAGE_ORDERS)
    while True:
        page = await find_orders(context.store.pool, customer_id=customer_id, paging=paging)
        yield page.items
        if page.next_cursor is None:
            return
        paging = PageRequest(page.next_cursor, PAGE_ORDERS)


async def _stories(store: EventStore, orders: Sequence[UUID], actor: str) -> dict[UUID, list[Item]]:
    """What happened to each order, as its customer is told it."""
    found = await store.read_each_correlated(orders, most=PAGE_EVENTS, topics=TOPICS)
    for order_id, events in found.items():
        if len(events) == PAGE_EVENTS:
            events.extend(await _further(store, order_id, events[-1].position))
    told = iter(await customers_items(store.keys, [(one, actor) for events in found.values() for one in events]))
    return {order_id: list(islice(told, len(events))) for order_id, events in found.items()}


async def _further(store: EventStore, order_id: UUID, after: int) -> list[Recorded]:
    """The events of a long order beyond a position."""
    found: list[Recorded] = []
    while events := await store.read_correlated(order_id, after=after, limit=PAGE_EVENTS, topics=TOPICS):
        found += events
        after = events[-1].position
    return found


async def _account_items(store: EventStore, customer_id: UUID, actor: str) -> AsyncIterator[object]:
    """What happened to the account: logins, changes, mails; without the names of staff, and without secrets."""
    after = 0
    while events := await store.read_correlated(customer_id, after=after, limit=PAGE_EVENTS):
        after = events[-1].position
        for item in await items_of(store.keys, events):
            yield _for_customer(item, actor)


def _for_customer(item: Item, actor: str) -> Item:
    shown = {name: value for name, value in item.data.items() if name != "password"}
    who = item.actor if item.actor == actor else item.actor.partition(":")[0]
    return replace(item, actor=who, data=shown)


async def _accesses(store: EventStore, customer_id: UUID, orders: set[UUID]) -> AsyncIterator[object]:
    """Who, by role, looked at what of this customer, and when."""
    after, more = 0, True
    while more:
        found = await search(store, EventFilter(topic=PersonalDataRead.TOPIC), after, PAGE_EVENTS)
        after, more = found.until, found.more
        for recorded in found.events:
            event = recorded.event
            if isinstance(event, PersonalDataRead) and (customer_id in event.customers or orders & set(event.orders)):
                yield {"at": recorded.recorded_at, "role": recorded.actor.partition(":")[0], "what": event.what}


async def _joined(items: AsyncIterator[object]) -> AsyncIterator[bytes]:
    separator = b""
    async for item in items:
        yield separator + to_json(item)
        separator = b","
