"""TCP ports of this machine."""

from __future__ import annotations

import socket
import time

from commerce.values.errors import BadUsage

LOOPBACK = "127.0.0.1"


def free_port() -> int:
    """A port nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def is_free(port: int, host: str = LOOPBACK) -> bool:
    """Whether a server could listen there now."""
    try:
        _try_to_bind(port, host)
    except OSError:
        return False
    return True


def require_free(port: int, what: str, host: str = LOOPBACK, patience: float = 0.0) -> None:
    """Raise `BadUsage` where nobody can listen on `port`, even after `patience` seconds; `what` says for whom it
    was wanted."""
    deadline = time.monotonic() + patience
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
