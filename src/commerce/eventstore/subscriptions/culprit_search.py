"""Finds the event that makes a batch fail: at once where the error names it, else by halves."""

from __future__ import annotations

from collections.abc import Sequence

from commerce.eventstore.codec.records import Recorded
from commerce.eventstore.errors import EventFailed
from commerce.eventstore.read.slices import Slice


class CulpritSearch:
    """Cuts batches short until the event that cannot be handled stands alone."""

    def __init__(self) -> None:
        self._positions: list[int] = []
        """Among these is the culprit, as far as is known; where it `is_named`, it is the last."""
        self._is_named = False

    def failed(self, events: Sequence[Recorded], error: Exception) -> None:
        """A batch of several events failed."""
        self._positions = [recorded.position for recorded in events]
        named = named_culprit(events, error)
        self._is_named = named in self._positions
        if named is not None and self._is_named:
            del self._positions[self._positions.index(named) + 1 :]

    def cut(self, batch: Slice) -> Slice:
        """What of a batch to try next."""
        if not self._positions:
            return batch
        bound = self._bound()
        events = [recorded for recorded in batch.events if recorded.position <= bound]
        if len(events) == len(batch.events) or not events:
            return batch
        return Slice(events, events[-1].position)

    def passed(self, until: int) -> None:
        """What comes up to a position was handled, or parked."""
        if self._positions:
            self._positions = [position for position in self._positions if position > until]

    def _bound(self) -> int:
        """Where the next attempt ends: before the culprit that is named, or in the middle."""
        if len(self._positions) == 1:
            return self._positions[0]
        return self._positions[-2 if self._is_named else len(self._positions) // 2 - 1]


def named_culprit(events: Sequence[Recorded], error: Exception) -> int | None:
    """The position of the event that an error is about, where it says so or the event cannot be read."""
    return error.position if isinstance(error, EventFailed) else _unreadable(events)


def _unreadable(events: Sequence[Recorded]) -> int | None:
    """The position of the first event that cannot be decoded."""
    for recorded in events:
        try:
            assert recorded.event
        except Exception:  # noqa: BLE001 - whatever keeps it from being read
            return recorded.position
        finally:
            recorded.forget_event()
    return None
