"""Standard output and error: UTF-8 in every locale, as names and addresses are written in every script."""

from __future__ import annotations

import io
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

UNREAD = 128 + signal.SIGPIPE
"""The exit code, as a shell has it, of a program whose output nobody reads any more."""


def write_utf8() -> None:
    """Have this process write UTF-8 to both streams from now on; what UTF-8 cannot say is written as its escape."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


@contextmanager
def ends_unread() -> Iterator[None]:
    """End this process without a word, with exit code `UNREAD`, once nobody reads its output, as in `… | head`."""
    try:
        try:
            yield
        finally:
            sys.stdout.flush()
    except (BrokenPipeError, SystemExit) as error:
        if isinstance(error, SystemExit) and not isinstance(error.__context__, BrokenPipeError):
            raise  # typer and rich make a SystemExit of a closed pipe, with the exit code of a failure
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(UNREAD)
