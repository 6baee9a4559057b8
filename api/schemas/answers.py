"""The JSON answers of queries and commands."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import Response
from pydantic_core import to_json

from api.queries.consistency import HEADER, write_position

_JSON = "application/json"


def json_answer(content: object, headers: Mapping[str, str] | None = None, status: int = 200) -> Response:
    """The answer of a query: a model or a dataclass."""
    return Response(to_json(content), status, headers, _JSON)


def command_answer(status: int, answer: bytes, position: int, headers: Mapping[str, str] | None = None) -> Response:
    """The answer of a command: `answer` is a JSON object, to which the position is added."""
    content = b'%b,"position":%d}' % (answer[:-1], position)
    return Response(content, status, {**(headers or {}), HEADER: write_position(position)}, _JSON)
