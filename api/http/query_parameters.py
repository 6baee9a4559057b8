"""Rejects query parameters that a route does not know, or that come twice: a lost filter would show too much."""

from __future__ import annotations

from collections import Counter
from typing import get_args, get_origin
from urllib.parse import parse_qsl

from fastapi.dependencies.models import Dependant
from starlette.types import Scope

from commerce.values.errors import InvalidInput


def reject_wrong_query(scope: Scope) -> None:
    """Raises `InvalidInput` for a parameter that the route does not declare, or that comes twice and is no list."""
    if not scope["query_string"]:
        return
    dependant: Dependant = scope["route"].dependant
    parameters = [each for one in (dependant, *dependant.dependencies) for each in one.query_params]
    known = {each.alias: _is_list(each.field_info.annotation) for each in parameters}
    given = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    for name, times in Counter(name for name, _ in given).items():
        if name not in known:
            takes = f"it takes {', '.join(known)}" if known else "it takes none"
            raise InvalidInput(f"this path has no query parameter {name[:64]!r}; {takes}", name[:64])
        if times > 1 and not known[name]:
            raise InvalidInput(f"{name} comes {times} times; send it once", name)


def _is_list(annotation: object) -> bool:
    """Whether a parameter may come several times, by its type."""
    return get_origin(annotation) is list or any(get_origin(choice) is list for choice in get_args(annotation))
