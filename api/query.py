"""Query parameters that a route does not know are refused: a filter that is misspelt would otherwise answer with everything."""

from __future__ import annotations

from urllib.parse import parse_qsl

from starlette.types import Scope

from commerce.errors import InvalidInput


def refuse_unknown_query(scope: Scope) -> None:
    """Raises `InvalidInput`, naming the first parameter that the matched route does not declare, and those it does."""
    if not scope["query_string"]:
        return
    known = [parameter.alias for parameter in scope["route"].dependant.query_params]
    for name, _ in parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True):
        if name not in known:
            takes = f"it takes {', '.join(known)}" if known else "it takes none"
            raise InvalidInput(f"this path has no query parameter {name[:64]!r}; {takes}", name[:64])
