"""Reads a JSON body strictly: what different JSON readers understand differently is rejected."""

from __future__ import annotations

import json

from fastapi.exceptions import RequestValidationError
from pydantic_core import from_json
from starlette.requests import Request

from api.http.errors import MalformedRequest

NOT_JSON = "the body cannot be read; send one JSON object in UTF-8"
_NO_FIELDS = "this path takes no such field; send no body, or {}"
_LONGEST_SHOWN_CHARACTERS = 64


def read_json(content: bytes) -> object:
    """The value of a body. Raises `MalformedRequest` for what is not JSON (RFC 8259), and for repeated keys."""
    reject_repeated_keys(content)
    try:
        return from_json(content, allow_inf_nan=False)
    except ValueError:
        raise MalformedRequest(NOT_JSON) from None


def reject_repeated_keys(content: bytes) -> None:
    """Raises `MalformedRequest` if an object at any depth has a key twice, naming it, or if the text is not JSON."""
    try:
        _READER.decode(content.decode())
    except (ValueError, RecursionError):
        raise MalformedRequest(NOT_JSON) from None


async def reject_any_fields(request: Request) -> None:
    """For routes without a body, where only nothing or `{}` may be sent.

    Raises `MalformedRequest`, and `RequestValidationError` for anything else.
    """
    content = await request.body()
    found = read_json(content) if content else {}
    if not isinstance(found, dict):
        raise RequestValidationError([{"type": "dict_type", "loc": ("body",), "msg": "must be an object, or left out"}])
    if found:
        raise RequestValidationError(
            [{"type": "extra_forbidden", "loc": ("body", name), "msg": _NO_FIELDS} for name in found]
        )


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise MalformedRequest(
            f"the key {twice[:_LONGEST_SHOWN_CHARACTERS]!r} stands twice in one object; send each key once"
        )
    return found


def _not_a_number(name: str) -> float:
    raise MalformedRequest(f"{name} is not JSON; numbers are finite")


_READER = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_not_a_number)
