"""`commerce import`: products, prices and stock out of a file with a line of JSON for each."""

from __future__ import annotations

import asyncio
import hashlib
import sys
from collections.abc import Iterator
from enum import StrEnum
from io import BufferedReader
from pathlib import Path
from typing import Annotated

import typer

from commerce.cli.client.answers import ImportedLineAnswer
from commerce.cli.client.api import Api, open_api
from commerce.cli.client.typed import typed_key, typed_name
from commerce.runtime.settings import load_settings
from commerce.values.errors import BadUsage, CommerceError, Unavailable

PART_LINES = 1_000
"""Lines of one request: a part that gets no answer is sent again."""
_MOST_TRIES = 10
"""How often a line is tried that stops the import."""
_PAUSE_S = 1.0
_UNAVAILABLE_STATUS = 503


class Imported(StrEnum):
    """What is imported."""

    PRODUCTS = "products"
    PRICES = "prices"
    STOCK = "stock"


PATHS = {Imported.PRODUCTS: "products", Imported.PRICES: "prices", Imported.STOCK: "inventory"}


def import_file(
    what: Annotated[Imported, typer.Argument(help="What a line says: a product, a price, or stock.")],
    file: Annotated[Path, typer.Argument(help="A file of JSON in UTF-8, an object on each line.")],
    *,
    key: Annotated[
        str | None, typer.Option(help="The idempotency key; by default it follows from what the file says.")
    ] = None,
    from_line: Annotated[int, typer.Option(min=1, help="Leave out the lines before this one.")] = 1,
    by: Annotated[str | None, typer.Option(help="Who does it; your login where it is left out.")] = None,
) -> None:
    """Import a file, line by line; the answers to lines that are not accepted are shown, as JSON.

    The same file again does nothing twice.
    """
    try:
        with file.open("rb") as lines:
            named = typed_key(key) if key is not None else f"commerce import {_digest(lines)}"
            rejected, accepted = asyncio.run(_import(typed_name(by), what, lines, named, from_line))
    except OSError as error:
        raise BadUsage(f"{file} cannot be read: {error.strerror}") from None
    print(f"lines accepted: {accepted}, not accepted: {rejected}", file=sys.stderr)
    if rejected:
        raise CommerceError(
            f"not all lines of {file} were accepted: correct those that were not, and import them by themselves"
        )


def _digest(file: BufferedReader) -> str:
    found = hashlib.file_digest(file, "sha256").hexdigest()
    file.seek(0)
    return found


async def _import(who: str, what: Imported, file: BufferedReader, key: str, first: int) -> tuple[int, int]:
    rejected = accepted = 0
    async with open_api(load_settings(), who) as api:
        for number, part in parts_of(file, first):
            for answer in await _answers(api, PATHS[what], key, number, part):
                if answer.problem is None:
                    accepted += 1
                else:
                    rejected += 1
                    print(answer.model_dump_json(exclude_none=True))
    return rejected, accepted


def parts_of(file: BufferedReader, first: int) -> Iterator[tuple[int, list[bytes]]]:
    """Lines from that number on, `PART_LINES` at a time, with the number of the first."""
    part: list[bytes] = []
    number = 0
    for number, line in enumerate(file, start=1):
        if number < first:
            continue
        part.append(line)
        if len(part) == PART_LINES:
            yield number - PART_LINES + 1, part
            part = []
    if part:
        yield number - len(part) + 1, part


async def _answers(api: Api, path: str, key: str, number: int, part: list[bytes]) -> list[ImportedLineAnswer]:
    """The answers to a part, of which a line that stopped the import was sent again. Raises `Unavailable`."""
    found: list[ImportedLineAnswer] = []
    tries = 0
    while part:
        answers = await api.import_lines(path, b"".join(part), key, number)
        if not answers or answers[-1].status != _UNAVAILABLE_STATUS:
            return found + answers
        stopped = answers.pop()
        found += answers
        tries = 1 if answers else tries + 1
        if tries == _MOST_TRIES:
            raise Unavailable(f"line {stopped.line} was not handled, and can be sent again: {stopped.problem}")
        part = part[stopped.line - number :]
        number = stopped.line
        await asyncio.sleep(_PAUSE_S)
    return found
