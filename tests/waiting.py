"""Waiting for what other tasks and processes do, with a limit."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable

LIMIT_S = 120.0
"""What nothing takes, however busy the machine is: a test that passes does not depend on it."""

_SHORTEST_PAUSE_S = 0.02
_SHARE_OF_WAIT = 0.1
_LONGEST_PAUSE_S = 0.5


async def eventually(condition: Callable[[], object | Awaitable[object]], seconds: float = LIMIT_S) -> None:
    """Return once the condition holds; `TimeoutError` after so many seconds.

    The longer it takes, the rarer it is looked at: to look costs what is waited for its processor time.
    """
    clock = asyncio.get_running_loop()
    began = clock.time()
    async with asyncio.timeout(seconds):
        while True:
            holds = condition()
            if inspect.isawaitable(holds):
                holds = await holds
            if holds:
                return
            pause_s = (clock.time() - began) * _SHARE_OF_WAIT
            await asyncio.sleep(min(max(pause_s, _SHORTEST_PAUSE_S), _LONGEST_PAUSE_S))
