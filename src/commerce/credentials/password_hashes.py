"""Hashes of passwords: Argon2id in threads of their own, so that a login holds up no other request."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from commerce.credentials.password_rules import check_new, spelled
from commerce.values.errors import Unavailable

_MEMORY_KIB = 19 * 1024
_ROUNDS = 2
"""Memory and rounds of one hash, as OWASP's Password Storage Cheat Sheet has them: about 20 ms of one core."""
_AT_ONCE_THREADS = 2
LONGEST_QUEUE_HASHES = 64
"""Hashes that wait for a thread at most: about a second's work."""

_NOBODYS = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5J3Mgc2FsdC4uLg$bm9ib2R5J3MgaGFzaCwgYSBwYXNzd29yZCBuZXZlci4"
"""A hash of no password, which takes as long to compare with as a customer's."""

T = TypeVar("T")


class PasswordHashes:
    """Hashes and compares passwords for one process. All of it raises `Unavailable` where too much of it waits."""

    def __init__(self) -> None:
        self._hash = PasswordHash((Argon2Hasher(time_cost=_ROUNDS, memory_cost=_MEMORY_KIB, parallelism=1),))
        self._threads = ThreadPoolExecutor(_AT_ONCE_THREADS, thread_name_prefix="password")
        self._waiting = 0

    async def of_new(self, password: str, email: str) -> str:
        """The hash of a password that somebody chose. Raises `InvalidInput`, naming the field."""

        def checked() -> str:
            check_new(password, email)
            return self._hash.hash(spelled(password))

        return await self._run(checked)

    async def is_of(self, password: str, hashed: str | None) -> bool:
        """Whether a hash is of this password; compared with none, it takes as long, and is not."""
        known = _NOBODYS if hashed is None else hashed
        return await self._run(lambda: self._hash.verify(spelled(password), known)) and hashed is not None

    def close(self) -> None:
        """Let go of the threads; what waits is not done any more."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _run(self, work: Callable[[], T]) -> T:
        if self._waiting >= LONGEST_QUEUE_HASHES:
            raise Unavailable("too many passwords wait to be checked")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._waiting -= 1
