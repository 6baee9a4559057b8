"""Tables: a page of a list of the API's, shown row by row, or the whole list as CSV."""

from __future__ import annotations

import csv
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from urllib.parse import urlencode

from starlette.responses import StreamingResponse

from api.pages.api_calls import ApiCalls, Document, QueryValue
from api.pages.cells import Cell, csv_text
from api.pages.languages import Language

ROWS = 50
"""How many rows a page shows."""
_CSV_PAGE_ROWS = 100
MOST_CSV_ROWS = 50_000
"""After so many rows a CSV file ends with a line that says so; larger exports are the API's, as NDJSON."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, to be translated, and what it shows of an item."""

    title: str
    cell: Callable[[Document], Cell]
    is_number: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """One page of a list."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    items: Sequence[Document]
    next_page: str | None
    """The address of the next page; None for the last one."""
    first_page: str | None
    """That of the first page; None on that one."""
    csv: str
    """The address of all of it as CSV."""


@dataclass(frozen=True, slots=True)
class TableSource:
    """Where a table has its items from, and what it shows of each."""

    path: str
    query: Mapping[str, QueryValue]
    columns: Sequence[Column]

    async def page(self, calls: ApiCalls, address: str, given: Mapping[str, str]) -> Table:
        """The page that the query of a request names, at the address of the page itself. Raises `ApiProblem`."""
        cursor = given.get("cursor")
        answer = await calls.get(self.path, {**self.query, "limit": ROWS, "cursor": cursor})
        items = answer["items"]
        return Table(
            self.columns,
            [[column.cell(item) for column in self.columns] for item in items],
            items,
            _address(address, given, cursor=answer["next_cursor"]) if answer["next_cursor"] else None,
            _address(address, given, cursor=None) if cursor else None,
            _address(address, given, cursor=None, format="csv"),
        )

    async def csv(self, calls: ApiCalls, language: Language, name: str) -> StreamingResponse:
        """All items as CSV (RFC 4180). The first page is read before the answer begins. Raises `ApiProblem`."""
        first = await calls.get(self.path, {**self.query, "limit": _CSV_PAGE_ROWS})
        headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
        return StreamingResponse(self._lines(calls, language, first), 200, headers, "text/csv; charset=utf-8")

    async def _lines(self, calls: ApiCalls, language: Language, page: Document) -> AsyncIterator[bytes]:
        yield _line([language.text(column.title) for column in self.columns])
        rows = 0
        while True:
            items = page["items"]
            yield b"".join(_line([csv_text(column.cell(item)) for column in self.columns]) for item in items)
            rows += len(items)
            cursor = page["next_cursor"]
            if cursor is None:
                return
            if rows >= MOST_CSV_ROWS:
                yield _line([language.text("There are more rows; export them by the API.")])
                return
            page = await calls.get(self.path, {**self.query, "limit": _CSV_PAGE_ROWS, "cursor": cursor})


def _line(cells: Sequence[str]) -> bytes:
    line = StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue().encode()


def _address(path: str, given: Mapping[str, str], **changed: str | None) -> str:
    query = {name: value for name, value in {**given, **changed}.items() if value}
    return f"{path}?{urlencode(query)}" if query else path
