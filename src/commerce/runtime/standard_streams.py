"""Standard output and error: UTF-8 in every locale, as names and addresses are written in every script."""

from __future__ import annotations

import io
import sys


def write_utf8() -> None:
    """Have this process write UTF-8 to both streams from now on; what UTF-8 cannot say is written as its escape."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
