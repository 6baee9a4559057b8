"""Asking a server on this machine how it is, past any proxy the environment names."""

from __future__ import annotations

from http.client import HTTPConnection, HTTPException


def ask(host: str, port: int, path: str, seconds: float = 2.0) -> tuple[int, str] | None:
    """The status and text of a GET; `None` where nobody answers in time."""
    connection = HTTPConnection(host, port, timeout=seconds)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode(errors="replace")
    except (OSError, HTTPException):
        return None
    finally:
        connection.close()
