"""How far a long command is: bars on a terminal, plain lines anywhere else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

Advance = Callable[[], None]
"""One more is done."""
Phase = Callable[[str, int], Advance]
"""Begins a phase: its title, and how many things it does."""

_LINES_PER_PHASE = 5


@contextmanager
def shown_progress(console: Console) -> Iterator[Phase]:
    """Show phases on a console; it is left tidy also when the work is interrupted."""
    if not console.is_terminal:
        yield partial(_lines, console)
        return
    columns = TextColumn("{task.description:<10}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with Progress(*columns, console=console) as bars:
        yield partial(_bar, bars)


def _bar(bars: Progress, title: str, total: int) -> Advance:
    return partial(bars.advance, bars.add_task(title, total=total))


def _lines(console: Console, title: str, total: int) -> Advance:
    done = 0
    step = max(1, total // _LINES_PER_PHASE)

    def advance() -> None:
        nonlocal done
        done += 1
        if done == total or done % step == 0:
            console.print(f"{title}: {done} of {total}", highlight=False)

    return advance
