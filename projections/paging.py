"""Lists in pages, newest first: a cursor is the place of the last item that was shown, so that new rows shift nothing."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from commerce.errors import InvalidInput
from commerce.eventstore.reading import Pool
from projections.projection import Projection

LIMIT = 50
LARGEST_LIMIT = 100
"""Items of one page: by default, and at most."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some items of a list, and what to ask for the next ones with; None at the end."""

    items: list[T]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class Condition:
    """What the items of a list have in common, with its parameters; `%s` placeholders."""

    sql: str
    parameters: Sequence[object] = ()


def equal_to(**columns: object) -> list[Condition]:
    """Conditions on columns; one that is None is not asked for."""
    return [Condition(f"{column} = %s", [value]) for column, value in columns.items() if value is not None]


async def newest_first(
    pool: Pool, projection: Projection[T], where: Sequence[Condition], cursor: str | None, limit: int
) -> Page[T]:
    """The rows whose first fact is newest, after those already shown. Raises `InvalidInput` for `cursor` and `limit`."""
    check_limit(limit)
    conditions = [*where, Condition("first < %s", [read_cursor(cursor)])] if cursor is not None else where
    found = await projection.select(
        pool,
        f"{' AND '.join(condition.sql for condition in conditions) or 'true'} ORDER BY first DESC LIMIT %s",
        [*(value for condition in conditions for value in condition.parameters), limit + 1],
    )
    shown = found[:limit]
    return Page([folded.row for folded in shown], write_cursor(shown[-1].first) if len(found) > limit else None)


def page_of(items: Sequence[T], cursor: str | None, limit: int) -> Page[T]:
    """A page of a list that is computed whole; its cursor is the number of items shown. Raises `InvalidInput`."""
    check_limit(limit)
    begin = 0 if cursor is None else read_cursor(cursor)
    end = begin + limit
    return Page(list(items[begin:end]), write_cursor(end) if end < len(items) else None)


def check_limit(limit: int) -> None:
    """Raises `InvalidInput` for a page that is too large, or empty."""
    if not 1 <= limit <= LARGEST_LIMIT:
        raise InvalidInput(f"a page has 1 to {LARGEST_LIMIT} items, not {limit}", "limit")


def write_cursor(place: int) -> str:
    """A place in a list, as clients send it back."""
    return base64.urlsafe_b64encode(str(place).encode()).decode().rstrip("=")


def read_cursor(cursor: str) -> int:
    """The place that a cursor stands for. Raises `InvalidInput` for one that we did not write."""
    try:
        place = int(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except ValueError:
        place = 0
    if not 0 < place < 2**63 or write_cursor(place) != cursor:
        raise InvalidInput("this is not a cursor of ours; leave it out to begin at the newest", "cursor")
    return place
