"""What the edge checks of a request before anybody looks at what it wants: its head, and how large its body may be."""

from __future__ import annotations

import re
from collections.abc import Set
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from starlette.types import Scope

from api.http.errors import (
    HEAD_TOO_LARGE,
    LARGEST_HEAD_BYTES,
    BodyTooLarge,
    HeadTooLarge,
    MalformedRequest,
    UnsupportedMediaType,
)
from commerce.values.errors import CommerceError, InvalidInput

LARGEST_BODY_BYTES = 1024 * 1024
BODY_TOO_LARGE = f"the body has more than {LARGEST_BODY_BYTES} bytes; send less at once"

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_SINGLE = frozenset(
    (
        b"authorization",
        b"commerce-position",
        b"content-encoding",
        b"content-length",
        b"content-type",
        b"host",
        b"idempotency-key",
        b"last-event-id",
        b"x-request-id",
    )
)
"""Headers that may come once only; all others are lists (RFC 9110, 5.3), or are not read."""


@dataclass(frozen=True, slots=True)
class RequestHead:
    """What the edge reads of a request's head."""

    single: dict[bytes, bytes]
    repeated: bytes | None
    length: int
    chunked: bool
    head: int
    """Its size in bytes, without punctuation."""


def read_head(scope: Scope) -> RequestHead:
    single: dict[bytes, bytes] = {}
    repeated = None
    chunked = False
    head = len(scope["raw_path"]) + len(scope["query_string"])
    for name, value in scope["headers"]:
        head += len(name) + len(value)
        if name in _SINGLE:
            if name in single:
                repeated = name
            single[name] = value
        elif name == b"transfer-encoding":
            chunked = True
    length = single.get(b"content-length", b"")
    return RequestHead(single, repeated, int(length) if length.isdigit() else 0, chunked, head)


@dataclass(frozen=True, slots=True)
class BodyForm:
    """What a path takes as its body."""

    types: frozenset[bytes]
    """What `Content-Type` may say."""
    wanted: str
    """What to do where it says something else."""
    largest_bytes: int = LARGEST_BODY_BYTES


JSON = BodyForm(
    frozenset({b"application/json"}), "send the body as JSON in UTF-8, with the header Content-Type: application/json"
)
FORM = BodyForm(
    frozenset({b"application/x-www-form-urlencoded"}),
    "send the body as a form, with the header Content-Type: application/x-www-form-urlencoded",
)


def lines_form(largest_bytes: int) -> BodyForm:
    """Lines, of which there may be so many bytes."""
    return BodyForm(
        frozenset({b"application/x-ndjson", b"application/ndjson", b"application/jsonl"}),
        "send a line of JSON in UTF-8 for each, with the header Content-Type: application/x-ndjson",
        largest_bytes,
    )


def rejection_of(scope: Scope, headers: RequestHead, form: BodyForm = JSON) -> CommerceError | None:
    """What is wrong with a request, whatever it asks for, at a path that takes a body of this form."""
    if headers.head > LARGEST_HEAD_BYTES:
        return HeadTooLarge(HEAD_TOO_LARGE)
    if headers.repeated:
        return MalformedRequest(f"the header {headers.repeated.decode().title()} comes twice; send it once")
    if wrong := _wrong_with_path(scope):
        return InvalidInput(f"the path {wrong}", "path")
    query = scope["query_string"]
    if b"%" in query and (wrong := _wrong_with_query(unquote_to_bytes(query))):
        return InvalidInput(f"the query {wrong}", "query")
    return _wrong_with_body(headers, form)


def _wrong_with_body(headers: RequestHead, form: BodyForm) -> CommerceError | None:
    if headers.length > form.largest_bytes:
        return BodyTooLarge(f"the body has more than {form.largest_bytes} bytes; send less at once")
    if not headers.length and not headers.chunked:
        return None
    return None if _is_of_type(headers, form.types) else UnsupportedMediaType(form.wanted)


def _wrong_with_path(scope: Scope) -> str | None:
    if _CONTROLS.search(scope["path"]):
        return "contains control characters; leave them out"
    if "\ufffd" in scope["path"] and not _is_utf8(unquote_to_bytes(scope["raw_path"])):
        return "is not UTF-8; percent-encode each byte of its UTF-8 form"
    if b"%2f" in scope["raw_path"].lower():
        return "contains an encoded slash; no SKU or id has one"
    return None


def _wrong_with_query(query: bytes) -> str | None:
    if not _is_utf8(query):
        return "is not UTF-8; percent-encode each byte of its UTF-8 form"
    return "contains control characters; leave them out" if _CONTROLS.search(query.decode()) else None


def _is_utf8(path: bytes) -> bool:
    try:
        path.decode()
    except UnicodeDecodeError:
        return False
    return True


def _is_of_type(headers: RequestHead, wanted: Set[bytes]) -> bool:
    kind, _, parameters = headers.single.get(b"content-type", b"").lower().partition(b";")
    charset = parameters.partition(b"charset=")[2].strip(b' "')
    return (
        kind.strip() in wanted
        and charset in (b"", b"utf-8")
        and headers.single.get(b"content-encoding", b"identity").lower() == b"identity"
    )
