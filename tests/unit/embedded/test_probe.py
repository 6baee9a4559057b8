"""Asking a server on this machine how it is ends in time, whatever it answers."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from time import monotonic, sleep

import pytest

from commerce.embedded.probe import LARGEST_ANSWER_BYTES, ask

HEAD = b"HTTP/1.1 200 OK\r\n"


@contextmanager
def server(head: bytes, piece: bytes, pieces: int, pause_s: float = 0.0) -> Iterator[int]:
    """Answers one request; its port."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer() -> None:
            connection, _ = listening.accept()
            with connection, suppress(OSError):
                connection.recv(65_536)
                connection.sendall(head + b"\r\n")
                for _ in range(pieces):
                    connection.sendall(piece)
                    sleep(pause_s)

        thread = threading.Thread(target=answer)
        thread.start()
        yield listening.getsockname()[1]
        thread.join()


def test_a_server_says_how_it_is() -> None:
    with server(HEAD, b"well", 1) as port:
        assert ask("127.0.0.1", port, "/health") == (200, "well")


@pytest.mark.parametrize(
    ("piece", "pieces", "pause_s"), [(b" " * 65_536, 2 * LARGEST_ANSWER_BYTES // 65_536, 0.0), (b" ", 200, 0.02)]
)
def test_an_answer_that_is_too_long_or_drips_is_none(piece: bytes, pieces: int, pause_s: float) -> None:
    began = monotonic()
    with server(HEAD, piece, pieces, pause_s) as port:
        assert ask("127.0.0.1", port, "/health", seconds=0.3) is None
        assert monotonic() - began < 3.0
