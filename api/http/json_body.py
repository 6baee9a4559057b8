"""Reads a JSON body strictly: what different JSON readers understand differently is rejected."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends
from fastapi.exceptions import RequestValidationError
from starlette.requests import Request

from api.http.errors import MalformedRequest
from api.http.query_parameters import reject_wrong_query
from commerce.values import strict_json
from commerce.values.strict_json import NotStrictJson

NOT_JSON = "the body cannot be read; send one JSON object in UTF-8"
_NO_FIELDS = "this path takes no such field; send no body, or {}"


def read_json(content: bytes) -> object:
    """The value of a body. Raises `MalformedRequest` for what is not JSON (RFC 8259), and for repeated keys."""
    try:
        return strict_json.read_strictly(content)
    except NotStrictJson as error:
        raise _malformed(error) from None


def reject_repeated_keys(content: bytes) -> None:
    """Raises `MalformedRequest` if an object at any depth has a key twice, naming it, or if the text is not JSON."""
    try:
        strict_json.reject_ambiguous(content)
    except NotStrictJson as error:
        raise _malformed(error) from None


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


async def _read_strictly(request: Request) -> None:
    """For a route without a token: rejects a query, and a body that readers could understand differently."""
    reject_wrong_query(request.scope)
    read_json(await request.body())


StrictlyRead = Annotated[None, Depends(_read_strictly)]
"""What a route without a token depends on, so that it is as strict as all others."""


def _malformed(error: NotStrictJson) -> MalformedRequest:
    return MalformedRequest(str(error) if error.is_ambiguous else NOT_JSON)
