"""The HTTP client of Stripe's SDK: one try, bounded in time and size, over the connections of this process."""

from __future__ import annotations

import json
import ssl
from collections.abc import Mapping

import stripe
from aiohttp import ClientError, ClientSession

from commerce.outside.call_identity import identity_headers
from commerce.outside.errors import PartyUnavailable
from workers.gateways.http_session import IDENTITY, AnswerTooLong, no_answer, open_session, read_answer
from workers.gateways.stripe_errors import failure_by_status


class StripeHttp(stripe.HTTPClient):
    """Calls that the SDK makes; it is opened in the event loop that uses it, and closed there."""

    name = "aiohttp"

    def __init__(self, call_timeout_s: float) -> None:
        super().__init__()
        self._call_timeout_s = call_timeout_s
        self._session: ClientSession | None = None

    def open(self) -> None:
        """Allow connections. Stripe's certificates are checked with the authorities that its SDK brings."""
        authorities = ssl.create_default_context(cafile=stripe.ca_bundle_path)
        self._session = open_session(self._call_timeout_s, IDENTITY, authorities)

    async def close_async(self) -> None:
        """Close all connections; no call may be under way."""
        if self._session is not None:
            await self._session.close()

    async def request_async(
        self, method: str, url: str, headers: Mapping[str, str], post_data: str | None = None
    ) -> tuple[bytes, int, Mapping[str, str]]:
        """One call, whose answer the SDK can read. Raises `PartyUnavailable`, `Postponed`."""
        assert self._session is not None, "it is opened first"
        try:
            async with self._session.request(
                method, url, headers={**headers, **identity_headers()}, data=post_data, allow_redirects=False
            ) as response:
                status, answer, said = response.status, await read_answer(response), response.headers
        except AnswerTooLong as error:
            raise PartyUnavailable(f"Stripe {error}") from None
        except (ClientError, TimeoutError, OSError) as error:
            raise PartyUnavailable(f"Stripe {no_answer(error)}") from error
        if not _is_readable(status, answer):
            raise failure_by_status(status, said, " with something that cannot be read")
        return answer, status, said


def _is_readable(status: int, answer: bytes) -> bool:
    """Whether an answer is an object, and one that is no success holds an error, as the SDK takes for granted."""
    try:
        content = json.loads(answer)
    except (ValueError, RecursionError):
        return False
    if not isinstance(content, dict):
        return False
    return 200 <= status < 300 or isinstance(content.get("error"), dict)
