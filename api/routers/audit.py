"""The audit: the log as it is, filtered; any stream and its state at any time; what caused what; an order's story."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response, Security

from api.answers import shown
from api.audit_shapes import ITEM, LOOK, STATE, TRACE, StreamState, stream_state
from api.auth import ANYBODY, OVERSEERS, Caller
from api.documentation import POSITION, example, headers, refusals
from api.fields import AsOf, Cursor, Limit, Number, Search, Since, Until, Version
from api.parts import parts_of
from api.readings import reader_limit, record_reading
from api.refusals import NotAllowed, not_yet
from api.routers.orders import order_of_caller
from api.strict_route import StrictRoute
from commerce.audit.customer_story import TOPICS, customers_items
from commerce.audit.events import PersonalDataRead
from commerce.audit.filters import require_possible, require_possible_stream
from commerce.audit.items import Item, items_of
from commerce.audit.looks import Look, looks_at
from commerce.audit.searching import Wanted, search
from commerce.audit.state import rebuild
from commerce.audit.trace import Trace, read_order, trace_of
from commerce.errors import InvalidInput, NotFound
from projections.paging import LIMIT, Page, read_place, write_cursor

router = APIRouter(prefix="/api/v1", route_class=StrictRoute)


@router.get(
    "/orders/{order_id}/timeline",
    operation_id="get_timeline",
    tags=["orders"],
    response_model=Page[Item],
    responses=refusals(400, 404) | example([ITEM]),
    openapi_extra=headers(POSITION),
)
async def timeline(
    order_id: UUID,
    request: Request,
    caller: Annotated[Caller, Security(ANYBODY)],
    cursor: Cursor = None,
    limit: Limit = LIMIT,
) -> Response:
    """Read the story of an order: every fact of every stream it touched, in plain words, oldest first.

    Customers are told what became of their order, money and parcel, and nothing of how the shop works.
    """
    await order_of_caller(request, caller, order_id)
    if caller.customer_id is None:
        return shown(await _page(request, caller, Wanted(correlation_id=order_id), cursor, limit, of="timeline"))
    store = parts_of(request).store
    begin = 0 if cursor is None else read_place("timeline", cursor)
    found = await search(store, Wanted(correlation_id=order_id, topics=TOPICS), begin, limit)
    items = await customers_items(store.keys, found.facts, caller.identity.actor)
    return shown(Page(items, write_cursor("timeline", found.until) if found.more else None))


@router.get(
    "/audit/events",
    operation_id="list_events",
    tags=["audit"],
    response_model=Page[Item],
    responses=refusals(400) | example([ITEM]),
    openapi_extra=headers(POSITION),
)
async def events(
    request: Request,
    caller: Annotated[Caller, Security(OVERSEERS)],
    *,
    after: Annotated[Number, Query(ge=0, lt=2**63, description="Only beyond this position.")] = 0,
    topic: Annotated[
        Search | None, Query(description="Only facts of this kind.", examples=["inventory.StockAdjusted"])
    ] = None,
    correlation_id: Annotated[UUID | None, Query(description="Only facts about this order.")] = None,
    stream_id: UUID | None = None,
    actor: Annotated[Search | None, Query(description="Only what this one did.", examples=["operator:anna"])] = None,
    begin: Annotated[Since | None, Query(alias="from", description="Only what was recorded then or later.")] = None,
    end: Annotated[Until | None, Query(alias="to", description="Only what was recorded by the end of then.")] = None,
    cursor: Cursor = None,
    limit: Limit = LIMIT,
) -> Response:
    """Read the log, oldest first.

    A page looks through a part of the log only: it may have fewer items than `limit`, or none, and go on at `next_cursor`.
    Operators see who looked at personal data only where they did so themselves. Filters that no fact can fulfil together are
    refused.
    """
    require_possible(topic, order=correlation_id, actor=actor)
    reader = reader_limit(caller)
    if topic == PersonalDataRead.TOPIC and None not in (reader, actor) and actor != reader:
        raise NotAllowed("operators see who looked only where they did so themselves; ask an auditor")
    if stream_id is not None and (topic is not None or correlation_id is not None):
        await require_possible_stream(parts_of(request).store, stream_id, topic, correlation_id)
    if begin is not None and end is not None and begin > end:
        raise InvalidInput("this is earlier than `from`; nothing can lie between", "to")
    wanted = Wanted(
        topic=topic,
        correlation_id=correlation_id,
        streams=None if stream_id is None else [stream_id],
        actor=actor,
        begin=begin,
        end=end,
        reader=reader,
    )
    return shown(await _page(request, caller, wanted, cursor, limit, of="events", after=after))


@router.get(
    "/audit/streams/{stream_id}",
    operation_id="get_stream",
    tags=["audit"],
    response_model=Page[Item],
    responses=refusals(400, 404) | example([ITEM]),
    openapi_extra=headers(POSITION),
)
async def stream(
    stream_id: UUID,
    request: Request,
    caller: Annotated[Caller, Security(OVERSEERS)],
    cursor: Cursor = None,
    limit: Limit = LIMIT,
) -> Response:
    """Read one stream, oldest first: an order, or the stock item, payment, shipment, product or process that a fact names."""
    wanted = Wanted(streams=[stream_id], reader=reader_limit(caller))
    page = await _page(request, caller, wanted, cursor, limit, of="stream")
    if not page.items and cursor is None:
        raise NotFound(f"there is no stream {stream_id}")
    return shown(page)


@router.get(
    "/audit/streams/{stream_id}/state",
    operation_id="get_stream_state",
    tags=["audit"],
    response_model=StreamState,
    responses=refusals(400, 404) | example(STATE),
    openapi_extra=headers(POSITION),
)
async def state(
    stream_id: UUID,
    request: Request,
    caller: Annotated[Caller, Security(OVERSEERS)],
    version: Version = None,
    as_of: AsOf = None,
) -> Response:
    """See what the facts of a stream add up to, now or as it was."""
    store = parts_of(request).store
    rebuilt = await rebuild(store, stream_id, until_version=version, until_time=as_of)
    if rebuilt is None or (version is not None and rebuilt.last.originator_version != version):
        later = await rebuild(store, stream_id, until_version=1) if as_of is not None and rebuilt is None else None
        if as_of is not None and later is not None and later.last.topic != PersonalDataRead.TOPIC:
            raise not_yet(f"stream {stream_id}", as_of)
        raise NotFound(f"there is no stream {stream_id}, or there was none at this version and time")
    reader = reader_limit(caller)
    if rebuilt.last.topic == PersonalDataRead.TOPIC and reader not in (None, rebuilt.last.metadata.actor):
        raise NotFound(f"there is no stream {stream_id}, or there was none at this version and time")
    await record_reading(request, caller, [rebuilt.last.correlation_id])
    return shown(await stream_state(store.keys, rebuilt))


@router.get(
    "/audit/orders/{order_id}/trace",
    operation_id="trace_order",
    tags=["audit"],
    response_model=Trace,
    responses=refusals(400, 404) | example(TRACE),
    openapi_extra=headers(POSITION),
)
async def trace(order_id: UUID, request: Request, caller: Annotated[Caller, Security(OVERSEERS)]) -> Response:
    """See what caused what: a tree from each request about an order to the last fact, with the seconds between."""
    store = parts_of(request).store
    facts = await read_order(store, order_id)
    if not facts:
        raise NotFound(f"there is no order {order_id}")
    await record_reading(request, caller, [order_id])
    return shown(await trace_of(store.keys, order_id, facts))


@router.get(
    "/audit/orders/{order_id}/readings",
    operation_id="list_readings",
    tags=["audit"],
    response_model=Page[Look],
    responses=refusals(400, 404) | example([LOOK]),
    openapi_extra=headers(POSITION),
)
async def readings(
    order_id: UUID,
    request: Request,
    caller: Annotated[Caller, Security(OVERSEERS)],
    cursor: Cursor = None,
    limit: Limit = LIMIT,
) -> Response:
    """See who looked at an order, when, and by which route, oldest first; operators see their own looks only.

    Looks of operators, auditors and services are recorded; those of the customer whose order it is are not. A page may have
    fewer items than `limit`, or none, and go on at `next_cursor`.
    """
    begin = 0 if cursor is None else read_place("readings", cursor)
    found = await looks_at(parts_of(request).store, order_id, begin, limit, reader=reader_limit(caller))
    return shown(Page(found.looks, write_cursor("readings", found.until) if found.more else None))


async def _page(
    request: Request, caller: Caller, wanted: Wanted, cursor: str | None, limit: int, *, of: str, after: int = 0
) -> Page[Item]:
    """A page of facts in log order, once it is on record who sees them."""
    store = parts_of(request).store
    begin = max(after, 0 if cursor is None else read_place(of, cursor))
    found = await search(store, wanted, begin, limit)
    await record_reading(request, caller, [fact.correlation_id for fact in found.facts])
    return Page(await items_of(store.keys, found.facts), write_cursor(of, found.until) if found.more else None)
