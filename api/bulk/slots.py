"""How many imports and exports one process works on at a time; they hold no turn of other requests."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from api.http.errors import TooManyRequests
from commerce.values.errors import Unavailable

CONCURRENT_TRANSFERS = 8
"""Imports and exports together, in one process."""
TRANSFERS_OF_SENDER = 4
"""Those of one sender, so that nobody keeps all others from theirs."""
_RETRY_S = 5


class BulkSlots:
    """The imports and exports under way in one process."""

    def __init__(self) -> None:
        self._of: Counter[str] = Counter()
        self.closing = asyncio.Event()
        """Set once the process is about to stop: what is under way ends where it is, and says where to go on."""

    @contextmanager
    def admitted(self, actor: str) -> Iterator[None]:
        """Hold a place while the block runs. Raises `Unavailable` where all are taken, `TooManyRequests` for a sender
        who has as many as anybody may."""
        if self._of.total() >= CONCURRENT_TRANSFERS or self.closing.is_set():
            raise Unavailable(f"{CONCURRENT_TRANSFERS} imports and exports are under way; try again later", _RETRY_S)
        if self._of[actor] >= TRANSFERS_OF_SENDER:
            raise TooManyRequests(
                f"{TRANSFERS_OF_SENDER} imports and exports of yours are under way; await one", _RETRY_S
            )
        self._of[actor] += 1
        try:
            yield
        finally:
            self._of[actor] -= 1
            if not self._of[actor]:
                del self._of[actor]

    def release(self) -> None:
        """Have what is under way end, as the process is about to stop."""
        self.closing.set()
