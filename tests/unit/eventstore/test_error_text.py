"""What clients and operators read of an error names no file of the database's."""

from __future__ import annotations

import errno

import psycopg
import pytest

from commerce.runtime.error_text import NO_ROOM, error_text
from commerce.values.errors import Unavailable

PATH = "base/16384/16401"


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (psycopg.errors.DiskFull(f'could not extend file "{PATH}": No space left on device'), NO_ROOM),
        (psycopg.errors.IoError(f'could not read file "{PATH}"'), "the database cannot use its files; see its log"),
        (
            psycopg.errors.DataCorrupted(f'invalid page in block 0 of relation "{PATH}"'),
            "the database is damaged; see its log",
        ),
        (psycopg.errors.ReadOnlySqlTransaction("cannot execute INSERT"), "the database is read-only, as a stand-by is"),
        (psycopg.errors.AdminShutdown("terminating connection"), "the database is being started or stopped"),
        (psycopg.errors.TooManyConnections("sorry"), "the database has no session left"),
        (psycopg.OperationalError(f"no {PATH}"), "the database does not answer as it should (OperationalError)"),
        (psycopg.errors.NumericValueOutOfRange("integer out of range\nDETAIL: 7"), "integer out of range"),
        (OSError(errno.ENOSPC, "No space left on device", f"/srv/{PATH}"), "No space left on device"),
        (Unavailable("the broker is not connected"), "the broker is not connected"),
        (TimeoutError(), "TimeoutError"),
    ],
)
def test_every_error_has_words_without_places(error: Exception, said: str) -> None:
    assert error_text(error) == said
