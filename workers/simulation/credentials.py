"""Who may call a simulated party: a client that knows the name and password in its address (HTTP Basic, RFC 7617)."""

from __future__ import annotations

import base64
import binascii
import hmac
from urllib.parse import unquote, urlsplit

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from commerce.embedded.passwords import password
from commerce.runtime.settings import Settings

USER = "commerce"
_NOT_AUTHENTICATED = {
    "type": "urn:simulation:problem:not-authenticated",
    "title": "A name and a password are needed",
    "status": 401,
    "detail": "Ask at the address that stands in run.json: it holds the name and the password.",
}


def credentials_of(name: str, settings: Settings) -> tuple[str, str]:
    """The name and password in the party's own address; where it holds none, those of its file under
    `COMMERCE_HOME/keys`."""
    address = urlsplit(getattr(settings, f"{name}_url") or "")
    if address.password:
        return unquote(address.username or ""), unquote(address.password)
    return USER, password(settings.keys_folder, name)


class Guarded:
    """An application that answers those only who send the credentials; below `public` it answers everybody."""

    def __init__(self, app: ASGIApp, credentials: tuple[str, str], public: str | None = None) -> None:
        self._app = app
        self._public = public
        self._expected = ":".join(credentials).encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 401 to a request without them, or with others."""
        is_open = self._public is not None and scope.get("path", "").startswith(self._public)
        is_known = is_open or self._is_known(Headers(scope=scope).get("authorization", ""))
        if scope["type"] == "http" and not is_known:
            rejection = JSONResponse(
                _NOT_AUTHENTICATED,
                401,
                headers={"WWW-Authenticate": 'Basic realm="simulation"'},
                media_type="application/problem+json",
            )
            await rejection(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _is_known(self, header: str) -> bool:
        scheme, _, sent = header.partition(" ")
        try:
            given = base64.b64decode(sent, validate=True)
        except (binascii.Error, ValueError):
            return False
        return scheme.lower() == "basic" and hmac.compare_digest(given, self._expected)
