"""Asks a server on this machine how it is, past any proxy that the environment names."""

from __future__ import annotations

from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from time import monotonic

LARGEST_ANSWER_BYTES = 1024**2
_PIECE_BYTES = 65_536


@dataclass(frozen=True, slots=True)
class Useless:
    """Why something that is alive is of no use, where only a new start helps, and for how many seconds that is
    waited for."""

    why: str
    after_s: float


NO_ANSWER = Useless("it does not answer", 20.0)
"""On a busy machine an answer may be late."""


def ask(host: str, port: int, path: str, seconds: float = 2.0) -> tuple[int, str] | None:
    """The status and text of a GET; `None` where nobody answers in time, or with more than a health check has to
    say."""
    connection = HTTPConnection(host, port, timeout=seconds)
    until = monotonic() + seconds
    text = b""
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        while piece := answer.read1(_PIECE_BYTES):
            text += piece
            if len(text) > LARGEST_ANSWER_BYTES or monotonic() > until:
                return None
        return answer.status, text.decode(errors="replace")
    except (OSError, HTTPException):
        return None
    finally:
        connection.close()
