"""The page on which people read and try the API; it loads nothing from the internet."""

from __future__ import annotations

from importlib.resources import files
from string import Template

from fastapi import APIRouter, Response

from api.openapi.headers import IDEMPOTENCY_KEY, IN_PATHS
from commerce.values.errors import NotFound

router = APIRouter(include_in_schema=False)

_OURS = files("api.openapi") / "docs_page"
_SWAGGER_UI = files("fastapi_offline") / "static"
"""Swagger UI (Apache-2.0) as the package fastapi-offline brings it, whose version is pinned in the lock file."""

_POLICY = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'"
"""Keeps a browser from loading anything from elsewhere (Content Security Policy)."""

_PARTS = {
    "page.js": (_OURS / "page.js", "text/javascript; charset=utf-8"),
    "swagger-ui-bundle.js": (_SWAGGER_UI / "swagger-ui-bundle.js", "text/javascript; charset=utf-8"),
    "swagger-ui.css": (_SWAGGER_UI / "swagger-ui.css", "text/css; charset=utf-8"),
    "favicon.png": (_SWAGGER_UI / "favicon.png", "image/png"),
}


@router.get("/docs")
async def page() -> Response:
    """Show the page."""
    template = Template((_OURS / "page.html").read_text(encoding="utf-8"))
    content = template.substitute(
        key=IDEMPOTENCY_KEY["example"], order=IN_PATHS["order_id"], shipment=IN_PATHS["shipment_id"]
    )
    return Response(content, 200, {"Content-Security-Policy": _POLICY}, "text/html; charset=utf-8")


@router.get("/docs/{name}")
async def part(name: str) -> Response:
    """Send one part of the page."""
    if name not in _PARTS:
        raise NotFound("the page has no such part")
    file, media_type = _PARTS[name]
    return Response(file.read_bytes(), 200, {"Cache-Control": "public, max-age=3600"}, media_type)
