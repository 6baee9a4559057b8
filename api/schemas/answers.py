"""The JSON answers of queries and commands."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import Response
from pydantic_core import to_json

from api.http.answer_headers import body_hash
from api.queries.consistency import HEADER, write_position

_JSON = "application/json"


def json_answer(content: object, headers: Mapping[str, str] | None = None, status: int = 200) -> Response:
    """The answer of a query: a model or a dataclass."""
    return Response(to_json(content), status, headers, _JSON)


def kept_answer(content: object) -> Response:
    """The answer of a query that names nobody: a client may keep it, and ask whether it still holds."""
    return json_answer(content, {"Cache-Control": "private, no-cache", "Vary": "Authorization"})


def versioned_answer(
    content: object, version: int, *, of_stream: bool, headers: Mapping[str, str] | None = None
) -> Response:
    """The answer of a query whose `ETag` is the version that commands name in `If-Match`.

    Where the answer is not made `of_stream` alone, a hash follows the version, so that 304 never hides a change.
    """
    answer = json_answer(content, headers)
    answer.headers["ETag"] = f'"{version}"' if of_stream else f'"{version}-{body_hash(answer.body)}"'
    return answer


def command_answer(status: int, answer: bytes, position: int, headers: Mapping[str, str] | None = None) -> Response:
    """The answer of a command: `answer` is a JSON object, to which the position is added."""
    content = b'%b,"position":%d}' % (answer[:-1], position)
    return Response(content, status, {**(headers or {}), HEADER: write_position(position)}, _JSON)
