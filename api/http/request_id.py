"""The id of a request: one of its own, followed by the client's where it sent one."""

from __future__ import annotations

import re
from uuid import uuid4

from starlette.types import Scope

from api.context import AppContext
from api.http.request_checks import RequestHead

_SANE_ID = re.compile(rb"[A-Za-z0-9._:/+=-]{1,128}")
_MADE_UP_ID = re.compile(
    rb"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}|[0-9a-fA-F]{32}|[0-7][0-9A-HJKMNP-TV-Z]{25}"
)
"""A UUID, a trace id or a ULID: it identifies no person."""


def identify(scope: Scope, head: RequestHead) -> bytes:
    """Give the request an id, and return the id that the answer carries: the client's, if it sent one.

    The store finds an append whose answer was lost by the request's own id, so every request has one. Clients have sent
    names and addresses of people as ids: the log keeps only a fingerprint of a client's id, unless it is clearly
    generated.
    """
    own = str(uuid4())
    sent = head.single.get(b"x-request-id", b"")
    if not _SANE_ID.fullmatch(sent):
        scope["request_id"] = own
        return own.encode()
    context: AppContext = scope["app"].state.context
    noted = sent.decode() if _MADE_UP_ID.fullmatch(sent) else context.fingerprints.of_id(sent)
    scope["request_id"] = f"{own} {noted}"
    return sent
