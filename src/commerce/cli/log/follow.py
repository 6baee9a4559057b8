"""`commerce follow`: the log as it is written, in plain words."""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress
from typing import Annotated
from uuid import UUID

import typer
from pydantic_core import to_json
from rich.console import Console
from rich.text import Text

from commerce.audit.filters import require_possible
from commerce.audit.items import Item, items_of
from commerce.audit.search import EventFilter, search
from commerce.cli.log.local_time import shown_moment
from commerce.cli.log.open_log import open_log, typed_order_id
from commerce.eventstore import LogReader, Tail
from commerce.runtime.settings import load_settings
from commerce.values import ids
from commerce.values.errors import BadUsage, InvalidInput
from commerce.values.text import normal

_BATCH_EVENTS = 500
_LOOK_INTERVAL_S = 60.0
"""Seconds after which the log is searched again, should nobody have rung; the tail itself looks every second."""


def follow(
    *,
    topic: Annotated[str | None, typer.Option(help="Only events of this kind, such as ordering.OrderPlaced.")] = None,
    order: Annotated[str | None, typer.Option(help="Only events about this order, by its number or its id.")] = None,
    sku: Annotated[str | None, typer.Option(help="Only events of this SKU's stock and product.")] = None,
    actor: Annotated[str | None, typer.Option(help="Only what this one did, such as operator:anna.")] = None,
    after: Annotated[int | None, typer.Option(min=0, help="Begin after this position; 0 is the whole log.")] = None,
    past: Annotated[bool, typer.Option("--past", help="Only what is in the log already; then end.")] = False,
    json: Annotated[bool, typer.Option("--json", help="A JSON document on each line.")] = False,
) -> None:
    """Show events as they are recorded, until Ctrl-C."""
    about = None if order is None else typed_order_id(order)
    try:
        require_possible(topic, order=about, of_sku=sku is not None, actor=actor)
    except InvalidInput as error:
        raise BadUsage(str(error)) from None
    wanted = EventFilter(
        topic=topic,
        correlation_id=about,
        streams=None if sku is None else _streams_of(sku),
        actor=actor,
    )
    begin = 0 if past and after is None else after
    with suppress(KeyboardInterrupt):
        asyncio.run(_follow(wanted, begin, past, json))


def _streams_of(sku: str) -> list[UUID]:
    """The product and the stock item of a SKU, in NFC and as it was typed, as older versions took others."""
    spelt = dict.fromkeys((sku, normal(sku)))
    return [stream for one in spelt for stream in (ids.stock_item_id(one), ids.product_id(one))]


async def _follow(wanted: EventFilter, begin: int | None, past: bool, json: bool) -> None:
    address = load_settings().required("database_url")
    console = Console()
    async with open_log(address) as log:
        position = await log.head() if begin is None else begin
        if past:
            _, shown = await _show_all(log, wanted, position, console, json)
            if not shown:
                print("no event in the log matches", file=sys.stderr)
            return
        tail = Tail(log, frozenset())
        await tail.start()
        try:
            while True:
                position, _ = await _show_all(log, wanted, position, console, json)
                await tail.changed(position, _LOOK_INTERVAL_S)
        finally:
            await tail.stop()


async def _show_all(
    log: LogReader, wanted: EventFilter, position: int, console: Console, json: bool
) -> tuple[int, int]:
    """Show what is beyond a position; answers the one up to which everything was shown, and how many events were."""
    shown = 0
    while True:
        found = await search(log, wanted, position, _BATCH_EVENTS)
        for item in await items_of(None, found.events):
            _show(item, console, json)
        shown += len(found.events)
        position = found.until
        if not found.more:
            return position, shown


def _show(item: Item, console: Console, json: bool) -> None:
    if json:
        print(to_json(item).decode(), flush=True)
        return
    console.print(
        Text.assemble(
            (f"{item.position:>8}  ", "cyan"),
            f"{shown_moment(item.recorded_at)}  ",
            (f"{item.actor:<20}  ", "green"),
            _about(item),
            (item.text, "bold"),
            (f"  [{item.topic}]", "dim"),
        ),
        soft_wrap=True,
    )
    console.file.flush()


def _about(item: Item) -> str:
    """The order or the customer, unless the text names it."""
    about = item.correlation_id
    what = "customer" if item.topic.startswith("customers.") else "order"
    return "" if about is None or str(about) in item.text else f"{what} {about}: "
