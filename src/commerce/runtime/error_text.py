"""What went wrong, in words that anybody may read: a server's own text names its files, and may quote values."""

from __future__ import annotations

from collections.abc import Mapping

import psycopg

LONGEST_PROBLEM_CHARACTERS = 500
"""Characters of a problem that is stored, at most."""

NO_ROOM = "the database has no room on its disk"

_SQLSTATES: Mapping[str, str] = {
    "53100": NO_ROOM,
    "53200": "the database has too little memory",
    "533": "the database has no session left",
    "57014": "the database took too long",
    "57P": "the database is being started or stopped",
    "08": "the connection to the database was lost",
    "25006": "the database is read-only, as a stand-by is",
    "42501": "the database does not allow it; run `commerce migrate`",
    "55P03": "others hold a lock for too long",
    "58": "the database cannot use its files; see its log",
    "XX": "the database is damaged; see its log",
}
"""By PostgreSQL's error code, or its beginning."""


def error_text(error: BaseException) -> str:
    """A database's or the system's error without its own text; any other error as it says itself."""
    if isinstance(error, psycopg.Error):
        state = error.sqlstate or ""
        found = (words for code, words in _SQLSTATES.items() if state and state.startswith(code))
        if isinstance(error, psycopg.DataError | psycopg.IntegrityError | psycopg.ProgrammingError):
            return next(found, str(error).partition("\n")[0])  # about what was asked, and not about the server
        return next(found, f"the database does not answer as it should ({type(error).__name__})")
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    return str(error) or type(error).__name__


def problem_text(error: BaseException) -> str:
    """The kind of an error and its text, short and clean enough to be stored."""
    text = f"{type(error).__name__}: {error_text(error)}"[:LONGEST_PROBLEM_CHARACTERS]
    return text.replace("\0", "\ufffd").encode(errors="replace").decode()
