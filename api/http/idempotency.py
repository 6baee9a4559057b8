"""Idempotency: a request that is sent again is recognised by its key and gets the first answer."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from math import inf
from unicodedata import normalize

from fastapi import Request

from api.auth import Caller
from api.context import context_of
from api.http.errors import IdempotencyKeyReused, MalformedRequest
from api.schemas.fields import Body
from commerce.eventstore import Accepted, Idempotency, Repeated
from commerce.values.errors import CommerceError, Unavailable

LONGEST_KEY_CHARACTERS = 255


@dataclass(frozen=True, slots=True)
class KeyedRequest:
    """A request that is handled once, however often it is sent."""

    scope: str
    key: str
    fingerprint: bytes
    as_sent: Callable[[], bytes]
    """Makes the fingerprint by which release 0.1.0 remembered this request."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The body of the answer without its position (a JSON object), and the position."""

    answer: bytes
    position: int
    age_s: float = 0.0
    """How long ago the request was accepted, in seconds."""


def keyed_request(request: Request, caller: Caller, body: Body, means: Body | None = None) -> KeyedRequest:
    """What a repetition of this request is recognised by: sender, route and key.

    `means` is the body without what is implied for this caller. Raises `MalformedRequest` without a usable key.
    """
    return _keyed(request, caller.identity.actor, body, means or body)


def keyed_by_anybody(request: Request, body: Body) -> KeyedRequest | None:
    """The same for a route without a token, whose callers are all one sender; None without a key.

    What is secret in the body counts for nothing. Raises `MalformedRequest` for a key that cannot be used.
    """
    return _keyed(request, "anybody", body, body) if "idempotency-key" in request.headers else None


def idempotency_key_of(request: Request) -> str:
    """The key that a request comes with. Raises `MalformedRequest` without a usable one."""
    key = request.headers.get("idempotency-key", "")
    if not 1 <= len(key) <= LONGEST_KEY_CHARACTERS or not key.isascii() or not key.isprintable():
        raise MalformedRequest(
            "send the header Idempotency-Key: 1 to 255 printable ASCII characters, new for each new request"
            " and the same when you send a request again"
        )
    return key


def _keyed(request: Request, sender: str, body: Body, means: Body) -> KeyedRequest:
    key = idempotency_key_of(request)
    path = normalize("NFC", request.scope["path"])  # as the SKU in it
    scope = f"{sender}\n{request.method} {path}"
    fingerprints = context_of(request).fingerprints
    return KeyedRequest(scope, key, fingerprints.of(means), partial(fingerprints.as_sent, body))


async def answer_once(
    request: Request,
    attempt: KeyedRequest,
    answer: bytes,
    handle: Callable[[Idempotency], Awaitable[Accepted]],
    *,
    compared_s: float = inf,
) -> Outcome:
    """Handle a request, or return the first answer if it was accepted before.

    The append finds out which, so a new request costs no lookup. Raises `IdempotencyKeyReused` for another body with
    the same key, unless the first was accepted more than `compared_s` seconds ago, and what `handle` raises for a
    request that was not accepted before.
    """
    try:
        accepted = await handle(Idempotency(attempt.scope, attempt.key, attempt.fingerprint, answer))
    except Unavailable:
        raise  # a lookup would take as long again; the client will ask again
    except CommerceError:
        first = await _first_answer(request, attempt, compared_s)
        if first is None:
            raise
        return first
    return Outcome(answer, accepted.position)


async def answer_repeatable(
    request: Request, caller: Caller, body: Body, handle: Callable[[], Awaitable[Outcome]]
) -> Outcome:
    """Handle a request that can be repeated as it is, or, where it comes with a key, return its first answer.

    For commands whose answer is known only afterwards. Where the process ends between the two, the repeat is handled as
    any other. Raises `IdempotencyKeyReused`, `MalformedRequest`, and what `handle` raises.
    """
    if "idempotency-key" not in request.headers:
        return await handle()
    attempt, store = keyed_request(request, caller, body), context_of(request).store
    if first := await _first_answer(request, attempt):
        return first
    outcome = await handle()
    try:
        await store.remember(
            Idempotency(attempt.scope, attempt.key, attempt.fingerprint, outcome.answer), outcome.position
        )
    except Repeated:  # the same came at the same moment
        return await _first_answer(request, attempt) or outcome
    return outcome


async def _first_answer(request: Request, attempt: KeyedRequest, compared_s: float = inf) -> Outcome | None:
    """What the request was answered, if it was accepted before. Raises `IdempotencyKeyReused` for another body."""
    before = await context_of(request).store.remembered(attempt.scope, attempt.key)
    if before is None:
        return None
    if before.age_s <= compared_s and not _is_same(before.fingerprint, attempt):
        raise IdempotencyKeyReused(
            f"the key {attempt.key!r} stands for an earlier request with another body; use a new key"
        )
    return Outcome(before.answer, before.position, before.age_s)


def _is_same(remembered: bytes, attempt: KeyedRequest) -> bool:
    return hmac.compare_digest(remembered, attempt.fingerprint) or hmac.compare_digest(remembered, attempt.as_sent())
