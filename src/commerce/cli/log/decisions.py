"""`commerce decisions replay`: decides once more on all that the process manager read, and shows which decisions this
code would make otherwise."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from typing import Annotated
from uuid import UUID

import typer
from pydantic_core import to_json
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from commerce.cli.log.open_log import open_log, typed_order_id
from commerce.runtime.settings import load_settings
from commerce.saga.decision_comparison import DecidedEvent, DecisionDifference
from commerce.saga.decision_replay import DecisionReplay, replay_decisions
from commerce.values.errors import NotFound
from commerce.values.text import cleaned

_LONGEST_LINE_CHARACTERS = 2_000


def replay_all_decisions(
    order_id: Annotated[str | None, typer.Argument(help="Only this order; by default all.")] = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> int:
    """Decide once more on everything that the process manager read, and show where this code decides otherwise than is
    on record. Nothing is called, sent or written.

    Exit code 0: it decides the same. 1: it does not, or cannot read an order.
    """
    began = time.monotonic()
    found = asyncio.run(_replayed(typed_order_id(order_id) if order_id is not None else None))
    seconds = time.monotonic() - began
    if json:
        values = {name: getattr(found, name) for name in DecisionReplay.__dataclass_fields__}
        print(to_json(values | {"seconds": round(seconds, 3)}, indent=2).decode())
    else:
        print(*_lines(found, seconds), sep="\n")
    return 1 if found.differing or found.unreadable_orders else 0


async def _replayed(order_id: UUID | None) -> DecisionReplay:
    columns = TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn()
    console = Console(stderr=True)
    found = DecisionReplay()
    async with open_log(load_settings().required("database_url")) as log:
        with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as bars:
            task = bars.add_task("log", total=await log.head())
            async for position in replay_decisions(log, found, order_id):
                bars.update(task, completed=position)
    if order_id is not None and not found.orders:
        raise NotFound(f"there is no order {order_id}")
    return found


def _lines(found: DecisionReplay, seconds: float) -> Iterator[str]:
    for difference in found.differences:
        yield from _difference(difference)
    if found.differing > len(found.differences):
        yield f"and {found.differing - len(found.differences)} more differences"
    yield from (f"cannot be read: {cleaned(one, _LONGEST_LINE_CHARACTERS)}" for one in found.unreadable)
    if found.unreadable_orders > len(found.unreadable):
        yield f"and {found.unreadable_orders - len(found.unreadable)} more orders that cannot be read"
    rate = found.orders / max(seconds, 0.001)
    yield f"{found.orders} orders, {found.compared} inputs decided once more in {seconds:.1f} s ({rate:,.0f} orders/s)"
    yield from _not_compared(found)
    count = {0: "no decision differs", 1: "1 decision differs"}
    yield count.get(found.differing, f"{found.differing} decisions differ")


def _not_compared(found: DecisionReplay) -> Iterator[str]:
    if found.deadlines:
        yield f"not compared: {found.deadlines} deadlines: when they are due, and whether a step has one, say settings"
    if found.undecided:
        yield f"not compared: {found.undecided} inputs that are parked, or that the process manager has not read yet"
    if found.corrected:
        yield f"{found.corrected} inputs were edited by a person, and are decided on as edited, or left out"


def _difference(difference: DecisionDifference) -> Iterator[str]:
    yield f"order {difference.order_id}, position {difference.position}: {difference.topic}"
    yield from (f"  was decided   {one}" for one in _told(difference.recorded))
    if difference.problem is not None:
        yield f"  fails now     {cleaned(difference.problem, _LONGEST_LINE_CHARACTERS)}"
        return
    yield from (f"  decides now   {one}" for one in _told(difference.now))


def _told(events: Sequence[DecidedEvent]) -> list[str]:
    shown = [f"{event.topic} {cleaned(to_json(event.data).decode(), _LONGEST_LINE_CHARACTERS)}" for event in events]
    return shown or ["nothing"]
