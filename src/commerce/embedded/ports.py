"""TCP ports of this machine."""

from __future__ import annotations

import random
import socket
import time
from itertools import count

from commerce.values.errors import BadUsage

LOOPBACK = "127.0.0.1"
_CHOICE = range(15_000, 32_768)
"""Below the ports that Linux (32768) and IANA (49152) give to outgoing connections: one of those would take a chosen
port before its server listens, or while that server starts again."""
_turns = count(random.randrange(len(_CHOICE)))
"""Each process begins elsewhere and goes on from there, so that two that choose at once seldom choose the same."""


def free_port() -> int:
    """A port nobody listens on at this moment. Raises `BadUsage` where all are taken."""
    for _ in _CHOICE:
        port = _CHOICE[next(_turns) % len(_CHOICE)]
        if is_free(port):
            return port
    raise BadUsage(f"no port from {_CHOICE.start} to {_CHOICE.stop - 1} is free on {LOOPBACK}; free one")


def is_free(port: int, host: str = LOOPBACK) -> bool:
    """Whether a server could listen there now."""
    try:
        _try_to_bind(port, host)
    except OSError:
        return False
    return True


def require_free(port: int, what: str, host: str = LOOPBACK, timeout_s: float = 0.0) -> None:
    """Raise `BadUsage` where nobody can listen on `port`, even after `timeout_s`; `what` says for whom it
    was wanted."""
    deadline = time.monotonic() + timeout_s
    while True:
        try:
            _try_to_bind(port, host)
        except OverflowError:
            raise BadUsage(f"{what} cannot listen on port {port}; a port is 0 to 65535") from None
        except OSError as error:
            if time.monotonic() > deadline:
                raise BadUsage(
                    f"{what} cannot listen on {host}:{port}: {error.strerror or error}; free it or choose another"
                ) from None
            time.sleep(0.1)
        else:
            return


def _try_to_bind(port: int, host: str) -> None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((host, port))
