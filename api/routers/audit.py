"""The audit: the log as it is, filtered; any stream and its state at any time; what caused what; an order's story."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response, Security

from api.access_records import reader_limit, record_access
from api.auth import ANYBODY, OVERSEERS, Caller
from api.context import context_of
from api.http.errors import NotAllowed, not_yet
from api.http.strict_route import StrictRoute
from api.openapi.documentation import POSITION, example, headers, problem_answers
from api.routers.orders import order_of_caller
from api.schemas.answers import json_answer
from api.schemas.audit import ACCESS_ENTRY, ITEM, STATE, TRACE, StreamState, stream_state
from api.schemas.fields import AsOf, Cursor, Limit, Number, Search, Since, Until, Version
from commerce.audit.access_list import AccessEntry, access_entries
from commerce.audit.customer_story import TOPICS, customers_items
from commerce.audit.events import PersonalDataRead
from commerce.audit.filters import require_possible, require_possible_stream
from commerce.audit.items import Item, items_of
from commerce.audit.search import EventFilter, search
from commerce.audit.state import rebuild_state
from commerce.audit.trace import Trace, read_order, trace_of
from commerce.values.errors import InvalidInput, NotFound
from projections.engine.pages import DEFAULT_PAGE_ITEMS, Page, read_place, write_cursor

router = APIRouter(prefix="/api/v1", route_class=StrictRoute)


@router.get(
    "/orders/{order_id}/timeline",
    operation_id="get_timeline",
    tags=["orders"],
    response_model=Page[Item],
    responses=problem_answers(400, 404) | example([ITEM]),
    openapi_extra=headers(POSITION),
)
async def timeline(
    order_id: UUID,
    request: Request,
    caller: Annotated[Caller, Security(ANYBODY)],
    cursor: Cursor = None,
    limit: Limit = DEFAULT_PAGE_ITEMS,
) -> Response:
    """Read the story of an order: every event of every stream it touched, in plain words, oldest first.

    Customers are told what became of their order, money and shipment, and nothing of how the shop works.
    """
    await order_of_caller(request, caller, order_id)
    if caller.customer_id is None:
        return json_answer(
            await _page(request, caller, EventFilter(correlation_id=order_id), cursor, limit, of="timeline")
        )
    store = context_of(request).store
    begin = 0 if cursor is None else read_place("timeline", cursor)
    found = await search(store, EventFilter(correlation_id=order_id, topics=TOPICS), begin, limit)
    items = await customers_items(store.keys, found.events, caller.identity.actor)
    return json_answer(Page(items, write_cursor("timeline", found.until) if found.more else None))


@router.get(
    "/audit/events",
    operation_id="list_events",
    tags=["audit"],
    response_model=Page[Item],
    responses=problem_answers(400) | example([ITEM]),
    openapi_extra=headers(POSITION),
)
async def events(
    request: Request,
    caller: Annotated[Caller, Security(OVERSEERS)],
    *,
    after: Annotated[Number, Query(ge=0, lt=2**63, description="Only beyond this position.")] = 0,
    topic: Annotated[
        Search | None, Query(description="Only events of this kind.", examples=["inventory.StockAdjusted"])
    ] = None,
    correlation_id: Annotated[UUID | None, Query(description="Only events about this order.")] = None,
    stream_id: UUID | None = None,
    actor: Annotated[Search | None, Query(description="Only what this one did.", examples=["operator:anna"])] = None,
    begin: Annotated[Since | None, Query(alias="from", description="Only what was recorded then or later.")] = None,
    end: Annotated[Until | None, Query(alias="to", description="Only what was recorded by the end of then.")] = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_PAGE_ITEMS,
) -> Response:
    """Read the log, oldest first.

    A page looks through a part of the log only: it may have fewer items than `limit`, or none, and go on at
    `next_cursor`. Operators see who looked at personal data only where they did so themselves. Filters that no event
    can fulfil together are rejected.
    """
    require_possible(topic, order=correlation_id, actor=actor)
    reader = reader_limit(caller)
    if topic == PersonalDataRead.TOPIC and None not in (reader, actor) and actor != reader:
        raise NotAllowed("operators see who looked only where they did so themselves; ask an auditor")
    if stream_id is not None and (topic is not None or correlation_id is not None):
        await require_possible_stream(context_of(request).store, stream_id, topic, correlation_id)
    if begin is not None and end is not None and begin > end:
        raise InvalidInput("this is earlier than `from`; nothing can lie between", "to")
    wanted = EventFilter(
        topic=topic,
        correlation_id=correlation_id,
        streams=None if stream_id is None else [stream_id],
        actor=actor,
        begin=begin,
        end=end,
        reader=reader,
    )
    return json_answer(await _page(request, caller, wanted, cursor, limit, of="events", after=after))


@router.get(
    "/audit/streams/{stream_id}",
    operation_id="get_stream",
    tags=["audit"],
    response_model=Page[Item],
    responses=problem_answers(400, 404) | example([ITEM]),
    openapi_extra=headers(POSITION),
)
async def stream(
    stream_id: UUID,
    request: Request,
    caller: Annotated[Caller, Security(OVERSEERS)],
    cursor: Cursor = None,
    limit: Limit = DEFAULT_PAGE_ITEMS,
) -> Response:
    """Read one stream, oldest first: an order, or the stock item, payment, shipment, product or process that an
    event names."""
    wanted = EventFilter(streams=[stream_id], reader=reader_limit(caller))
    page = await _page(request, caller, wanted, cursor, limit, of="stream")
    if not page.items and cursor is None:
        raise NotFound(f"there is no stream {stream_id}")
    return json_answer(page)


@router.get(
    "/audit/streams/{stream_id}/state",
    operation_id="get_stream_state",
    tags=["audit"],
    response_model=StreamState,
    responses=problem_answers(400, 404) | example(STATE),
    openapi_extra=headers(POSITION),
)
async def state(
    stream_id: UUID,
    request: Request,
    caller: Annotated[Caller, Security(OVERSEERS)],
    version: Version = None,
    as_of: AsOf = None,
) -> Response:
    """See what the events of a stream add up to, now or as it was."""
    store = context_of(request).store
    rebuilt = await rebuild_state(store, stream_id, until_version=version, until_time=as_of)
    if rebuilt is None or (version is not None and rebuilt.last.originator_version != version):
        later = (
            await rebuild_state(store, stream_id, until_version=1) if as_of is not None and rebuilt is None else None
        )
        if as_of is not None and later is not None and later.last.topic != PersonalDataRead.TOPIC:
            raise not_yet(f"stream {stream_id}", as_of)
        raise NotFound(f"there is no stream {stream_id}, or there was none at this version and time")
    reader = reader_limit(caller)
    if rebuilt.last.topic == PersonalDataRead.TOPIC and reader not in (None, rebuilt.last.metadata.actor):
        raise NotFound(f"there is no stream {stream_id}, or there was none at this version and time")
    await record_access(request, caller, [rebuilt.last.correlation_id])
    return json_answer(await stream_state(store.keys, rebuilt))


@router.get(
    "/audit/orders/{order_id}/trace",
    operation_id="trace_order",
    tags=["audit"],
    response_model=Trace,
    responses=problem_answers(400, 404) | example(TRACE),
    openapi_extra=headers(POSITION),
)
async def trace(order_id: UUID, request: Request, caller: Annotated[Caller, Security(OVERSEERS)]) -> Response:
    """See what caused what: a tree from each request about an order to the last event, with the seconds between."""
    store = context_of(request).store
    events = await read_order(store, order_id)
    if not events:
        raise NotFound(f"there is no order {order_id}")
    await record_access(request, caller, [order_id])
    return json_answer(await trace_of(store.keys, order_id, events))


@router.get(
    "/audit/orders/{order_id}/readings",
    operation_id="list_readings",
    tags=["audit"],
    response_model=Page[AccessEntry],
    responses=problem_answers(400, 404) | example([ACCESS_ENTRY]),
    openapi_extra=headers(POSITION),
)
async def access_records(
    order_id: UUID,
    request: Request,
    caller: Annotated[Caller, Security(OVERSEERS)],
    cursor: Cursor = None,
    limit: Limit = DEFAULT_PAGE_ITEMS,
) -> Response:
    """See who looked at an order, when, and by which route, oldest first; operators see their own looks only.

    Looks of operators, auditors and services are recorded; those of the customer whose order it is are not. A page may
    have fewer items than `limit`, or none, and go on at `next_cursor`.
    """
    begin = 0 if cursor is None else read_place("readings", cursor)
    found = await access_entries(context_of(request).store, order_id, begin, limit, reader=reader_limit(caller))
    return json_answer(Page(found.looks, write_cursor("readings", found.until) if found.more else None))


async def _page(
    request: Request, caller: Caller, wanted: EventFilter, cursor: str | None, limit: int, *, of: str, after: int = 0
) -> Page[Item]:
    """A page of events in log order, once it is on record who sees them."""
    store = context_of(request).store
    begin = max(after, 0 if cursor is None else read_place(of, cursor))
    found = await search(store, wanted, begin, limit)
    await record_access(request, caller, [event.correlation_id for event in found.events])
    return Page(await items_of(store.keys, found.events), write_cursor(of, found.until) if found.more else None)
