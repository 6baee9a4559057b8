"""The keys of an external issuer as one process keeps them: asked for seldom, however many tokens name unknown ones."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

import structlog
from jwt import PyJWK

from api.oidc.issuer_client import Keys
from commerce.values.errors import Unavailable

FAILURE_PAUSE_S = 10.0
"""An issuer that did not answer is not asked again so soon."""
LONGEST_USE_S = 24 * 3600.0
"""While it does not answer, keys that it said before are used so long."""

_log = structlog.get_logger(__name__)


class KeyCache:
    """Keys by their `kid`.

    They are read again after `keys_s`, and for an unknown `kid` at most once in `unknown_pause_s`: that is how long a
    token of a new key may wait, and how often strangers can make us ask.
    """

    def __init__(
        self,
        read: Callable[[], Awaitable[Keys]],
        *,
        keys_s: float,
        unknown_pause_s: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._read = read
        self._keys_s = keys_s
        self._unknown_pause_s = unknown_pause_s
        self._clock = clock
        self._keys: Keys = {}
        self._read_at: float | None = None
        self._tried_at: float | None = None
        self._failure = ""
        self._turn = asyncio.Lock()

    async def find(self, key_id: str | None, other_than: PyJWK | None = None) -> PyJWK | None:
        """The key of this `kid`; where a token names none, the issuer's only one. None where there is no such key, or
        none but one that was tried.

        Raises `Unavailable` where the issuer has not said its keys, or not for too long.
        """
        if self._is_fresh() and (key := self._known(key_id, other_than)) is not None:
            return key
        async with self._turn:  # what one asks for, all who wait get
            if self._may_ask(self._known(key_id, other_than)):
                await self._ask()
        if self._age() > LONGEST_USE_S:
            raise Unavailable(self._failure or "the issuer of this token has not said its keys")
        return self._known(key_id, other_than)

    def _known(self, key_id: str | None, other_than: PyJWK | None) -> PyJWK | None:
        if key_id is not None:
            key = self._keys.get(key_id)
        else:
            key = next(iter(self._keys.values())) if len(self._keys) == 1 else None
        return None if key is other_than else key

    def _is_fresh(self) -> bool:
        return self._age() < self._keys_s

    def _age(self) -> float:
        return float("inf") if self._read_at is None else self._clock() - self._read_at

    def _may_ask(self, known: PyJWK | None) -> bool:
        if self._failure and self._since_try() < FAILURE_PAUSE_S:
            return False
        if not self._is_fresh():
            return True
        return known is None and self._since_try() >= self._unknown_pause_s

    def _since_try(self) -> float:
        return float("inf") if self._tried_at is None else self._clock() - self._tried_at

    async def _ask(self) -> None:
        self._tried_at = self._clock()
        try:
            self._keys = await self._read()
        except Unavailable as error:
            self._failure = str(error)
            _log.warning("an external issuer does not say its keys", reason=self._failure)
        else:
            self._failure, self._read_at = "", self._clock()
