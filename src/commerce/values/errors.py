"""The errors of the domain: each is named after the broken rule and says what to do about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Self, TypeVar

Thing = TypeVar("Thing")


class CommerceError(Exception):
    """Anything this product rejects or cannot do; its text is meant for the person who asked."""


class InvalidInput(CommerceError):
    """A value that no state of the system would accept."""

    def __init__(self, detail: str, field: str | None = None) -> None:
        super().__init__(detail)
        self.field = field


class NotFound(CommerceError):
    """What was named does not exist, or is not the asker's to see."""


def existing(thing: Thing | None, missing: str) -> Thing:
    """The thing itself. Raises `NotFound` with the text `missing` where there is none."""
    if thing is None:
        raise NotFound(missing)
    return thing


class RuleBroken(CommerceError):
    """A command that the present state of things does not allow; the subclass names the rule."""

    version: int | None = None
    """The present version of the thing that it is about, where it has one."""
    actions: Sequence[str] | None = None
    """What may be done with it now, by the last part of the path that does it, or by the method where that is the
    thing's own path; None where nobody said."""

    def standing(self, version: int | None, actions: Sequence[str]) -> Self:
        """The same, with how the thing stands that it is about."""
        self.version, self.actions = version, actions
        return self


@contextmanager
def saying_how_it_stands(version: int, actions: Callable[[], Sequence[str]]) -> Iterator[None]:
    """Have every refusal that is raised within say how the thing stands that is decided on: its version, 0 where there
    is no such thing yet, and what may be done with it now."""
    try:
        yield
    except RuleBroken as refusal:
        if refusal.actions is None:
            refusal.standing(version or None, actions())
        raise


class StaleVersion(CommerceError):
    """The caller's version of a thing is not its present one."""


class Unavailable(CommerceError):
    """A part that is needed does not answer, or its queue is full: try again after `retry_after` seconds."""

    def __init__(self, detail: str, retry_after: int = 1) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class BadUsage(CommerceError):
    """A setting, file or argument that cannot be worked with; the command line ends with exit code 2 and this text."""


def first_line(error: BaseException) -> str:
    """What an error says, without the further lines that a server or a library adds."""
    return str(error).strip().partition("\n")[0]
