"""The sites for browsers, the console among them, and the cookie by which each sends its access token."""

from __future__ import annotations

from starlette.requests import cookie_parser
from starlette.types import Scope

CONSOLE = "/console"
"""The site of staff: what all its paths begin with."""
SHOP = "/shop"
"""The site of customers."""
PARTNER = "/partner"
"""The site of those who run services, who log in with an API key."""
SITES = (CONSOLE, SHOP, PARTNER)
MOBILE = "/mobile/"
"""What the paths of the front door for mobile clients begin with."""
ACCESS_COOKIE = "commerce_access"


def site_of(path: str) -> str | None:
    """The site that a path belongs to; None for one of neither."""
    return next((site for site in SITES if path == site or path.startswith(f"{site}/")), None)


def is_for_browser(scope: Scope) -> bool:
    """Whether a request is for a whole page of a site."""
    accepted = (value for name, value in scope["headers"] if name == b"accept")
    return site_of(scope["path"]) is not None and any(b"text/html" in value for value in accepted)


def cookies_of(scope: Scope, name: str) -> list[str]:
    """All that a browser sends under the name of a cookie.

    More than one means that another program of this host, or somebody who got between, set theirs for another path:
    nobody can tell which is ours (RFC 6265, 8.6).
    """
    pairs = (pair for header, value in scope["headers"] if header == b"cookie" for pair in value.split(b";"))
    return [value for pair in pairs if (value := cookie_parser(pair.decode("latin-1")).get(name))]


def cookie_of(scope: Scope, name: str) -> str:
    """What a browser keeps for a site under a name; empty where there is none, or more than one."""
    found = cookies_of(scope, name)
    return found[0] if len(found) == 1 else ""


def token_in_cookie(scope: Scope) -> bytes:
    """The access token that a browser sends to a site, of which it has one each; empty where there is none."""
    return b"" if site_of(scope["path"]) is None else cookie_of(scope, ACCESS_COOKIE).encode("latin-1")
