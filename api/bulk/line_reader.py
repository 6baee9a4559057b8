"""Takes a body apart into lines while it arrives, so that memory does not grow with it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

from starlette.requests import ClientDisconnect
from starlette.types import Receive

from api.http.errors import BodyTooLarge

LONGEST_LINE_BYTES = 64 * 1024
BATCH_LINES = 200
"""Lines that are handled together at most; fewer where no more have arrived."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line that is not blank, and its number, counted from that of the first line."""

    number: int
    content: bytes | None
    """None for one that is too long, which is read and thrown away."""


class LineReader:
    """The lines of one body. Raises `ClientDisconnect` where the client has left, `BodyTooLarge` beyond
    `largest_bytes`; a line that was not sent whole is no line."""

    def __init__(self, receive: Receive, first_number: int, largest_bytes: int) -> None:
        self._receive = receive
        self._number = first_number
        self._left_bytes = largest_bytes
        self._rest = bytearray()
        self._is_overlong = False

    @property
    def next_number(self) -> int:
        """The number of the line that comes next."""
        return self._number

    async def batches(self) -> AsyncIterator[list[Line]]:
        """Lines as they arrive, `BATCH_LINES` at most at a time, and never none."""
        more = True
        while more:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise ClientDisconnect
            body, more = message.get("body", b""), message.get("more_body", False)
            self._left_bytes -= len(body)
            if self._left_bytes < 0:
                raise BodyTooLarge("the import is larger than one may be; send the rest as another, with from_line")
            self._rest += body
            lines = self._complete(is_last=not more)
            for begin in range(0, len(lines), BATCH_LINES):
                yield lines[begin : begin + BATCH_LINES]

    def _complete(self, *, is_last: bool) -> list[Line]:
        *whole, rest = bytes(self._rest).split(b"\n")
        self._rest = bytearray(rest)
        if is_last and rest:
            whole.append(rest)
        found = [line for line in map(self._line, whole) if line is not None]
        if len(self._rest) > LONGEST_LINE_BYTES:
            self._is_overlong = True
            self._rest.clear()
        return found

    def _line(self, content: bytes) -> Line | None:
        number, self._number = self._number, self._number + 1
        is_overlong = self._is_overlong or len(content) > LONGEST_LINE_BYTES
        self._is_overlong = False
        if is_overlong:
            return Line(number, None)
        return Line(number, content) if content.strip() else None
