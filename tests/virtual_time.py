"""Time that passes only while everything waits: a test of seconds takes none, whatever else the machine does."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any


class _Patience(selectors.DefaultSelector):
    """Waits for nothing: it moves the clock to when somebody wanted to be woken."""

    def __init__(self) -> None:
        super().__init__()
        self.now_s = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        found = super().select(0)
        if not found:
            assert timeout is not None, "everything waits, and nothing will wake it"
            self.now_s += timeout
        return found


class _VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._patience = _Patience()
        super().__init__(self._patience)

    def time(self) -> float:
        return self._patience.now_s


def in_virtual_time(work: Coroutine[Any, Any, None]) -> None:
    """Run what waits for nothing outside itself."""
    with asyncio.Runner(loop_factory=_VirtualLoop) as runner:
        runner.run(work)
