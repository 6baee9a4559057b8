"""`commerce replay`: an order rebuilt from its events, one by one, with what changed at each."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import typer
from pydantic_core import to_json
from rich.console import Console
from rich.text import Text

from commerce.audit.replay import Replay, Replayed, replay
from commerce.cli.log.local_time import read_moment, shown_moment
from commerce.cli.log.open_log import open_log, typed_order_id
from commerce.eventstore import LogReader
from commerce.runtime.settings import load_settings
from commerce.values.errors import BadUsage, NotFound
from commerce.values.text import cleaned

_LONGEST_LINE_CHARACTERS = 4_000
"""Characters that are shown of what changed: of older logs, what a terminal would take for a command is left out."""


def replay_order(
    order_id: Annotated[str, typer.Argument(help="Which order, by its number or its id.")],
    version: Annotated[int | None, typer.Option(min=1, help="Only its first VERSION events.")] = None,
    as_of: Annotated[
        str | None, typer.Option(help="As it was at the end of then: 10:15, 2026-11-23, 2026-11-23T10:15:30+01:00.")
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="All its streams: process, stock, payment and shipment, too.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> None:
    """Rebuild an order from its events and show what changed at each of them. Nothing is called, sent or written."""
    if everything and version is not None:
        raise BadUsage("--version counts the events of the order's own stream; with --all use --as-of")
    moment = read_moment(as_of, datetime.now(UTC)).end if as_of is not None else None
    found = asyncio.run(_replayed(typed_order_id(order_id), version, moment, everything))
    if json:
        print(to_json(found, indent=2).decode())
        return
    Console().print(*_lines(found, moment), sep="\n", soft_wrap=True)


async def _replayed(order_id: UUID, version: int | None, moment: datetime | None, whole: bool) -> Replay:
    async with open_log(load_settings().required("database_url")) as log:
        found = await replay(log, order_id, until_version=version, until_time=moment, whole=whole)
        if not found.events:
            raise await _not_found(log, order_id, moment)
    if version is not None and found.streams[0].version != version:
        raise NotFound(f"order {order_id} has {found.streams[0].version} versions, and none {version}")
    return found


async def _not_found(log: LogReader, order_id: UUID, moment: datetime | None) -> NotFound:
    """Why there is nothing to show: there is no such order, or there was none yet."""
    first = (await replay(log, order_id, until_version=1, until_time=None, whole=False)).events if moment else []
    if not moment or not first:
        return NotFound(f"there is no order {order_id}")
    placed = shown_moment(first[0].event.recorded_at)
    return NotFound(f"order {order_id} did not exist yet at {shown_moment(moment)}; it was placed at {placed}")


def _lines(found: Replay, moment: datetime | None) -> Iterator[Text]:
    yield Text(f"order {found.order_id}", style="bold")
    for each in found.events:
        yield Text()
        yield from _event(each)
    yield Text()
    yield Text(f"as of {shown_moment(moment)}:" if moment else "after that:", style="bold")
    for stream in found.streams:
        status = (stream.state or {}).get("status") or (stream.state or {}).get("stage")
        yield Text(f"  {stream.kind:<11}  {status or '-':<12}  version {stream.version}  stream {stream.stream_id}")


def _event(each: Replayed) -> Iterator[Text]:
    event = each.event
    yield Text.assemble(
        (f"{each.kind} {event.version}", "cyan"), "  ", shown_moment(event.recorded_at), "  ", (event.text, "bold")
    )
    yield Text(f"  {event.topic} by {event.actor}, position {event.position}", style="dim")
    width = max((len(change.field) for change in each.changes), default=0)
    for change in each.changes:
        before = "" if change.before is None else f"{cleaned(str(change.before), _LONGEST_LINE_CHARACTERS)} → "
        after = "nothing" if change.after is None else cleaned(str(change.after), _LONGEST_LINE_CHARACTERS)
        yield Text.assemble("    ", f"{change.field:<{width}}  ", (before, "red"), (after, "green"))
