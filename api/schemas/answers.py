"""The JSON answers of queries and commands."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b

from fastapi import Request, Response
from pydantic_core import to_json

from api.http.conditional_headers import has_already
from api.queries.consistency import HEADER, write_position

_JSON = "application/json"


def json_answer(content: object, headers: Mapping[str, str] | None = None, status: int = 200) -> Response:
    """The answer of a query: a model or a dataclass."""
    return Response(to_json(content), status, headers, _JSON)


def kept_answer(request: Request, content: object) -> Response:
    """The answer of a query that names nobody: a client may keep it, and ask whether it still holds."""
    body = to_json(content)
    etag = f'"{blake2b(body, digest_size=12).hexdigest()}"'
    headers = {"ETag": etag, "Cache-Control": "private, no-cache", "Vary": "Authorization"}
    if has_already(request, etag):
        return Response(status_code=304, headers=headers)
    return Response(body, 200, headers, _JSON)


def command_answer(status: int, answer: bytes, position: int, headers: Mapping[str, str] | None = None) -> Response:
    """The answer of a command: `answer` is a JSON object, to which the position is added."""
    content = b'%b,"position":%d}' % (answer[:-1], position)
    return Response(content, status, {**(headers or {}), HEADER: write_position(position)}, _JSON)
