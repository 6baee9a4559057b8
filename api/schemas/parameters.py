"""Parameters of paths and queries: pages, times, versions; each says what to send where a value cannot be read."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import Depends, Path, Query
from pydantic import AwareDatetime, BeforeValidator, Field, WithJsonSchema

from api.queries.consistency import POSITIONS, read_position
from api.schemas.fields import Sku
from commerce.values.time_spans import TimeSpan, read_day, read_span
from projections.engine.pages import DEFAULT_PAGE_ITEMS, LARGEST_PAGE_ITEMS, PageRequest

_NOT_A_TIME = (
    "must be a time with its offset, such as 2026-11-23T10:15:30Z or 2026-11-23T11:15:30+01:00, or a day in UTC"
)


def _span(given: object) -> TimeSpan:
    span = read_span(given) if isinstance(given, str) else None
    if span is None:
        raise ValueError(_NOT_A_TIME)
    return span


def _day(given: object) -> date:
    day = read_day(given) if isinstance(given, str) else None
    if day is None:
        raise ValueError("must be a day, such as 2026-11-23")
    return day


def whole(given: object) -> object:
    """Accept digits only: Python reads other texts as numbers too."""
    if isinstance(given, str) and not (given.isascii() and given.isdigit() and len(given) <= 19):
        raise ValueError("must be a whole number in digits, such as 50")
    return given


Count = Annotated[int, Field(ge=1, le=LARGEST_PAGE_ITEMS), BeforeValidator(whole)]
"""Items of a page. Like all bounds here it stands before the function, or the document would not know it."""
Place = Annotated[int, Field(ge=0, le=2**63 - 1), BeforeValidator(whole)]
"""A position in the log, or before all of it."""
EventPlace = Annotated[int, Field(ge=1, le=2**63 - 1), BeforeValidator(whole)]
"""An event's position in the log."""
Since = Annotated[AwareDatetime, BeforeValidator(lambda given: _span(given).begin)]
"""The beginning of the time that is named; like `Until` it reads every form that this API prints."""
Until = Annotated[AwareDatetime, BeforeValidator(lambda given: _span(given).end)]
"""The end of the time that is named: of that day, minute, second, or part of a second."""
Day = Annotated[date, BeforeValidator(_day)]


def _position(given: object) -> int:
    position = read_position(given) if isinstance(given, str) else None
    if position is None:
        raise ValueError("must be a position as the header Commerce-Position has it, such as p1-5f")
    return position


ChangedSince = Annotated[
    int, BeforeValidator(_position), WithJsonSchema({"type": "string", "pattern": POSITIONS.pattern})
]
"""A position that an answer named before."""

_Version = Annotated[int, Field(ge=1, le=2**31 - 1), BeforeValidator(whole)]
Version = Annotated[_Version | None, Query(description="As it was at this version.")]
AsOf = Annotated[
    Until | None, Query(description="As it was at the end of this time, with its offset, or of this day in UTC.")
]
SkuInPath = Annotated[Sku, Path(description="Case-sensitive, percent-encoded; é is the same in both its forms.")]


async def _page_request(
    cursor: Annotated[str | None, Query(max_length=1_024, description="`next_cursor` of the page before.")] = None,
    limit: Annotated[Count, Query(description="How many items at most.")] = DEFAULT_PAGE_ITEMS,
) -> PageRequest:
    return PageRequest(cursor, limit)


Paging = Annotated[PageRequest, Depends(_page_request)]
"""The parameters that every list has."""
