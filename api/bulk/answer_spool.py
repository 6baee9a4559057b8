"""Answers that wait for their client to read them: some in memory, more in a file that has no name.

Many clients read nothing before all that they send is sent. So an import goes on while its answers wait.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from tempfile import SpooledTemporaryFile

IN_MEMORY_BYTES = 1024 * 1024
LARGEST_BYTES = 1024 * 1024 * 1024
"""What waits at most; then the import waits for its client."""
_PIECE_BYTES = 64 * 1024


class AnswerSpool:
    """What one request is answered, written at one end and read at the other."""

    def __init__(self) -> None:
        self._file = SpooledTemporaryFile(max_size=IN_MEMORY_BYTES)  # noqa: SIM115 (`close` closes it)
        self._read = self._written = 0
        self._changed = asyncio.Event()
        self._ended = False

    async def write(self, content: bytes) -> None:
        """Add to it; wait where too much is unread."""
        while self._written - self._read > LARGEST_BYTES:
            await self._next_change()
        self._file.seek(self._written)
        self._file.write(content)
        self._written += len(content)
        self._changed.set()

    def end(self) -> None:
        """No more comes."""
        self._ended = True
        self._changed.set()

    async def pieces(self) -> AsyncIterator[bytes]:
        """Everything, as it comes, until the end."""
        while True:
            while self._read < self._written:
                self._file.seek(self._read)
                piece = self._file.read(_PIECE_BYTES)
                self._read += len(piece)
                if self._read == self._written:  # nothing waits, so no room is needed
                    self._file.seek(0)
                    self._file.truncate()
                    self._read = self._written = 0
                self._changed.set()
                yield piece
            if self._ended:
                return
            await self._next_change()

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    async def _next_change(self) -> None:
        self._changed.clear()
        await self._changed.wait()
