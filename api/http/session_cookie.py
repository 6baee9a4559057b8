"""The cookie by which a browser that is logged in to the console sends its access token."""

from __future__ import annotations

from starlette.requests import cookie_parser
from starlette.types import Scope

PREFIX = "/console"
"""The paths of the console; the cookie is sent to them, and read at them alone."""
ACCESS_COOKIE = "commerce_access"


def is_console(path: str) -> bool:
    """Whether a path is one of the console's."""
    return path == PREFIX or path.startswith(f"{PREFIX}/")


def token_in_cookie(scope: Scope) -> bytes:
    """The access token of a request to the console; empty where there is none."""
    if not is_console(scope["path"]):
        return b""
    for name, value in scope["headers"]:
        if name == b"cookie" and (token := cookie_parser(value.decode("latin-1")).get(ACCESS_COOKIE)):
            return token.encode("latin-1")
    return b""
