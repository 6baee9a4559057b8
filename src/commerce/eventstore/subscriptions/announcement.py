"""What the notification of an append says, so that a process need not look for events that it does not read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Announcement:
    """The positions from `first` to `last` were appended at once, and are of some of these topics."""

    first: int
    last: int
    topics: frozenset[str]

    @classmethod
    def read(cls, payload: str) -> Self | None:
        """None for a notification that says nothing, as of too many topics or from an earlier version."""
        first, _, rest = payload.partition(" ")
        last, _, topics = rest.partition(" ")
        if not (first.isdecimal() and last.isdecimal()):
            return None
        return cls(int(first), int(last), frozenset(topics.split()))
