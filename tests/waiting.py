"""Waiting for what other tasks and processes do, with a limit."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable

LIMIT_S = 120.0
"""What nothing takes, however busy the machine is: a test that passes does not depend on it."""


async def eventually(condition: Callable[[], object | Awaitable[object]], seconds: float = LIMIT_S) -> None:
    """Return once the condition holds; `TimeoutError` after so many seconds."""
    async with asyncio.timeout(seconds):
        while True:
            holds = condition()
            if inspect.isawaitable(holds):
                holds = await holds
            if holds:
                return
            await asyncio.sleep(0.02)
