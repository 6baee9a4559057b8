"""The files that pages load: styles, our script, and two libraries, all from here."""

from __future__ import annotations

from functools import cache
from hashlib import blake2b
from importlib.resources import files

from fastapi import Request, Response

from commerce.values.errors import NotFound

ASSETS = "/assets"
"""What the address of each begins with."""
_FOLDER = files("api.pages") / "assets"
_TYPES = {
    "console.css": "text/css; charset=utf-8",
    "console.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
    "htmx.min.js": "text/javascript; charset=utf-8",
    "uPlot.iife.min.js": "text/javascript; charset=utf-8",
    "uPlot.min.css": "text/css; charset=utf-8",
}
"""What there is. The libraries and their licences are named in `assets/README.md`."""
_KEPT = {"Cache-Control": "public, max-age=31536000, immutable"}


@cache
def _content(name: str) -> bytes:
    return (_FOLDER / name).read_bytes()


@cache
def asset_address(name: str) -> str:
    """The address of a file; another content has another one, so that browsers may keep each for ever."""
    return f"{ASSETS}/{name}?v={blake2b(_content(name), digest_size=6).hexdigest()}"


async def send_asset(request: Request) -> Response:
    """Send a file. Raises `NotFound`."""
    name = request.path_params["name"]
    if name not in _TYPES:
        raise NotFound("there is no such file")
    return Response(_content(name), 200, _KEPT, _TYPES[name])
