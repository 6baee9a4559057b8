"""TCP ports on the loopback interface."""

from __future__ import annotations

import socket

from commerce.errors import BadUsage

LOOPBACK = "127.0.0.1"


def free_port() -> int:
    """A port nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def require_free(port: int, what: str, host: str = LOOPBACK) -> None:
    """Raise `BadUsage` where somebody listens on `port` already; `what` says for whom it was wanted."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise BadUsage(
                f"{what} cannot listen on {host}:{port} ({error.strerror}); free the port or choose another"
            ) from None
