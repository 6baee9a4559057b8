"""`commerce export`: orders or events as lines of JSON, gone on with where they ended."""

from __future__ import annotations

import asyncio
import os
import sys
from contextlib import ExitStack
from enum import StrEnum
from pathlib import Path
from typing import Annotated, BinaryIO

import typer
from pydantic import ValidationError

from commerce.cli.client.answers import ExportedLineAnswer
from commerce.cli.client.api import open_api
from commerce.cli.client.typed import typed_name
from commerce.runtime.settings import load_settings
from commerce.values.errors import BadUsage, Unavailable

_MOST_TRIES = 10
"""How often an export is begun again that ends before its first line."""
_PAUSE_S = 1.0
_TAIL_BYTES = 256 * 1024
"""How far from its end the last whole line of a file is looked for first."""


class Exported(StrEnum):
    """What is exported."""

    ORDERS = "orders"
    EVENTS = "events"


PATHS = {Exported.ORDERS: "/orders", Exported.EVENTS: "/audit/events"}


def export(
    what: Annotated[Exported, typer.Argument(help="Orders, as they were placed, or the events of the log.")],
    *,
    to: Annotated[
        Path | None, typer.Option(help="A file, which is gone on with where it ends; without it, to the terminal.")
    ] = None,
    cursor: Annotated[str | None, typer.Option(help="The `cursor` of the last line that you have.")] = None,
    by: Annotated[str | None, typer.Option(help="Who does it; your login where it is left out.")] = None,
) -> None:
    """Write orders or events, oldest first, an object on each line; with the same file again, what came since."""
    who, count = typed_name(by), 0
    if to is not None and cursor is not None:
        raise BadUsage("the file says where to go on; leave out --cursor or --to")
    with ExitStack() as closing:
        try:
            out: BinaryIO = sys.stdout.buffer if to is None else closing.enter_context(export_file(to))
            begin = cursor if to is None else last_cursor(out, to)
            count = asyncio.run(_export(who, what, out, begin))
        except OSError as error:
            raise BadUsage(f"{to or 'the terminal'} cannot be written: {error.strerror}") from None
    print(f"lines: {count}", file=sys.stderr)


def export_file(path: Path) -> BinaryIO:
    """A file to be read and gone on with; one that is made can be read by its owner alone. Raises `OSError`."""
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b")


def last_cursor(file: BinaryIO, path: Path) -> str | None:
    """The cursor of the last whole line, behind which the file is cut off; None where the file is empty. Raises
    `BadUsage` for a file that is no export."""
    size = file.seek(0, os.SEEK_END)
    begin = max(0, size - _TAIL_BYTES)
    while True:
        file.seek(begin)
        tail = file.read()
        whole = tail.rfind(b"\n") + 1
        previous = tail.rfind(b"\n", 0, max(0, whole - 1)) + 1
        if begin == 0 or previous:
            break
        begin = max(0, begin - 16 * _TAIL_BYTES)
    line = tail[previous:whole]
    try:
        found = ExportedLineAnswer.model_validate_json(line).cursor if size else None
    except ValidationError:
        raise BadUsage(f"the last whole line of {path} is no line of an export; name another file") from None
    file.seek(begin + whole)
    file.truncate()
    return found


async def _export(who: str, what: Exported, out: BinaryIO, cursor: str | None) -> int:
    """Write what comes after a cursor; answers how many lines. Raises `Unavailable`, `OSError`."""
    count = tries = 0
    async with open_api(load_settings(), who) as api:
        while True:
            try:
                async for line in api.export_lines(PATHS[what], cursor):
                    out.write(line)
                    cursor, count, tries = _cursor_of(line), count + 1, 0
            except Unavailable:
                tries += 1
                if tries == _MOST_TRIES:
                    raise
                await asyncio.sleep(_PAUSE_S)
            else:
                out.flush()
                return count


def _cursor_of(line: bytes) -> str:
    try:
        return ExportedLineAnswer.model_validate_json(line).cursor
    except ValidationError:
        raise Unavailable("the API answers with what is none of ours") from None
