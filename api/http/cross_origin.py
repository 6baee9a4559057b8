"""What pages of other origins may do with the API in a browser, where a setting names their origin (Fetch, CORS)."""

from __future__ import annotations

from typing import TypedDict

from api.queries.consistency import HEADER, STANDS_STILL


class _Sharing(TypedDict):
    allow_methods: list[str]
    allow_headers: list[str]
    expose_headers: list[str]
    max_age: int


SHARED = _Sharing(
    allow_methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"],
    allow_headers=[
        "Authorization",
        "Content-Type",
        "Idempotency-Key",
        "If-Match",
        "If-None-Match",
        "Last-Event-ID",
        "Prefer",
        "X-Request-Id",
        HEADER,
    ],
    expose_headers=[
        "ETag",
        "Location",
        "Preference-Applied",
        "RateLimit",
        "RateLimit-Policy",
        "Retry-After",
        "X-Request-Id",
        HEADER,
        STANDS_STILL,
    ],
    max_age=600,
)
"""For each origin alike; cookies and passwords of the browser are not sent, as the API takes none."""
