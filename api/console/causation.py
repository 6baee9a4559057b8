"""What caused what in an order, as rows: each event in the column of its part, under its cause."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api.console.order_story import Item, part_of

PARTS = ("ordering", "saga", "inventory", "payments", "shipping")
"""The columns, from left to right; what happened in another part stands in the place of the last one."""
ROW_PIXELS, COLUMN_PIXELS = 30, 56
"""The height of a row and the width of a column, which the sheet of styles has too."""
_ROOM_PIXELS = COLUMN_PIXELS // 2

Caused = Mapping[str, Any]
"""An event, how long after its cause it was recorded, and what it caused, as the API's trace has it."""


@dataclass(frozen=True, slots=True)
class EventRow:
    """An event of an order, and where it stands."""

    event: Item
    seconds_after_cause: float
    depth: int
    """How far it is indented: what goes on stands under its cause, and what branches off one step to the right."""
    actor: str
    """Who asked for what it follows from."""
    name: str | None
    """Their name, where there is one."""
    request_id: str | None
    """The request that it follows from; none for what the system did of its own accord."""
    place: int
    """Which row it is, from 0."""
    cause: int | None
    """The row of its cause; none where it has none."""
    begins: bool
    """Whether it is the first that a request led to."""

    @property
    def part(self) -> str:
        """The part that it happened in."""
        return part_of(self.event)

    @property
    def x(self) -> int:
        """Where its point stands, from the left."""
        column = PARTS.index(self.part) if self.part in PARTS else len(PARTS) - 1
        return _ROOM_PIXELS + column * COLUMN_PIXELS

    @property
    def y(self) -> int:
        """Where its point stands, from above."""
        return self.place * ROW_PIXELS + ROW_PIXELS // 2


def event_rows(trace: Mapping[str, Any], most: int) -> list[EventRow]:
    """The rows of a trace, at most so many: each request's events, every one after its cause."""
    rows: list[EventRow] = []
    places: dict[int, int] = {}
    for request in trace["requests"]:
        for first, root in enumerate(request["caused"]):
            for caused, depth, cause in _walked(root):
                if len(rows) == most:
                    return rows
                place = places[caused["event"]["position"]] = len(rows)
                rows.append(
                    EventRow(
                        caused["event"],
                        caused["seconds_after_cause"],
                        depth,
                        request["actor"],
                        request["who"],
                        request["request_id"],
                        place,
                        places.get(cause) if cause else None,
                        begins=first == 0 and cause is None,
                    )
                )
    return rows


def _walked(root: Caused) -> Iterator[tuple[Caused, int, int | None]]:
    """A tree from its root on, with the depth of each event and the position of its cause."""
    waiting: list[tuple[Caused, int, int | None]] = [(root, 0, None)]
    while waiting:
        caused, depth, cause = waiting.pop()
        yield caused, depth, cause
        children: Sequence[Caused] = caused["caused"]
        longest = max(children, key=_last_position, default=None)
        position = caused["event"]["position"]
        waiting += [(one, depth if one is longest else depth + 1, position) for one in reversed(children)]


def _last_position(caused: Caused) -> int:
    """The position of the last event that an event led to."""
    last, waiting = 0, [caused]
    while waiting:
        one = waiting.pop()
        last = max(last, one["event"]["position"])
        waiting += one["caused"]
    return last


def arrow(row: EventRow, cause: EventRow) -> str:
    """The path of an arrow from a cause to an event, for an SVG image."""
    if row.x == cause.x:
        side = row.x - (0 if row.place == cause.place + 1 else _ROOM_PIXELS * 3 // 4)
        return f"M{cause.x},{cause.y + 5} C{side},{cause.y + 15} {side},{row.y - 15} {row.x},{row.y - 7}"
    end = row.x - 7 if row.x > cause.x else row.x + 7
    return f"M{cause.x},{cause.y} C{cause.x},{row.y} {cause.x},{row.y} {end},{row.y}"
