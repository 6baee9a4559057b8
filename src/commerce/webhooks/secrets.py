"""The secrets that deliveries are signed with, as Standard Webhooks writes them: `whsec_` and base64."""

from __future__ import annotations

import base64
import hmac

PREFIX = "whsec_"


class SecretMaker:
    """Makes the secret for a request: the same when the request is sent again, so that its answer has it, too."""

    def __init__(self, key: bytes) -> None:
        """`key` is for this purpose alone (`KeyRing.derived`)."""
        self._key = key

    def new_secret(self, request: str) -> str:
        """The secret for a request, by what it is recognised by: 32 bytes that nobody else can guess."""
        return PREFIX + base64.b64encode(hmac.digest(self._key, request.encode(), "sha256")).decode()
