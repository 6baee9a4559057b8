"""Sends one delivery: signed by Standard Webhooks, to a public address that was looked at, within a limit of time, and
to nowhere else."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from types import TracebackType
from typing import Self

from aiohttp import (
    ClientConnectorDNSError,
    ClientError,
    ClientResponse,
    ClientSession,
    ClientTimeout,
    DummyCookieJar,
    InvalidURL,
    TCPConnector,
)
from aiohttp.abc import AbstractResolver, ResolveResult
from standardwebhooks.webhooks import Webhook
from yarl import URL

from commerce.values.errors import InvalidInput
from commerce.webhooks.addresses import checked_url, is_public
from commerce.webhooks.deliveries import MOST_ENDPOINTS
from workers.gateways.http_session import CONNECT_TIMEOUT_S, KEEP_ALIVE_S, no_answer, retry_after_s
from workers.gateways.party_text import cleaned_answer
from workers.webhook_deliveries.queue import DeliveryAttempt, TakenDelivery

ATTEMPT_TIMEOUT_S = 15.0
"""For a name to be resolved, a connection made, the delivery sent, and the answer's beginning read."""

NAMES_KNOWN_FOR_S = 5
"""Seconds for which the addresses of a name are not looked up again."""

EXCERPT_BYTES = 512
"""What is read of an answer's body, at most."""

_EXCERPT_CHARACTERS = 200


class InnerAddress(OSError):
    """A name leads to an address that nothing is sent to."""


class CheckedResolver(AbstractResolver):
    """Resolves names, unless one of its addresses is not allowed; a connection is made to one of these, without another
    look-up."""

    def __init__(self, *, allow_private: bool) -> None:
        self._allow_private = allow_private
        self._threads = ThreadPoolExecutor(MOST_ENDPOINTS, "names")
        """One for each endpoint: a name that takes long holds up no other."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """The addresses of a host. Raises `InnerAddress`, and `OSError` where there are none."""
        look_up = partial(socket.getaddrinfo, host, port, family, socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
        found = await asyncio.get_running_loop().run_in_executor(self._threads, look_up)
        addresses = [(str(place[0]), of_family, protocol) for of_family, _, protocol, _, place in found]
        if not self._allow_private and not all(is_public(address) for address, _, _ in addresses):
            raise InnerAddress(f"{host} leads to an inner address")
        return [
            ResolveResult(
                hostname=host, host=address, port=port, family=of_family, proto=protocol, flags=socket.AI_NUMERICHOST
            )
            for address, of_family, protocol in addresses
        ]

    async def close(self) -> None:
        """Look nothing up any more."""
        self._threads.shutdown(wait=False, cancel_futures=True)


class Sender:
    """A client of all endpoints, used as an async context manager."""

    def __init__(self, *, allow_private: bool) -> None:
        self._allow_private = allow_private
        self._resolver = CheckedResolver(allow_private=allow_private)
        self._session: ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = ClientSession(
            connector=TCPConnector(
                resolver=self._resolver,
                ttl_dns_cache=NAMES_KNOWN_FOR_S,  # and calls at the same time share a look-up
                limit=0,  # how many calls there are, the queue limits
                keepalive_timeout=KEEP_ALIVE_S,
            ),
            timeout=ClientTimeout(total=ATTEMPT_TIMEOUT_S, sock_connect=CONNECT_TIMEOUT_S * 2),
            headers={"User-Agent": "commerce", "Accept-Encoding": "identity"},
            cookie_jar=DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()
        await self._resolver.close()

    async def send(self, delivery: TakenDelivery, secrets: Iterable[str]) -> DeliveryAttempt:
        """Try once, signed with each of the secrets. A redirect is an answer like others, and is not followed."""
        assert self._session is not None, "a sender is entered first"
        clock = asyncio.get_running_loop()
        began = clock.time()

        def attempt(
            status: int | None, problem: str | None, excerpt: str = "", pause: float | None = None
        ) -> DeliveryAttempt:
            return DeliveryAttempt(delivery.now, round((clock.time() - began) * 1000), status, problem, excerpt, pause)

        try:
            checked_url(delivery.url, allow_private=self._allow_private)
            async with self._session.post(
                URL(delivery.url, encoded=True),
                data=delivery.body.encode(),
                headers=headers_of(delivery, secrets),
                allow_redirects=False,
            ) as response:
                excerpt = await _excerpt(response)
                status, pause = response.status, retry_after_s(response.headers)
        except InvalidInput as error:
            return attempt(None, str(error))
        except ClientConnectorDNSError as error:
            inner = isinstance(error.os_error, InnerAddress)
            return attempt(None, "leads to an inner address" if inner else "the name of the host is not known")
        except InvalidURL:
            return attempt(None, "the address cannot be read")
        except (ClientError, TimeoutError, OSError, ValueError) as error:
            return attempt(None, no_answer(error))
        return attempt(status, _problem(status), excerpt, pause)


def headers_of(delivery: TakenDelivery, secrets: Iterable[str]) -> dict[str, str]:
    """What a receiver checks a delivery by; each attempt is signed anew, under the same id."""
    now: datetime = delivery.now.astimezone(UTC)  # the library takes any time for one in UTC
    signatures = [Webhook(secret).sign(delivery.event_id, now, delivery.body) for secret in secrets]
    return {
        "Content-Type": "application/cloudevents+json",
        "webhook-id": delivery.event_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


def _problem(status: int) -> str | None:
    if 200 <= status < 300:
        return None
    if 300 <= status < 400:
        return f"answered {status}, and redirects are not followed"
    return f"answered {status}"


async def _excerpt(response: ClientResponse) -> str:
    """How an answer begins; its rest is not read, and its connection is closed then."""
    begun = bytearray()
    async for piece in response.content.iter_any():
        begun += piece
        if len(begun) >= EXCERPT_BYTES:
            break
    return cleaned_answer(begun[:EXCERPT_BYTES].decode(errors="replace"), _EXCERPT_CHARACTERS)
