"""`commerce demo`: an order for every way in which orders end, live, and whether each ended as it was to end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.console import Console
from rich.live import Live
from rich.table import Table

from commerce.cli.client.api import open_system
from commerce.cli.demo.order_watch import Watched, see_all_through, stock_shelves
from commerce.cli.demo.scenarios import SCENARIOS
from commerce.runtime.settings import Settings, load_settings

_SUBJECT = "demo"
Show = Callable[[Watched], None]


def demo(limit: Annotated[float, typer.Option(min=1, help="Seconds that an order may take to end.")] = 180.0) -> int:
    """Place an order for every outcome against the running system and watch them end.

    Exit code 0: all ended as expected, and the provider charged what it was to charge.
    """
    console = Console()
    watched = asyncio.run(_run(load_settings(), limit, console))
    console.print(*_summary(watched), sep="\n", highlight=False, markup=False, soft_wrap=True)
    return 0 if all(each.as_expected for each in watched) else 1


async def _run(settings: Settings, limit: float, console: Console) -> list[Watched]:
    async with open_system(settings, _SUBJECT) as (api, provider):
        await stock_shelves(api.shop)
        with _shown(console) as show:
            return await see_all_through(api.shop, provider, SCENARIOS, limit, show)


@contextmanager
def _shown(console: Console) -> Iterator[Show]:
    """A table that changes on a terminal, a line for each change anywhere else."""
    if not console.is_terminal:
        yield lambda watched: print(_line(watched), flush=True)
        return
    rows: dict[str, Watched] = {}
    with Live(get_renderable=lambda: _table(list(rows.values())), console=console, refresh_per_second=4):
        yield lambda watched: rows.update({watched.scenario.title: watched})


def _line(watched: Watched) -> str:
    order = f"{watched.seconds:5.1f} s  {watched.order_id!s:<36}  {watched.scenario.title:<28}"
    if watched.ended is not None:
        return f"{order}  ended: {_actual(watched)}"
    return f"{order}  {_status(watched)}, waits for {watched.waits_for or 'nothing'}"


def _table(rows: Sequence[Watched]) -> Table:
    table = Table("order", "what it shows", "status", "waits for", "seconds")
    for each in sorted(rows, key=lambda watched: watched.began):
        order_id = str(each.order_id or "")
        table.add_row(order_id, each.scenario.title, _status(each), each.waits_for, f"{each.seconds:.1f}")
    return table


def _status(watched: Watched) -> str:
    return f"{watched.status} ({watched.reason})" if watched.reason else watched.status


def _actual(watched: Watched) -> str:
    return watched.failure or str(watched.ending)


def _summary(watched: Sequence[Watched]) -> Iterator[str]:
    yield ""
    for each in watched:
        verdict = "as expected" if each.as_expected else f"NOT as expected: {each.scenario.expected}"
        yield f"{each.scenario.title:<28} {_actual(each)}: {verdict}"
    right = sum(each.as_expected for each in watched)
    yield f"{right} of {len(watched)} orders ended as expected"
