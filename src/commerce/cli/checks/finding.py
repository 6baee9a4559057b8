"""What a check found: how bad it is, what it is, and what to do about it."""

from __future__ import annotations

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


def ok(check: str, text: str) -> Finding:
    """All is well."""
    return Finding(check, "ok", text)


def warning(check: str, text: str, remedy: str) -> Finding:
    """The system works, and might not under load, after a crash, or soon."""
    return Finding(check, "warning", text, remedy)


def problem(check: str, text: str, remedy: str) -> Finding:
    """Something does not work, or a guarantee does not hold."""
    return Finding(check, "problem", text, remedy)
