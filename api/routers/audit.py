"""The audit: the filtered log, any stream and its state at any time, what caused what, who saw an order, and proofs."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response

from api.auth import Admitted
from api.bulk.export_answer import ExportAnswer, wants_lines
from api.bulk.exports import event_pages
from api.context import context_of
from api.http.accepted_languages import told_answer, told_language
from api.http.errors import NotAllowed, not_yet
from api.http.resource import Answer, Resource, page_answer
from api.http.turns import end_turn
from api.live.blocks import EventOutline
from api.live.stream import EventStream, resume_position
from api.openapi.headers import ACCEPT_LANGUAGE, LAST_EVENT_ID, TOLD
from api.queries.access_records import reader_limit, record_access, record_access_to
from api.queries.log_pages import LoggedItem, logged, recorded_newest_page, recorded_page
from api.schemas.answers import json_answer
from api.schemas.audit import (
    ACCESS_ENTRY,
    HEAD,
    LOGGED,
    PLACE,
    PROOF,
    READING,
    STATE,
    TRACE,
    OrderProof,
    StreamState,
    stream_state,
)
from api.schemas.bulk import EVENT_LINES
from api.schemas.event_stream import events_answer
from api.schemas.fields import Search
from api.schemas.parameters import AsOf, EventPlace, Paging, Place, Since, Until, Version
from commerce.audit.access_list import AccessEntry, Reading, ReadingFilter, access_entries, newest_readings
from commerce.audit.actor_names import actor_name, names_of
from commerce.audit.events import PersonalDataRead
from commerce.audit.filters import require_possible, require_possible_stream
from commerce.audit.search import EventFilter
from commerce.audit.state import rebuild_state
from commerce.audit.trace import Trace, read_order, trace_of
from commerce.eventstore import connection_from
from commerce.evidence.heads import PublishedHead, newest_heads
from commerce.evidence.proof import prove, rows_of
from commerce.values.errors import InvalidInput, NotFound
from projections.engine.pages import Page, write_cursor
from projections.orders import numbers_of

router = Resource("/api/v1/audit", "audit")

Begin = Annotated[Since | None, Query(alias="from", description="Only what was recorded then or later.")]
End = Annotated[Until | None, Query(alias="to", description="Only what was recorded by the end of then.")]


@router.query("/events", page_answer(Page[LoggedItem], LOGGED, TOLD), EVENT_LINES, reads=(ACCEPT_LANGUAGE,))
async def list_events(
    request: Request,
    caller: Admitted,
    paging: Paging,
    *,
    after: Annotated[Place, Query(description="Only beyond this position.")] = 0,
    topic: Annotated[
        Search | None, Query(description="Only events of this kind.", examples=["inventory.StockAdjusted"])
    ] = None,
    correlation_id: Annotated[UUID | None, Query(description="Only events about this order.")] = None,
    stream_id: UUID | None = None,
    actor: Annotated[Search | None, Query(description="Only what this one did.", examples=["operator:anna"])] = None,
    begin: Begin = None,
    end: End = None,
    newest_first: Annotated[bool, Query(description="From the end of the log backwards; not with `after`.")] = False,
) -> Response:
    """Read the log, oldest first, or `newest_first`.

    A page searches only a part of the log: it may have fewer items than `limit`, or none, and still a `next_cursor`.
    Operators see only their own access to personal data. Filters that no event can match together are rejected. With
    `Accept: application/x-ndjson` all events come, one on each line.
    """
    require_possible(topic, order=correlation_id, actor=actor)
    reader = reader_limit(caller)
    if topic == PersonalDataRead.TOPIC and actor is not None:
        _require_own(reader, actor)
    if stream_id is not None and (topic is not None or correlation_id is not None):
        await require_possible_stream(context_of(request).store, stream_id, topic, correlation_id)
    _require_order(begin, end)
    if newest_first and (after or wants_lines(request)):
        raise InvalidInput("events come newest first without `after`, and not as lines; leave one out", "newest_first")
    wanted = EventFilter(
        topic=topic,
        correlation_id=correlation_id,
        streams=None if stream_id is None else [stream_id],
        actor=actor,
        begin=begin,
        end=end,
        reader=reader,
    )
    if wants_lines(request):
        begins = max(after, paging.place("events"))
        return ExportAnswer(request, caller, event_pages(request, caller, wanted, begins))
    language = told_language(request)
    if newest_first:
        page = await recorded_newest_page(request, caller, wanted, paging, of="newest events")
    else:
        page = await recorded_page(request, caller, wanted, paging, of="events", after=after)
    return told_answer(await logged(request, page), language)


@router.query("/events/live", events_answer(PLACE, EventOutline), reads=(LAST_EVENT_ID,))
async def follow_log(
    request: Request,
    caller: Admitted,
    *,
    topic: Annotated[Search | None, Query(description="Only events of this kind.")] = None,
    correlation_id: Annotated[UUID | None, Query(description="Only events about this order.")] = None,
    stream_id: UUID | None = None,
    actor: Annotated[Search | None, Query(description="Only what this one did.")] = None,
) -> Response:
    """Hear of each event that is recorded: from now on, or after `Last-Event-ID`.

    It goes on there without gap or repetition. Each event's `data` says what kind of event stands where, who did it and
    what it is about, and nothing of what it says: `GET /audit/events` shows that, and records who saw it.
    """
    require_possible(topic, order=correlation_id, actor=actor)
    position = await resume_position(request)
    after = await context_of(request).store.head() if position is None else position
    wanted = EventFilter(
        topic=topic,
        correlation_id=correlation_id,
        streams=None if stream_id is None else [stream_id],
        actor=actor,
        reader=reader_limit(caller),
    )
    return EventStream(request, caller, wanted, after, outlines=True)


@router.query(
    "/streams/{stream_id}", page_answer(Page[LoggedItem], LOGGED, TOLD), problems=(404,), reads=(ACCEPT_LANGUAGE,)
)
async def get_stream(stream_id: UUID, request: Request, caller: Admitted, paging: Paging) -> Response:
    """Read one stream, oldest first: an order, stock item, payment, shipment, product or process."""
    wanted = EventFilter(streams=[stream_id], reader=reader_limit(caller))
    page = await recorded_page(request, caller, wanted, paging, of="stream")
    if not page.items and paging.cursor is None:
        raise NotFound(f"there is no stream {stream_id}")
    return told_answer(await logged(request, page), told_language(request))


@router.query("/streams/{stream_id}/state", Answer(StreamState, example=STATE), problems=(404,))
async def get_stream_state(
    stream_id: UUID, request: Request, caller: Admitted, version: Version = None, as_of: AsOf = None
) -> Response:
    """See what the events of a stream add up to, now or as it was."""
    store = context_of(request).store
    rebuilt = await rebuild_state(store, stream_id, until_version=version, until_time=as_of)
    missing = NotFound(f"there is no stream {stream_id}, or there was none at this version and time")
    if rebuilt is None or (version is not None and rebuilt.last.originator_version != version):
        later = (
            await rebuild_state(store, stream_id, until_version=1) if as_of is not None and rebuilt is None else None
        )
        if as_of is not None and later is not None and later.last.topic != PersonalDataRead.TOPIC:
            raise not_yet(f"stream {stream_id}", as_of)
        raise missing
    reader = reader_limit(caller)
    if rebuilt.last.topic == PersonalDataRead.TOPIC and reader not in (None, rebuilt.last.metadata.actor):
        raise missing
    await record_access_to(request, caller, [rebuilt.last])
    return json_answer(await stream_state(store.keys, rebuilt))


@router.query(
    "/orders/{order_id}/trace",
    Answer(Trace, example=TRACE, headers=TOLD),
    problems=(404,),
    reads=(ACCEPT_LANGUAGE,),
)
async def trace_order(order_id: UUID, request: Request, caller: Admitted) -> Response:
    """See what caused what: a tree from each request about an order to the last event, with the seconds between."""
    store = context_of(request).store
    events = await read_order(store, order_id)
    if not events:
        raise NotFound(f"there is no order {order_id}")
    await record_access(request, caller, [order_id])
    names = await names_of(store, (one.metadata.actor for one in events))
    language = told_language(request)
    return told_answer(await trace_of(store.keys, order_id, events, names, language), language)


@router.query("/orders/{order_id}/readings", page_answer(Page[AccessEntry], ACCESS_ENTRY), problems=(404,))
async def list_readings(order_id: UUID, request: Request, caller: Admitted, paging: Paging) -> Response:
    """See who accessed an order, when, and by which route, oldest first; operators see only their own access.

    The access of operators, auditors and services is recorded; that of the customer is not. A page may have fewer
    items than `limit`, or none, and still a `next_cursor`.
    """
    store, reader = context_of(request).store, reader_limit(caller)
    found = await access_entries(store, order_id, paging.place("readings"), paging.limit, reader=reader)
    names = await names_of(store, (look.actor for look in found.looks))
    looks = [replace(look, who=actor_name(look.actor, names)) for look in found.looks]
    return json_answer(Page(looks, write_cursor("readings", found.until) if found.more else None))


@router.query("/readings", page_answer(Page[Reading], READING))
async def search_readings(
    request: Request,
    caller: Admitted,
    paging: Paging,
    *,
    actor: Annotated[Search | None, Query(description="Only looks of this one.", examples=["operator:anna"])] = None,
    customer_id: Annotated[UUID | None, Query(description="Only looks at this customer.")] = None,
    order_id: Annotated[UUID | None, Query(description="Only looks at this order.")] = None,
    begin: Begin = None,
    end: End = None,
) -> Response:
    """See who looked at whose data, newest first; operators see only their own access.

    A page may have fewer items than `limit`, or none, and still a `next_cursor`.
    """
    _require_order(begin, end)
    if None not in (customer_id, order_id):
        raise InvalidInput("name an order or a customer, not both", "order_id")
    store, reader = context_of(request).store, reader_limit(caller)
    if actor is not None:
        _require_own(reader, actor)
    wanted = ReadingFilter(actor or reader, customer_id or order_id, begin, end)
    before = None if paging.cursor is None else paging.place("looks")
    found = await newest_readings(store, wanted, before, paging.limit)
    names = await names_of(store, (look.actor for look in found.looks))
    numbers = await numbers_of(store.pool, (seen for look in found.looks for seen in look.orders))
    looks = [
        replace(look, who=actor_name(look.actor, names), numbers=[numbers.get(seen) for seen in look.orders])
        for look in found.looks
    ]
    return json_answer(Page(looks, write_cursor("looks", found.until) if found.more else None))


@router.query("/heads", page_answer(Page[PublishedHead], HEAD))
async def list_heads(
    request: Request,
    _caller: Admitted,
    paging: Paging,
    tree_size: Annotated[EventPlace | None, Query(description="Only the head of this size.")] = None,
) -> Response:
    """List the signed tree heads of the log, the newest first.

    Each line of a file of heads, as `scripts/check_proof.py` reads them, is one item.
    """
    log = context_of(request).signed_log
    before = None if paging.cursor is None else paging.place("heads") - 1
    async with connection_from(context_of(request).store.pool) as connection:
        if tree_size is None:
            found = await newest_heads(connection, paging.limit + 1, at_most=before)
        else:
            found = [one for one in await newest_heads(connection, 1, tree_size) if one.tree_size == tree_size]
    key, shown = log.public_key(), found[: paging.limit]
    further = write_cursor("heads", shown[-1].tree_size) if len(found) > paging.limit else None
    return json_answer(Page([head.published(key) for head in shown], further))


@router.query("/orders/{order_id}/proof", Answer(OrderProof, example=PROOF), problems=(404, 409))
async def prove_order(
    order_id: UUID,
    request: Request,
    caller: Admitted,
    tree_size: Annotated[
        EventPlace | None, Query(description="Against the head of this size; by default the newest.")
    ] = None,
) -> Response:
    """Get a proof that all events about an order stand in the signed log exactly so.

    Events that no head covers yet are waited for, up to ten seconds. `scripts/check_proof.py` checks the proof against
    a head, and needs nothing of ours.
    """
    context = context_of(request)
    async with connection_from(context.store.pool) as connection:
        rows = await rows_of(connection, order_id)
    if tree_size is None:
        end_turn(request.scope)
        await context.signed_log.reach(rows[-1].position)
    await record_access(request, caller, [order_id])
    async with connection_from(context.store.pool) as connection:
        return json_answer(await prove(connection, order_id, tree_size, rows))


def _require_own(reader: str | None, actor: str) -> None:
    """Raises `NotAllowed` where a reader who may see their own looks alone asks for others'."""
    if reader not in (None, actor):
        raise NotAllowed("operators see who looked only where they did so themselves; ask an auditor")


def _require_order(begin: datetime | None, end: datetime | None) -> None:
    """Raises `InvalidInput` for an end before its beginning."""
    if begin is not None and end is not None and begin > end:
        raise InvalidInput("this is earlier than `from`; nothing can lie between", "to")
