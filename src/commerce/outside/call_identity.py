"""Whose call it is that goes out: a party that is told so can find it in our log, and we in its."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from uuid import UUID


@dataclass(frozen=True, slots=True)
class CallIdentity:
    """One call: the order and the process's request that it is for, and its number among the request's attempts."""

    order_id: UUID
    request_id: UUID
    attempt: int | None = None
    """None for a question, which has nothing done."""
    span: int = field(default_factory=lambda: random.getrandbits(64) or 1)

    def headers(self) -> dict[str, str]:
        """As HTTP headers; the trace context is that of W3C, and its trace is the order."""
        found = {
            "X-Request-Id": str(self.request_id),
            "traceparent": f"00-{self.order_id.hex}-{self.span:016x}-01",
        }
        return found if self.attempt is None else {**found, "Commerce-Attempt": str(self.attempt)}


CLIENT_REQUEST_HEADER = "Commerce-Client-Request-Id"
"""Of a message, and of a call: the id of the request to the API that led to it."""

_CURRENT: ContextVar[CallIdentity | None] = ContextVar("call identity", default=None)
_CLIENT_REQUEST: ContextVar[str | None] = ContextVar("client request", default=None)


@contextmanager
def calling_for(identity: CallIdentity) -> Iterator[None]:
    """Calls within the block are this one's."""
    token = _CURRENT.set(identity)
    try:
        yield
    finally:
        _CURRENT.reset(token)


@contextmanager
def led_to_by(client_request: str | None) -> Iterator[None]:
    """Calls within the block were led to by a request to the API of this id, if its id is known."""
    token = _CLIENT_REQUEST.set(client_request)
    try:
        yield
    finally:
        _CLIENT_REQUEST.reset(token)


def identity_headers() -> Mapping[str, str]:
    """What the present call says of itself; nothing where it is for no order."""
    identity, client_request = _CURRENT.get(), _CLIENT_REQUEST.get()
    if identity is None:
        return {}
    return identity.headers() | ({} if client_request is None else {CLIENT_REQUEST_HEADER: client_request})
