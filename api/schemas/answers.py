"""Answers, written once and sent as they are."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import Response
from pydantic_core import to_json

from api.queries.consistency import HEADER, write_position

_JSON = "application/json"


def json_answer(content: object, headers: Mapping[str, str] | None = None, status: int = 200) -> Response:
    """What a query found: a model or a dataclass."""
    return Response(to_json(content), status, headers, _JSON)


def no_content(status: int, answer: bytes, position: int, headers: Mapping[str, str] | None = None) -> Response:
    """A command was handled: `answer` is a JSON object, to which the position is added."""
    content = b'%b,"position":%d}' % (answer[:-1], position)
    return Response(content, status, {**(headers or {}), HEADER: write_position(position)}, _JSON)
