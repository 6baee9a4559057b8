"""What the headers of an answer owe to its request, whichever route made it: an `ETag`, 304, and a `Location`."""

from __future__ import annotations

from hashlib import blake2b

from fastapi import Request, Response
from starlette.responses import StreamingResponse
from starlette.routing import Match

from api.http.conditional_headers import has_already

_ABOUT_THE_BODY = ("content-length", "content-type")
_ETAG_BYTES = 12


def tagged(request: Request, answer: Response) -> Response:
    """The answer to a query with an `ETag`, or 304 without its body where the client has it already.

    The whole query was answered: who looked is on record either way.
    """
    if answer.status_code != 200 or isinstance(answer, StreamingResponse):
        return answer
    etag = answer.headers.setdefault("ETag", f'"{body_hash(answer.body)}"')
    if not has_already(request, etag):
        return answer
    kept = {name: value for name, value in answer.headers.items() if name not in _ABOUT_THE_BODY}
    return Response(status_code=304, headers=kept)


def body_hash(body: bytes | memoryview) -> str:
    """A hash of an answer's body."""
    return blake2b(body, digest_size=_ETAG_BYTES).hexdigest()


def located(request: Request, answer: Response) -> Response:
    """The answer to a command; what was made or is to happen is seen at its `Location`: the command's own path, or the
    nearest above it that can be asked with GET."""
    if answer.status_code in (201, 202) and "location" not in answer.headers and (path := _seen_at(request)):
        answer.headers["Location"] = path
    return answer


def _seen_at(request: Request) -> str | None:
    scope = request.scope
    sent, named = scope["raw_path"].decode("latin-1").split("/"), scope["path"].split("/")
    while len(named) > len(("", "api", "v1")):
        asked = {**scope, "method": "GET", "path": "/".join(named)}
        if any(route.matches(asked)[0] is Match.FULL for route in scope["app"].routes):
            return "/".join(sent[: len(named)])
        named.pop()
    return None
