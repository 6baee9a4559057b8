"""What clients say in headers that may come several times: `Prefer` (RFC 7240) and the conditions of RFC 9110."""

from __future__ import annotations

import re

from fastapi import Request

from api.http.errors import MalformedRequest

LONGEST_WAIT_S = 30

_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_VALUE = rf'(?:{_TOKEN}|"(?:[^"\\]|\\.)*")'
_PREFERENCE = re.compile(rf"({_TOKEN})(?:\s*=\s*({_VALUE}))?(?:\s*;[^,\"]*(?:\"(?:[^\"\\]|\\.)*\"[^,\"]*)*)?")
_SECONDS = re.compile(r'"?([0-9]+)"?')
_ETAG = r'(?:W/)?"[^"\x00-\x20\x7f]*"'
_ETAGS = re.compile(rf"{_ETAG}(?:\s*,\s*{_ETAG})*")
_OURS = re.compile(r'(?<!W/)"([0-9]{1,9})"')


def wait_of(request: Request) -> int | None:
    """For how many seconds the client wants to wait, at most `LONGEST_WAIT_S`.

    The first `wait` counts; one that cannot be read is no preference (RFC 7240, 2).
    """
    for name, value in _PREFERENCE.findall(_list(request, "prefer")):
        if name.lower() == "wait":
            seconds = _SECONDS.fullmatch(value)
            return _bounded(seconds[1]) if seconds else None
    return None


def expected_versions(request: Request) -> frozenset[int] | None:
    """The versions that `If-Match` names, none of which may be one that an order ever has; None where any will do.

    Raises `MalformedRequest` for what is no list of ETags.
    """
    text = _list(request, "if-match") if "if-match" in request.headers else "*"
    if text == "*":
        return None
    if not _ETAGS.fullmatch(text):
        raise MalformedRequest('If-Match is not an ETag; send it as GET /orders/{order_id} answered it: "3"')
    return frozenset(int(version) for version in _OURS.findall(text))


def only_new(request: Request) -> bool:
    """Whether `If-None-Match: *` asks that nothing be there yet. Raises `MalformedRequest` for ETags, which do
    not apply here."""
    if "if-none-match" not in request.headers:
        return False
    if _list(request, "if-none-match") != "*":
        raise MalformedRequest("If-None-Match can only be * here: then the product is added, and never changed")
    return True


def _bounded(digits: str) -> int:
    """However long the number is."""
    return (
        LONGEST_WAIT_S if len(digits.lstrip("0")) > len(str(LONGEST_WAIT_S)) else min(int(digits[-9:]), LONGEST_WAIT_S)
    )


def _list(request: Request, name: str) -> str:
    """A header that is a list, from as many lines as it came in (RFC 9110, 5.3)."""
    return ", ".join(request.headers.getlist(name)).strip()
