"""Where a request comes from."""

from __future__ import annotations

from fastapi import Request


def network_address_of(request: Request) -> str:
    """The network address of who sent it; empty where the server does not know it."""
    return request.client.host if request.client else ""
