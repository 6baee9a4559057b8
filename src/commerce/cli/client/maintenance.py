"""Shows what the projections worker does with a read model, on a terminal or line by line."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

from commerce.cli.client.answers import MaintenanceAnswer
from commerce.cli.client.api import Api

LOOK_INTERVAL_S = 0.25
"""Seconds between looks at how far it is."""

_LINE_INTERVAL_S = 2.0
Show = Callable[[MaintenanceAnswer], None]


async def watch(api: Api, work: str, asked: MaintenanceAnswer, show: Show) -> MaintenanceAnswer:
    """Show how far it is until it has ended."""
    seen = asked
    while not seen.ended:
        show(seen)
        await asyncio.sleep(LOOK_INTERVAL_S)
        seen = await api.progress_of(work, asked.projection)
    show(seen)
    return seen


@contextmanager
def shown_maintenance(console: Console, title: str) -> Iterator[Show]:
    """A bar on a terminal; anywhere else a line now and then."""
    if not console.is_terminal:
        yield _lines(console, title)
        return
    columns = TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TextColumn("{task.fields[how]}")
    with Progress(*columns, console=console) as bars:
        bar = bars.add_task(title, total=None, how="")

        def show(seen: MaintenanceAnswer) -> None:
            bars.update(bar, completed=seen.done, total=seen.total or None, how=in_words(seen))

        yield show


def _lines(console: Console, title: str) -> Show:
    said = float("-inf")

    def show(seen: MaintenanceAnswer) -> None:
        nonlocal said
        now = asyncio.get_running_loop().time()
        if seen.ended or now - said >= _LINE_INTERVAL_S:
            said = now
            console.print(f"{title}: {in_words(seen)}", highlight=False, markup=False, soft_wrap=True)

    return show


def in_words(seen: MaintenanceAnswer) -> str:
    """How far it is: what is done, how fast, how long it will take, and what keeps it from going on."""
    if seen.status == "waiting":
        return "waits for the projections worker"
    parts = [f"{seen.done:,} of {seen.total:,}"]
    if seen.rate:
        parts.append(f"{seen.rate:,.0f}/s")
    if seen.seconds_left is not None and not seen.ended:
        parts.append(f"{seen.seconds_left:,.0f} s left")
    if seen.status != "running":
        parts.append(seen.status)
    if seen.problem:
        parts.append(seen.problem)
    return ", ".join(parts)
