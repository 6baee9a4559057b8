"""What a check found: how bad it is, what it is, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Literal

Level = Literal["ok", "warning", "problem"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report; `remedy` is empty where all is well."""

    check: str
    level: Level
    text: str
    remedy: str = ""

    def values(self) -> dict[str, str]:
        """As JSON has it."""
        return asdict(self)


OUTSIDE: Mapping[str, str] = {
    party: f"see whether the {party} works and can be reached; what was asked of it is asked again by itself"
    for party in ("payment provider", "carrier")
}
"""What to do about a part of a worker that is not ours."""


def ok(check: str, text: str) -> Finding:
    """All is well."""
    return Finding(check, "ok", text)


def warning(check: str, text: str, remedy: str) -> Finding:
    """The system works, and might not under load, after a crash, or soon."""
    return Finding(check, "warning", text, remedy)


def problem(check: str, text: str, remedy: str) -> Finding:
    """Something does not work, or a guarantee does not hold."""
    return Finding(check, "problem", text, remedy)
