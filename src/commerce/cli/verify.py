"""`commerce verify`: compare every row of the read models with the log, and say which differ."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Annotated

import typer
from rich.console import Console

from commerce.cli.answers import Upkeep
from commerce.cli.client import Api, open_system
from commerce.cli.upkeep import shown_upkeep, watch
from commerce.settings import load_settings

_SUBJECT = "verify"


def verify(
    names: Annotated[list[str] | None, typer.Argument(help="Read models; all of them if none is named.")] = None,
    *,
    repair: Annotated[bool, typer.Option("--repair", help="Rebuild those that differ, and verify them again.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was found as JSON.")] = False,
) -> int:
    """Fold the log again and compare every row of the read models with it. Rows are named by their ids, without what is in them.

    Exit code 0: all rows are what the log says (with --repair: now); 1: some are not.
    """
    found = asyncio.run(_verified(names or [], repair=repair))
    if as_json:
        print(json.dumps([each.model_dump(mode="json") for each in found], indent=2))
    else:
        print(*(line for each in found for line in _told(each)), sep="\n")
    return 0 if all(each.status == "done" and not each.differing for each in found) else 1


async def _verified(names: Sequence[str], *, repair: bool) -> list[Upkeep]:
    """The last verification of each read model."""
    console = Console(stderr=True)
    async with open_system(load_settings(), _SUBJECT) as (api, _):
        chosen = names or sorted({follower.name for follower in await api.read_models()})
        found = []
        for name in chosen:
            seen = await _carried_out(api, "verification", name, console)
            if seen.differing and repair:
                print(*_told(seen), sep="\n", file=console.file)
                await _carried_out(api, "rebuild", name, console)
                seen = await _carried_out(api, "verification", name, console)
            found.append(seen)
        return found


async def _carried_out(api: Api, work: str, name: str, console: Console) -> Upkeep:
    asked = await api.ask_for(work, name)
    with shown_upkeep(console, f"{work} of {name}") as show:
        return await watch(api, work, asked, show)


def _told(seen: Upkeep) -> list[str]:
    if seen.status != "done":
        return [f"{seen.projection}: {seen.status}"]
    if not seen.differing:
        return [f"{seen.projection}: every row is what the log says"]
    rows = [
        f"  {one.key}: {one.kind}{' in ' + ', '.join(one.fields) if one.fields else ''}" for one in seen.differences
    ]
    unnamed = seen.differing - len(rows)
    more = [f"  and {unnamed} more"] if unnamed else []
    return [f"{seen.projection}: {seen.differing} rows differ from the log", *rows, *more]
