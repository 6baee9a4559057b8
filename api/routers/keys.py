"""API keys of services: issued, rotated and revoked by operators."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic_core import to_json

from api.auth import Admitted, Caller
from api.context import AppContext, context_of
from api.http.idempotency import answer_once, keyed_request
from api.http.resource import Answer, Resource, page_answer
from api.openapi.headers import IDEMPOTENCY_KEY
from api.queries.consistency import HEADER
from api.queries.own_streams import folded
from api.schemas.answers import command_answer, json_answer
from api.schemas.api_keys import (
    EXAMPLE_ISSUED,
    EXAMPLE_KEY,
    EXAMPLE_REVOKED,
    EXAMPLE_ROTATED,
    ApiKeyStatus,
    ApiKeyView,
    IssueKey,
    KeyIssued,
    KeyRevoked,
    RotateKey,
    key_view,
)
from api.schemas.fields import Body, OwnerSearch
from api.schemas.parameters import Paging
from commerce.eventstore import Accepted, Idempotency
from commerce.machines import commands
from commerce.machines.api_key import USUAL_LIFE, USUAL_OVERLAP, NewApiKey
from commerce.machines.key_checks import last_uses
from commerce.machines.key_text import BEGINNING_CHARACTERS, digest_of
from commerce.values import ids
from commerce.values.errors import existing
from projections.api_keys import API_KEYS, ApiKeyRow, find_keys
from projections.engine.pages import Page

router = Resource("/api/v1/auth/keys", "auth")

_SECRET = {"Cache-Control": "no-store"}

Handle = Callable[[NewApiKey, Idempotency], Awaitable[Accepted]]


@router.command(
    "POST",
    "",
    Answer(KeyIssued, 201, EXAMPLE_ISSUED, ("Location", HEADER, "Cache-Control")),
    problems=(400, 409),
    reads=(IDEMPOTENCY_KEY,),
)
async def issue_key(wanted: IssueKey, request: Request, caller: Admitted) -> Response:
    """Give a service an API key. The answer shows it, and nothing does afterwards."""
    caller.must_have(wanted.scopes)
    terms = _Terms(wanted.service, tuple(sorted(set(wanted.scopes))), wanted.expires_at)
    store = context_of(request).store
    return await _issued(
        request,
        caller,
        wanted,
        terms,
        lambda new, key: commands.issue_key(store, new, caller.metadata, idempotency=key),
    )


@router.command(
    "POST",
    "/{key_id}/rotation",
    Answer(KeyIssued, 201, EXAMPLE_ROTATED, ("Location", HEADER, "Cache-Control")),
    problems=(400, 404, 409),
    reads=(IDEMPOTENCY_KEY,),
)
async def rotate_key(key_id: UUID, wanted: RotateKey, request: Request, caller: Admitted) -> Response:
    """Give a service another API key with the same scopes. The present one ends at a stated time, until when both are
    good."""
    store = context_of(request).store
    present = await commands.load_key(store, key_id)
    caller.must_have(present.scopes)
    ends_at = wanted.ends_at or min(datetime.now(UTC) + USUAL_OVERLAP, present.expires_at)
    return await _issued(
        request,
        caller,
        wanted,
        _Terms(present.service, present.scopes, wanted.expires_at, key_id, ends_at),
        lambda new, key: commands.replace_key(store, key_id, new, ends_at, caller.metadata, idempotency=key),
    )


@router.command("DELETE", "/{key_id}", Answer(KeyRevoked, example=EXAMPLE_REVOKED, headers=(HEADER,)), problems=(404,))
async def revoke_key(key_id: UUID, request: Request, caller: Admitted) -> Response:
    """Revoke an API key: here it is refused from now on, and by every other process within two seconds."""
    context = context_of(request)
    accepted = await commands.revoke_key(context.store, key_id, caller.metadata)
    context.api_keys.forget(key_id)
    return command_answer(200, to_json({"key_id": key_id, "status": ApiKeyStatus.REVOKED}), accepted.position)


@router.query("", page_answer(Page[ApiKeyView], EXAMPLE_KEY))
async def list_keys(
    request: Request,
    _caller: Admitted,
    paging: Paging,
    service: Annotated[OwnerSearch | None, Query(description="Only this service's.")] = None,
) -> Response:
    """List API keys, those issued last first: whose, what for, until when, and when they were used last."""
    pool = await context_of(request).read_models.show(API_KEYS, request)
    page = await find_keys(pool, service, paging)
    return json_answer(Page(await _views(context_of(request), page.items), page.next_cursor))


@router.query("/{key_id}", Answer(ApiKeyView, example=EXAMPLE_KEY), problems=(404,))
async def get_key(key_id: UUID, request: Request, _caller: Admitted) -> Response:
    """See an API key, without the key itself."""
    row = existing((await folded(API_KEYS, request, key_id)).get(key_id), f"there is no key {key_id}")
    (view,) = await _views(context_of(request), [row])
    return json_answer(view)


@dataclass(frozen=True, slots=True)
class _Terms:
    """Whose a new key is, what for, and until when."""

    service: str
    scopes: tuple[str, ...]
    expires_at: datetime | None
    replaces: UUID | None = None
    replaced_ends_at: datetime | None = None


async def _issued(request: Request, caller: Caller, body: Body, terms: _Terms, handle: Handle) -> Response:
    """Issue a key; a repeat of the request is answered with the same one, which is kept nowhere."""
    attempt = keyed_request(request, caller, body)
    key = context_of(request).api_keys.new_key(f"{attempt.scope}\0{attempt.key}")
    key_id, now = ids.api_key_id(digest_of(key)), datetime.now(UTC)
    new = NewApiKey(key, terms.service, terms.scopes, now, terms.expires_at or now + USUAL_LIFE)
    about = {
        "key_id": key_id,
        "service": new.service,
        "scopes": new.scopes,
        "beginning": key[:BEGINNING_CHARACTERS],
        "expires_at": new.expires_at,
        "replaces": terms.replaces,
        "replaced_ends_at": terms.replaced_ends_at,
    }
    outcome = await answer_once(request, attempt, to_json(about), lambda again: handle(new, again))
    shown = b'%b,"key":"%b"}' % (outcome.answer[:-1], key.encode())
    return command_answer(201, shown, outcome.position, {**_SECRET, "Location": f"{router.prefix}/{key_id}"})


async def _views(context: AppContext, rows: list[ApiKeyRow]) -> list[ApiKeyView]:
    uses = await last_uses(context.store.pool, [row.key_id for row in rows])
    now = datetime.now(UTC)
    return [key_view(row, uses.get(row.key_id), now) for row in rows]
