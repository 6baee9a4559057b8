"""Lists in pages: a cursor names the last item that was shown, so that what comes or goes meanwhile shifts nothing."""

from __future__ import annotations

import base64
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from pydantic_core import from_json, to_json

from commerce.eventstore import Pool
from commerce.values.errors import InvalidInput
from projections.engine.projection import Projection

DEFAULT_PAGE_ITEMS = 50
LARGEST_PAGE_ITEMS = 100
"""Items of one page: by default, and at most."""

ItemKey = tuple[str | int, ...]
"""What the items of a list are ordered by, and told apart."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some items of a list, and what to ask for the next ones with, if there are any."""

    items: list[T]
    """The items of this page."""
    next_cursor: str | None
    """Send it as `cursor` to get the next page; null on the last one."""


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which page of a list is asked for: the first one without a cursor. Raises `InvalidInput` for its size."""

    cursor: str | None = None
    limit: int = DEFAULT_PAGE_ITEMS

    def __post_init__(self) -> None:
        if not 1 <= self.limit <= LARGEST_PAGE_ITEMS:
            raise InvalidInput(f"a page has 1 to {LARGEST_PAGE_ITEMS} items, not {self.limit}", "limit")

    def place(self, name: str) -> int:
        """Where it begins in a list in the order of the log, by the name of that list. Raises `InvalidInput`."""
        return 0 if self.cursor is None else read_place(name, self.cursor)


FIRST_PAGE = PageRequest()


@dataclass(frozen=True, slots=True)
class Condition:
    """What the items of a list have in common, with its parameters; `%s` placeholders."""

    sql: str
    parameters: Sequence[object] = ()


async def newest_first(
    pool: Pool, projection: Projection[T], paging: PageRequest = FIRST_PAGE, where: Sequence[Condition] = ()
) -> Page[T]:
    """The rows whose first event is newest, after those already shown.

    Raises `InvalidInput` for the cursor, `ParkedRow`.
    """
    return await _in_order(pool, projection, paging, where, is_oldest_first=False)


async def oldest_first(
    pool: Pool, projection: Projection[T], paging: PageRequest = FIRST_PAGE, where: Sequence[Condition] = ()
) -> Page[T]:
    """The rows whose first event is oldest, after those already shown; its cursors are not those of `newest_first`.

    Raises `InvalidInput` for the cursor, `ParkedRow`.
    """
    return await _in_order(pool, projection, paging, where, is_oldest_first=True)


def from_oldest(name: str) -> str:
    """What the cursors of a list are of that begins with its oldest item."""
    return f"{name} oldest first"


async def _in_order(
    pool: Pool, projection: Projection[T], paging: PageRequest, where: Sequence[Condition], *, is_oldest_first: bool
) -> Page[T]:
    """A page of the rows in the order of their places in the log, from either end of it."""
    name = from_oldest(projection.name) if is_oldest_first else projection.name
    beyond, order = ("first > %s", "first") if is_oldest_first else ("first < %s", "first DESC")
    conditions = where if paging.cursor is None else [*where, Condition(beyond, [paging.place(name)])]
    found = await projection.select_shown(
        pool,
        f"{' AND '.join(condition.sql for condition in conditions) or 'true'} ORDER BY {order} LIMIT %s",
        [*(value for condition in conditions for value in condition.parameters), paging.limit + 1],
    )
    shown = found[: paging.limit]
    further = write_cursor(name, shown[-1].first) if len(found) > paging.limit else None
    return Page([folded.row for folded in shown], further)


def page_of(name: str, items: Iterable[T], key: Callable[[T], ItemKey], paging: PageRequest) -> Page[T]:
    """A page of a list that is computed whole, in the order of its items' keys; no two items have the same.

    It begins after the item that was shown last, whether that is still there or not. Raises `InvalidInput`.
    """
    ordered = sorted(items, key=key)
    begin = 0
    if paging.cursor is not None:
        last = read_cursor(name, paging.cursor)
        if ordered and list(map(type, last)) != list(map(type, key(ordered[0]))):
            raise _not_ours()
        begin = bisect_right(ordered, last, key=key)
    end = begin + paging.limit
    shown = ordered[begin:end]
    return Page(shown, write_cursor(name, *key(shown[-1])) if end < len(ordered) else None)


def write_cursor(name: str, *key: str | int) -> str:
    """Which item of which list was shown last, as clients send it back."""
    return _encoded(to_json([name, *key]))


def read_cursor(name: str, cursor: str) -> ItemKey:
    """The key of the item that was shown last. Raises `InvalidInput` for what we did not write, or for another list."""
    found = _decoded(cursor)
    if not isinstance(found, list) or not found or _encoded(to_json(found)) != cursor:
        raise _not_ours()
    if found[0] != name:
        raise InvalidInput("this cursor is of another list; leave it out to begin at the first page", "cursor")
    return tuple(found[1:])


def read_place(name: str, cursor: str) -> int:
    """The place of the item that was shown last, in a list in the order of the log. Raises `InvalidInput`.

    In 0.1.0 a cursor was that place and nothing else; such a cursor is still good.
    """
    found = _decoded(cursor)
    is_older = isinstance(found, int) and _encoded(to_json(found)) == cursor
    key = (found,) if is_older else read_cursor(name, cursor)
    match key:
        case (int(place),) if type(place) is int and 0 < place < 2**63:
            return place
        case _:
            raise _not_ours()


def _encoded(json: bytes) -> str:
    return base64.urlsafe_b64encode(json).decode().rstrip("=")


def _decoded(cursor: str) -> object:
    try:
        return from_json(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except ValueError:
        return None


def _not_ours() -> InvalidInput:
    return InvalidInput("this is not a cursor of ours; leave it out to begin at the first page", "cursor")
