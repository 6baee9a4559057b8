"""Reads the forms of OAuth 2 (RFC 6749, appendix B): each parameter once, and what is left blank is left out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import Depends, Request
from starlette.routing import BaseRoute

from api.http.errors import InvalidTokenRequest
from api.http.query_parameters import reject_wrong_query

FORM = "application/x-www-form-urlencoded"
_MOST_PARAMETERS = 32
_LONGEST_VALUE_CHARACTERS = 4_096

FormFields = Mapping[str, str]


async def read_form(request: Request) -> FormFields:
    """The parameters of a form. Unknown ones are left to the endpoint, which ignores them (RFC 6749, 3.2).

    Raises `InvalidTokenRequest`, and `InvalidInput` for a query.
    """
    reject_wrong_query(request.scope)
    content = await request.body()
    try:
        given = parse_qsl(content.decode("ascii"), encoding="utf-8", errors="strict", max_num_fields=_MOST_PARAMETERS)
    except ValueError:
        raise InvalidTokenRequest("the body cannot be read as a form in UTF-8") from None
    fields = dict(given)
    if len(fields) != len(given):
        raise InvalidTokenRequest("a parameter comes twice; send each once")
    if any(len(value) > _LONGEST_VALUE_CHARACTERS or "\0" in value for value in fields.values()):
        raise InvalidTokenRequest(f"a parameter has more than {_LONGEST_VALUE_CHARACTERS} characters, or a NUL")
    return fields


Form = Annotated[FormFields, Depends(read_form)]
"""The parameters of the form that was sent."""


def required(fields: FormFields, name: str) -> str:
    """A parameter that has to be there. Raises `InvalidTokenRequest`."""
    if name not in fields:
        raise InvalidTokenRequest(f"the parameter {name} is missing")
    return fields[name]


def form_paths(routes: Iterable[BaseRoute]) -> frozenset[str]:
    """The paths that take a form in the place of JSON."""
    return frozenset(str(getattr(route, "path", "")) for route in routes if getattr(route, "takes_form", False))
