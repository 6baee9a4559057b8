"""The same request, sent again: it is recognised by its key, and answered as it was the first time."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from unicodedata import normalize

from fastapi import Request

from api.auth import Caller
from api.context import context_of
from api.http.errors import IdempotencyKeyReused, MalformedRequest
from api.schemas.fields import Body
from commerce.eventstore import Accepted, Idempotency
from commerce.values.errors import CommerceError, Unavailable

LONGEST_KEY_CHARACTERS = 255


@dataclass(frozen=True, slots=True)
class KeyedRequest:
    """One request that is to be handled once, however often it is sent."""

    scope: str
    key: str
    fingerprint: bytes
    as_sent: Callable[[], bytes]
    """The fingerprint by which release 0.1.0 remembered this request."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer's body without its position (a JSON object), and the position."""

    answer: bytes
    position: int


def keyed_request(request: Request, caller: Caller, body: Body, means: Body | None = None) -> KeyedRequest:
    """What a repeat of this request is known by: who asks, what for, and the key. Raises `MalformedRequest`
    without a key.

    `means`: what the body says, without what goes without saying for this caller.
    """
    key = request.headers.get("idempotency-key", "")
    if not 1 <= len(key) <= LONGEST_KEY_CHARACTERS or not key.isascii() or not key.isprintable():
        raise MalformedRequest(
            "send the header Idempotency-Key: 1 to 255 printable ASCII characters, new for each new request"
            " and the same when you send a request again"
        )
    path = normalize("NFC", request.scope["path"])  # as the SKU in it
    scope = f"{caller.identity.actor}\n{request.method} {path}"
    fingerprints = context_of(request).fingerprints
    return KeyedRequest(scope, key, fingerprints.of(means or body), partial(fingerprints.as_sent, body))


async def answer_once(
    request: Request, attempt: KeyedRequest, answer: bytes, carry_out: Callable[[Idempotency], Awaitable[Accepted]]
) -> Outcome:
    """Carry a request out unless that was done before; then answer as it was answered then.

    Whether it was is settled by the append, so nothing is looked up for a new request. Raises `IdempotencyKeyReused`
    for another body, and what `handle_command` raises for a request that was not accepted before.
    """
    try:
        accepted = await carry_out(Idempotency(attempt.scope, attempt.key, attempt.fingerprint, answer))
    except Unavailable:
        raise  # looking would take as long again; whoever asks again will be told
    except CommerceError:
        before = await context_of(request).store.remembered(attempt.scope, attempt.key)
        if before is None:
            raise
        if not _is_same(before.fingerprint, attempt):
            raise IdempotencyKeyReused(
                f"the key {attempt.key!r} stands for an earlier request with another body; use a new key"
            ) from None
        return Outcome(before.answer, before.position)
    return Outcome(answer, accepted.position)


def _is_same(remembered: bytes, attempt: KeyedRequest) -> bool:
    return hmac.compare_digest(remembered, attempt.fingerprint) or hmac.compare_digest(remembered, attempt.as_sent())
