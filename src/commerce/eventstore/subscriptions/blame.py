"""Names the event that a handler was about when an error was raised."""

from __future__ import annotations

from types import TracebackType

from commerce.eventstore.codec.records import Recorded
from commerce.eventstore.errors import EventFailed
from commerce.eventstore.subscriptions.error_groups import is_of_one_event


class Blamed:
    """`with Blamed(recorded):` an error that is raised within is that event's: `EventFailed`.

    `broken` is a further sequence that cannot be handled, as in `EventFailed`.
    """

    __slots__ = ("_broken", "_recorded")

    def __init__(self, recorded: Recorded, broken: str | None = None) -> None:
        self._recorded = recorded
        self._broken = broken

    def __enter__(self) -> None:
        """Nothing is to be done."""

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        """Raise `EventFailed` in place of an error that an event can have."""
        if isinstance(error, Exception) and not isinstance(error, EventFailed) and is_of_one_event(error):
            raise EventFailed(self._recorded.position, self._broken) from error
