"""Headers that protect who asks: no browser guesses, frames or keeps what is answered, unless an answer says so."""

from __future__ import annotations

from collections.abc import Iterable

from starlette.types import Scope

from api.http.sites import MOBILE, site_of

EVERYWHERE = [("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer"), ("X-Frame-Options", "DENY")]
"""Headers of every answer, also of those to what is no request."""

_NOTHING_LOADED = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")
_OF_SITE = (
    b"content-security-policy",
    b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self';"
    b" form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
)
"""A page of a site loads our own files only, and no script or style stands in a page (CSP Level 3)."""
_NOT_KEPT = (b"cache-control", b"no-store")
_BY_TLS = (b"strict-transport-security", b"max-age=31536000")


def protection_of(scope: Scope, headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Further headers of an answer with these."""
    found = [_BY_TLS] if scope["scheme"] == "https" else []
    of_site = site_of(scope["path"]) is not None
    if of_site or scope["path"].startswith(("/api/", MOBILE)):
        found.append(_OF_SITE if of_site else _NOTHING_LOADED)
        if not any(name == b"cache-control" for name, _ in headers):
            found.append(_NOT_KEPT)
    return found
