"""Request headers that may come several times: `Prefer` (RFC 7240) and the conditions of RFC 9110."""

from __future__ import annotations

import re

from fastapi import Request

from api.http.errors import MalformedRequest

LONGEST_WAIT_S = 30

_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_VALUE = rf'(?:{_TOKEN}|"(?:[^"\\]|\\.)*")'
_PREFERENCE = re.compile(rf"({_TOKEN})(?:\s*=\s*({_VALUE}))?(?:\s*;[^,\"]*(?:\"(?:[^\"\\]|\\.)*\"[^,\"]*)*)?")
_SECONDS = re.compile(r'"?([0-9]+)"?')
_OPAQUE = r'"[^"\x00-\x20\x7f]*"'
_ETAG = rf"(?:W/)?{_OPAQUE}"
_ETAGS = re.compile(rf"{_ETAG}(?:\s*,\s*{_ETAG})*")
_OURS = re.compile(r'(?<!W/)"([0-9]{1,9})(?:-[0-9a-f]{1,64})?"')
_ASYNC = "respond-async"


def wait_of(request: Request) -> int | None:
    """How many seconds the client wants to wait, at most `LONGEST_WAIT_S`.

    The first `wait` counts; one that cannot be read is no preference (RFC 7240, 2).
    """
    for name, value in _PREFERENCE.findall(_list(request, "prefer")):
        if name.lower() == "wait":
            seconds = _SECONDS.fullmatch(value)
            return _bounded(seconds[1]) if seconds else None
    return None


def prefers_async(request: Request) -> bool:
    """Whether the client asks not to be kept waiting (RFC 7240, 4.1); `wait` says for how long it may be."""
    return any(name.lower() == _ASYNC for name, _ in _PREFERENCE.findall(_list(request, "prefer")))


def expected_versions(request: Request) -> frozenset[int] | None:
    """The versions that `If-Match` names; None if any version will do.

    An ETag that this API never sent names no version. Raises `MalformedRequest` for what is no list of ETags.
    """
    text = _list(request, "if-match") if "if-match" in request.headers else "*"
    if text == "*":
        return None
    if not _ETAGS.fullmatch(text):
        raise MalformedRequest('If-Match is not an ETag; send it as the GET of what is changed answered it: "3"')
    return frozenset(int(version) for version in _OURS.findall(text))


def expected_tags(request: Request) -> frozenset[str] | None:
    """The strong ETags that `If-Match` names, or `*` alone; None without the header. Raises `MalformedRequest`."""
    if "if-match" not in request.headers:
        return None
    expected_versions(request)
    text = _list(request, "if-match")
    return frozenset({"*"}) if text == "*" else frozenset(re.findall(rf"(?<!W/){_OPAQUE}", text))


def has_already(request: Request, etag: str) -> bool:
    """Whether the client has what bears this ETag. Raises `MalformedRequest` for what is no list of ETags."""
    if "if-none-match" not in request.headers:
        return False
    text = _list(request, "if-none-match")
    if text != "*" and not _ETAGS.fullmatch(text):
        raise MalformedRequest('If-None-Match is not an ETag; send it as an earlier answer had it: "3f"')
    return text == "*" or etag in re.findall(_OPAQUE, text)


def only_new(request: Request) -> bool:
    """Whether `If-None-Match: *` asks that nothing exists yet. Raises `MalformedRequest` for ETags."""
    if "if-none-match" not in request.headers:
        return False
    if _list(request, "if-none-match") != "*":
        raise MalformedRequest("If-None-Match can only be * here: then the product is added, and never changed")
    return True


def _bounded(digits: str) -> int:
    """The number of seconds, however many digits it has."""
    return (
        LONGEST_WAIT_S if len(digits.lstrip("0")) > len(str(LONGEST_WAIT_S)) else min(int(digits[-9:]), LONGEST_WAIT_S)
    )


def _list(request: Request, name: str) -> str:
    """A header that is a list, joined from all its lines (RFC 9110, 5.3)."""
    return ", ".join(request.headers.getlist(name)).strip()
