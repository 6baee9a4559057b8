"""Counts requests in memory, within a bound: a storage for the library `limits`.

The library's own storage in memory looks through all of its keys at each request, and has no bound.
"""

from __future__ import annotations

import time
from typing import Any

from cachetools import LRUCache
from limits.aio.storage import Storage

MOST_WINDOWS = 100_000
"""Senders and groups that are counted at the same time; those that asked longest ago begin anew first."""


class _Window:
    __slots__ = ("count", "ends")

    def __init__(self, count: int, ends: float) -> None:
        self.count = count
        self.ends = ends


class BoundedMemory(Storage):
    """Counts of one process."""

    STORAGE_SCHEME = ["async+bounded"]  # noqa: RUF012 - as the library declares it

    def __init__(self, uri: str | None = None, wrap_exceptions: bool = False, **options: Any) -> None:
        super().__init__(uri, wrap_exceptions=wrap_exceptions, **options)
        self._windows: LRUCache[str, _Window] = LRUCache(MOST_WINDOWS)

    @property
    def base_exceptions(self) -> type[Exception]:
        """What a storage that is elsewhere would raise."""
        return OSError

    async def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Count on; a window begins with its first request."""
        window, now = self._windows.get(key), time.time()
        if window is None or window.ends <= now:
            window = self._windows[key] = _Window(0, now + expiry)
        window.count += amount
        return window.count

    async def get(self, key: str) -> int:
        """How many were counted."""
        window = self._windows.get(key)
        return 0 if window is None or window.ends <= time.time() else window.count

    async def get_expiry(self, key: str) -> float:
        """When the window ends, in seconds since 1970."""
        window = self._windows.get(key)
        return time.time() if window is None else window.ends

    async def check(self) -> bool:
        """It always works."""
        return True

    async def reset(self) -> int | None:
        """Begin anew."""
        number = len(self._windows)
        self._windows.clear()
        return number

    async def clear(self, key: str) -> None:
        """Begin one anew."""
        self._windows.pop(key, None)
