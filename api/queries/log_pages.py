"""Pages of the log: what is on them is recorded as seen before it is shown."""

from __future__ import annotations

from dataclasses import dataclass, fields

from fastapi import Request

from api.auth import Caller
from api.context import context_of
from api.http.accepted_languages import told_language
from api.queries.access_records import record_access_to
from commerce.audit.items import Item, named_items
from commerce.audit.search import EventFilter, search, search_newest
from projections.engine.pages import Page, PageRequest, write_cursor
from projections.orders import numbers_of


@dataclass(frozen=True, slots=True)
class LoggedItem(Item):
    """One event of the log, with what people call the order that it is about."""

    number: str | None = None
    """What people call that order; null where it is about none, and while the list of orders does not show it yet."""


async def logged(request: Request, page: Page[Item]) -> Page[LoggedItem]:
    """A page of events with the numbers of their orders, found at once. Raises `Unavailable`."""
    numbers = await numbers_of(context_of(request).store.pool, (item.correlation_id for item in page.items))
    items = [
        LoggedItem(
            **{one.name: getattr(item, one.name) for one in fields(Item)},
            number=numbers.get(item.correlation_id),
        )
        for item in page.items
    ]
    return Page(items, page.next_cursor)


async def recorded_page(
    request: Request, caller: Caller, wanted: EventFilter, paging: PageRequest, *, of: str, after: int = 0
) -> Page[Item]:
    """A page of events in log order, once it is on record who sees them; `of` names the list in its cursor."""
    store = context_of(request).store
    found = await search(store, wanted, max(after, paging.place(of)), paging.limit)
    await record_access_to(request, caller, found.events)
    items = await named_items(store, found.events, told_language(request))
    return Page(items, write_cursor(of, found.until) if found.more else None)


async def recorded_newest_page(
    request: Request, caller: Caller, wanted: EventFilter, paging: PageRequest, *, of: str
) -> Page[Item]:
    """A page of events, newest first, once it is on record who sees them; `of` names the list in its cursor."""
    store = context_of(request).store
    before = None if paging.cursor is None else paging.place(of)
    found = await search_newest(store, wanted, before, paging.limit)
    await record_access_to(request, caller, found.events)
    items = await named_items(store, found.events, told_language(request))
    return Page(items, write_cursor(of, found.until) if found.more else None)
