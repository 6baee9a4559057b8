"""Errors in groups: those of one kind, raised at one place in our code, have one cause and are worked on together."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from traceback import walk_tb

import psycopg

from commerce.eventstore.errors import EventFailed
from commerce.runtime.error_text import problem_text
from commerce.values.errors import Unavailable

_OURS = ("commerce", "projections", "workers", "api")
_STORE = "commerce.eventstore"
"""Where every error passes through, so that this says nothing about it."""


@dataclass(frozen=True, slots=True)
class ErrorGroup:
    """The kind of an error, and the innermost place in our code that it was raised through."""

    error: str
    place: str

    def id_for(self, subscription: str) -> str:
        """What the group is called among those of all subscriptions."""
        named = f"{subscription}\n{self.error}\n{self.place}"
        return hashlib.sha256(named.encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an event could not be handled: the group of its error, and the error in words."""

    group: ErrorGroup
    problem: str

    @classmethod
    def of(cls, error: BaseException) -> Failure:
        """What is kept of an error."""
        cause = error.__cause__ if isinstance(error, EventFailed) and error.__cause__ else error
        kind = type(cause)
        module = kind.__module__
        name = kind.__qualname__ if module == "builtins" else f"{module.partition('.')[0]}.{kind.__qualname__}"
        place = _place_of(cause if cause.__traceback__ else error)
        return cls(ErrorGroup(name, place), problem_text(cause))

    @classmethod
    def told(cls, error: str, place: str, problem: str) -> Failure:
        """One that no exception tells of."""
        return cls(ErrorGroup(error, place), problem)


def is_of_one_event(error: BaseException) -> bool:
    """Whether an error comes from what is to be handled; else it would be the same for every event.

    Of the database's errors these are values that it does not take. A lost connection, a lock, a missing table, a right
    or a full disk are nothing that an event does.
    """
    if isinstance(error, psycopg.ProgrammingError) and error.sqlstate is None:
        return True  # a value that psycopg cannot send
    if isinstance(error, psycopg.Error):
        is_too_large = (error.sqlstate or "").startswith("54")
        return is_too_large or isinstance(error, psycopg.DataError | psycopg.IntegrityError)
    return not isinstance(error, Unavailable | OSError | TimeoutError | MemoryError)


def _place_of(error: BaseException) -> str:
    """Where it was raised: the innermost frame of our code outside the event store, or else the innermost of all."""
    frames = [
        (str(frame.f_globals.get("__name__")), frame.f_code.co_name, line)
        for frame, line in walk_tb(error.__traceback__)
    ]
    ours = [frame for frame in frames if frame[0].partition(".")[0] in _OURS]
    outside = [frame for frame in ours if not frame[0].startswith(_STORE)]
    for chosen in (outside, ours, frames):
        if chosen:
            module, function, line = chosen[-1]
            return f"{module}.{function} line {line}"
    return "unknown"
