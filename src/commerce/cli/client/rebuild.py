"""`commerce rebuild`: rebuild a read model from the log while queries go on reading it."""

from __future__ import annotations

import asyncio
import sys
from typing import Annotated

import typer
from rich.console import Console

from commerce.cli.client.answers import MaintenanceAnswer
from commerce.cli.client.api import open_api
from commerce.cli.client.maintenance import in_words, shown_maintenance, watch
from commerce.runtime.settings import load_settings

_SUBJECT = "rebuild"


def rebuild(
    name: Annotated[str, typer.Argument(help="The read model: orders, stock, payments, shipments, products, …")],
    *,
    cancel: Annotated[bool, typer.Option("--cancel", help="Give up the rebuild that is under way.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print what became of it as JSON.")] = False,
) -> int:
    """Rebuild a read model beside the one that is read, and put it in its place. Nothing is published, called or
    mailed again.

    Exit code 0: it is in place; 1: it was given up, or cannot come to its end, and why.

    Ctrl-C leaves the rebuild to the worker; --cancel gives it up.
    """
    try:
        ended = asyncio.run(_seen_through(name, cancel=cancel))
    except KeyboardInterrupt:
        print(f"the rebuild goes on; commerce rebuild {name} --cancel gives it up", file=sys.stderr)
        raise
    print(ended.model_dump_json(indent=2) if as_json else f"{ended.projection}: {in_words(ended)}")
    return 0 if ended.status == ("cancelled" if cancel else "done") else 1


async def _seen_through(name: str, *, cancel: bool) -> MaintenanceAnswer:
    async with open_api(load_settings(), _SUBJECT) as api:
        asked = await (api.cancel_work if cancel else api.ask_for)("rebuild", name)
        with shown_maintenance(Console(stderr=True), f"rebuild {name}") as show:
            return await watch(api, "rebuild", asked, show)
