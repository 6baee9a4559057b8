"""Webhooks out: endpoints of other systems, added and looked after by operators, and what is delivered to them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import Path, Query, Request, Response
from pydantic_core import to_json

from api.auth import Admitted, Caller
from api.context import AppContext, context_of
from api.http.idempotency import KeyedRequest, Outcome, answer_once, answer_repeatable, keyed_request
from api.http.preference import APPLIED, preferred
from api.http.resource import Answer, Resource, page_answer
from api.openapi.headers import IDEMPOTENCY_KEY, KEY_IF_WANTED, PREFER
from api.queries.consistency import HEADER, write_position
from api.queries.own_streams import folded
from api.schemas.answers import command_answer, json_answer
from api.schemas.fields import NoFields
from api.schemas.parameters import EventPlace, Paging
from api.schemas.webhook_endpoints import (
    EXAMPLE_ADDED,
    EXAMPLE_CHANGED,
    EXAMPLE_DELIVERY,
    EXAMPLE_ENDPOINT,
    EXAMPLE_REPLAY,
    EXAMPLE_ROTATED,
    AddEndpoint,
    ChangeEndpoint,
    DeliveryView,
    EndpointAddedAnswer,
    EndpointChangedAnswer,
    ReplayAnswer,
    ReplayDeliveries,
    RotateSecret,
    SecretRotatedAnswer,
    WebhookEndpointView,
    delivery_view,
    endpoint_view,
)
from commerce.audit.search import position_at
from commerce.eventstore import Accepted, PersonKey, SealedSecret, connection_from
from commerce.values import ids
from commerce.values.errors import existing
from commerce.webhooks import commands
from commerce.webhooks.addresses import checked_url
from commerce.webhooks.deliveries import (
    Delivery,
    DeliveryStatus,
    find_deliveries,
    find_delivery,
    require_room_for_endpoint,
)
from commerce.webhooks.endpoint import USUAL_OVERLAP, EndpointTerms, NewSecret
from commerce.webhooks.secrets import SecretMaker
from projections.engine.pages import Page, write_cursor
from projections.orders import OrderNumbers, numbers_of
from projections.webhook_endpoints import WEBHOOK_ENDPOINTS, WebhookEndpointRow, find_endpoints

router = Resource("/api/v1/webhook-endpoints", "webhooks")

_SECRET = {"Cache-Control": "no-store"}
_BEYOND_POSITIONS = 2**63 - 1
_DELIVERIES = "webhook_deliveries"
Position = Annotated[EventPlace, Path(description="The event's place in the log.")]


@router.command(
    "POST",
    "",
    Answer(EndpointAddedAnswer, 201, EXAMPLE_ADDED, ("Location", HEADER, "Cache-Control")),
    problems=(400, 409),
    reads=(IDEMPOTENCY_KEY,),
)
async def add_webhook_endpoint(wanted: AddEndpoint, request: Request, caller: Admitted) -> Response:
    """Have another system told what happens from now on. The answer shows the secret, and nothing does afterwards.

    Each event is a `POST` with a CloudEvent as its body, signed as Standard Webhooks has it: check `webhook-signature`,
    and answer 2xx within 15 seconds. What is not taken is sent again for three days. Recognise a repeat by
    `webhook-id`.
    """
    context = context_of(request)
    url = checked_url(wanted.url, allow_private=context.webhooks.allow_private)
    attempt = keyed_request(request, caller, wanted)
    endpoint_id = ids.webhook_endpoint_id(attempt.scope, attempt.key)
    key = await context.store.keys.of(endpoint_id)
    if key.new:
        await require_room_for_endpoint(context.store.pool)
    secret = _new_secret(context, attempt)
    event_types = sorted(set(wanted.event_types))
    notice_to = None if wanted.notice_to is None else key.seal(wanted.notice_to)
    terms = EndpointTerms(url, tuple(event_types), notice_to)
    about = {"endpoint_id": endpoint_id, "url": url, "event_types": event_types, "status": "enabled"}
    outcome = await answer_once(
        request,
        attempt,
        to_json(about),
        lambda again: commands.add_endpoint(
            context.store, endpoint_id, terms, _sealed(key, secret), caller.metadata, key=key, idempotency=again
        ),
    )
    shown = outcome.answer[:-1] + b"," + to_json({"notice_to": wanted.notice_to, "secret": secret})[1:]
    location = {"Location": f"{router.prefix}/{endpoint_id}"}
    return command_answer(201, shown, outcome.position, {**_SECRET, **location})


@router.query("", page_answer(Page[WebhookEndpointView], EXAMPLE_ENDPOINT))
async def list_webhook_endpoints(request: Request, _caller: Admitted, paging: Paging) -> Response:
    """List the webhook endpoints, those added last first."""
    pool = await context_of(request).read_models.show(WEBHOOK_ENDPOINTS, request)
    page = await find_endpoints(pool, paging)
    return json_answer(Page(await _views(context_of(request), page.items), page.next_cursor))


@router.query("/{endpoint_id}", Answer(WebhookEndpointView, example=EXAMPLE_ENDPOINT), problems=(404,))
async def get_webhook_endpoint(endpoint_id: UUID, request: Request, _caller: Admitted) -> Response:
    """See a webhook endpoint, without its secret."""
    row = (await folded(WEBHOOK_ENDPOINTS, request, endpoint_id)).get(endpoint_id)
    shown = existing(None if row is None or row.removed_at else row, f"there is no webhook endpoint {endpoint_id}")
    (view,) = await _views(context_of(request), [shown])
    return json_answer(view)


@router.command(
    "PATCH",
    "/{endpoint_id}",
    Answer(EndpointChangedAnswer, example=EXAMPLE_CHANGED, headers=(HEADER,)),
    problems=(400, 404),
)
async def change_webhook_endpoint(
    endpoint_id: UUID, wanted: ChangeEndpoint, request: Request, caller: Admitted
) -> Response:
    """Change where an endpoint is or what it is told; disable it, or enable it again: then what waited is delivered."""
    context = context_of(request)
    key = await context.store.keys.of(endpoint_id)
    changed: dict[str, object] = {}
    if wanted.url is not None:
        changed["url"] = checked_url(wanted.url, allow_private=context.webhooks.allow_private)
    if wanted.event_types is not None:
        changed["event_types"] = tuple(sorted(set(wanted.event_types)))
    if "notice_to" in wanted.model_fields_set:
        changed["notice_to"] = None if wanted.notice_to is None else key.seal(wanted.notice_to)
    accepted = await commands.change_endpoint(
        context.store,
        endpoint_id,
        lambda terms: replace(terms, **changed),  # type: ignore[arg-type]
        wanted.enabled,
        caller.metadata,
    )
    return _changed(endpoint_id, accepted)


@router.command(
    "DELETE",
    "/{endpoint_id}",
    Answer(EndpointChangedAnswer, example=EXAMPLE_CHANGED, headers=(HEADER,)),
    problems=(404,),
)
async def remove_webhook_endpoint(endpoint_id: UUID, request: Request, caller: Admitted) -> Response:
    """Tell an endpoint nothing any more. What waits for it is forgotten."""
    return _changed(
        endpoint_id, await commands.remove_endpoint(context_of(request).store, endpoint_id, caller.metadata)
    )


@router.command(
    "POST",
    "/{endpoint_id}/rotation",
    Answer(SecretRotatedAnswer, 201, EXAMPLE_ROTATED, (HEADER, "Cache-Control")),
    problems=(400, 404),
    reads=(IDEMPOTENCY_KEY,),
)
async def rotate_webhook_secret(
    endpoint_id: UUID, wanted: RotateSecret, request: Request, caller: Admitted
) -> Response:
    """Have deliveries signed with a new secret, and for a while with the present one, too: `webhook-signature` then has
    two signatures, and a receiver takes either."""
    context, now = context_of(request), datetime.now(UTC)
    attempt = keyed_request(request, caller, wanted)
    await commands.load_endpoint(context.store, endpoint_id)
    key = await context.store.keys.of(endpoint_id)
    secret, until = _new_secret(context, attempt), wanted.previous_until or now + USUAL_OVERLAP
    new = NewSecret(_sealed(key, secret), now, until)
    outcome = await answer_once(
        request,
        attempt,
        to_json({"endpoint_id": endpoint_id, "previous_until": until}),
        lambda again: commands.rotate_secret(context.store, endpoint_id, new, caller.metadata, idempotency=again),
    )
    shown = outcome.answer[:-1] + b"," + to_json({"secret": secret})[1:]
    return command_answer(201, shown, outcome.position, _SECRET)


@router.command(
    "POST",
    "/{endpoint_id}/replay",
    Answer(ReplayAnswer, 202, EXAMPLE_REPLAY, (HEADER,)),
    problems=(400, 404, 409),
    reads=(IDEMPOTENCY_KEY,),
)
async def replay_webhook_deliveries(
    endpoint_id: UUID, wanted: ReplayDeliveries, request: Request, caller: Admitted
) -> Response:
    """Deliver once more everything since a time, in its order and under the ids that it had, out of the log."""
    store = context_of(request).store
    attempt = keyed_request(request, caller, wanted)
    async with connection_from(store.pool) as connection:
        after = await position_at(connection, wanted.since, later=False) - 1
    outcome = await answer_once(
        request,
        attempt,
        to_json({"endpoint_id": endpoint_id, "after": after}),
        lambda again: commands.replay_deliveries(store, endpoint_id, after, caller.metadata, idempotency=again),
    )
    return command_answer(202, outcome.answer, outcome.position)


@router.query("/{endpoint_id}/deliveries", page_answer(Page[DeliveryView], EXAMPLE_DELIVERY), problems=(404,))
async def list_webhook_deliveries(
    endpoint_id: UUID,
    request: Request,
    _caller: Admitted,
    paging: Paging,
    status: Annotated[DeliveryStatus | None, Query(description="Only those of this status.")] = None,
) -> Response:
    """List what is delivered to an endpoint, the newest event first; for a week after a delivery has ended."""
    store = context_of(request).store
    await commands.load_endpoint(store, endpoint_id)
    name = f"{_DELIVERIES}:{endpoint_id}"
    before = paging.place(name) or _BEYOND_POSITIONS
    found = await find_deliveries(store.pool, endpoint_id, status, before, paging.limit + 1)
    shown = found[: paging.limit]
    further = write_cursor(name, shown[-1].position) if len(found) > paging.limit else None
    numbers = await _numbers(request, shown)
    return json_answer(Page([delivery_view(each, numbers) for each in shown], further))


@router.query("/{endpoint_id}/deliveries/{position}", Answer(DeliveryView, example=EXAMPLE_DELIVERY), problems=(404,))
async def get_webhook_delivery(endpoint_id: UUID, position: Position, request: Request, _caller: Admitted) -> Response:
    """See what became of one event for an endpoint."""
    store = context_of(request).store
    await commands.load_endpoint(store, endpoint_id)
    found = await find_delivery(store.pool, endpoint_id, position)
    delivery = existing(found, _no_delivery(endpoint_id, position))
    return json_answer(delivery_view(delivery, await _numbers(request, [delivery])))


@router.command(
    "POST",
    "/{endpoint_id}/deliveries/{position}/replay",
    Answer(ReplayAnswer, 202, EXAMPLE_REPLAY, (HEADER, APPLIED)),
    Answer(DeliveryView, 200, EXAMPLE_DELIVERY, (HEADER, APPLIED), "It is delivered, or given up."),
    problems=(400, 404, 409),
    reads=(KEY_IF_WANTED, PREFER),
)
async def replay_webhook_delivery(
    endpoint_id: UUID, position: Position, request: Request, caller: Admitted
) -> Response:
    """Deliver one event once more, whatever became of it."""
    outcome = await answer_repeatable(
        request, caller, NoFields(), lambda: _replayed(request, caller, endpoint_id, position)
    )
    context, about = context_of(request), dict[str, str]()
    (asked,) = await context.store.read_log(outcome.position - 1, outcome.position)

    async def ended() -> Delivery | None:
        found = await find_delivery(context.store.pool, endpoint_id, position)
        return found if found and found.ended_at and found.ended_at > asked.recorded_at else None

    if done := await preferred(request, about, lambda seconds: context.completions.watch(ended, seconds)):
        view = delivery_view(done, await _numbers(request, [done]))
        return json_answer(view, {**about, HEADER: write_position(outcome.position)})
    return command_answer(202, outcome.answer, outcome.position, about)


async def _replayed(request: Request, caller: Caller, endpoint_id: UUID, position: int) -> Outcome:
    store = context_of(request).store
    await commands.load_endpoint(store, endpoint_id)
    existing(await find_delivery(store.pool, endpoint_id, position), _no_delivery(endpoint_id, position))
    accepted = await commands.replay_delivery(store, endpoint_id, position, caller.metadata)
    return Outcome(to_json({"endpoint_id": endpoint_id, "after": position - 1}), accepted.position)


def _new_secret(context: AppContext, attempt: KeyedRequest) -> str:
    return SecretMaker(context.store.keys.derived("webhook secrets")).new_secret(f"{attempt.scope}\0{attempt.key}")


def _sealed(key: PersonKey, secret: str) -> SealedSecret:
    return SealedSecret(key.seal(secret))


def _changed(endpoint_id: UUID, accepted: Accepted) -> Response:
    about = {"endpoint_id": endpoint_id, "version": accepted.version}
    return command_answer(200, to_json(about), accepted.position)


def _no_delivery(endpoint_id: UUID, position: int) -> str:
    return f"nothing of position {position} is delivered to endpoint {endpoint_id}; list its deliveries"


async def _views(context: AppContext, rows: list[WebhookEndpointRow]) -> list[WebhookEndpointView]:
    opened = await context.store.keys.open_readable([row.notice_to for row in rows if row.notice_to is not None])
    return [endpoint_view(row, opened) for row in rows]


async def _numbers(request: Request, deliveries: Iterable[Delivery]) -> OrderNumbers:
    """What people call the orders that deliveries are about."""
    return await numbers_of(context_of(request).store.pool, (delivery.about for delivery in deliveries))
