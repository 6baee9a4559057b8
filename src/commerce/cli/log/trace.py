"""`commerce audit ORDER_ID`: what caused what in an order, as a tree with the time between."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from typing import Annotated
from uuid import UUID

import typer
from pydantic_core import to_json
from rich.console import Console
from rich.text import Text

from commerce.audit.trace import Caused, Trace, read_order, trace_of
from commerce.cli.log.local_time import shown_moment
from commerce.cli.log.open_log import open_log, typed_order_id
from commerce.runtime.settings import load_settings
from commerce.values.errors import NotFound


def trace(
    order_id: Annotated[str, typer.Argument(help="Which order, by its number or its id.")],
    json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> None:
    """Show what caused what in an order: from the requests of those who asked to the last event, with the time
    between."""
    found = asyncio.run(_traced(typed_order_id(order_id)))
    if json:
        print(to_json(found, indent=2).decode())
        return
    Console().print(*_lines(found), sep="\n", soft_wrap=True)


async def _traced(order_id: UUID) -> Trace:
    async with open_log(load_settings().required("database_url")) as log:
        events = await read_order(log, order_id)
        if not events:
            raise NotFound(f"there is no order {order_id}")
        return await trace_of(None, order_id, events)


def _lines(found: Trace) -> Iterator[Text]:
    yield Text(f"order {found.order_id}: {found.events} events in {found.seconds:.3f} s", style="bold")
    for asked in found.requests:
        yield Text()
        request = f"request {asked.request_id}" if asked.request_id else "of its own accord"
        yield Text(f"{asked.actor}, {request}, {shown_moment(asked.recorded_at)}", style="cyan")
        yield from _tree(asked.caused, "")


def _tree(caused: Sequence[Caused], guides: str) -> Iterator[Text]:
    for each in caused:
        is_last = each is caused[-1]
        event = each.event
        yield Text.assemble(
            (f"{guides}{'└ ' if is_last else '├ '}", "dim"),
            (f"+{each.seconds_after_cause:.3f} s  ", "green"),
            event.text,
            (f"  [{event.topic} {event.position}]", "dim"),
        )
        yield from _tree(each.caused, guides + ("  " if is_last else "│ "))
