"""`commerce verify`: compare every row of the read models with the log, and say which differ."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Annotated

import typer
from rich.console import Console

from commerce.cli.client.answers import MaintenanceAnswer
from commerce.cli.client.api import Api, open_api
from commerce.cli.client.maintenance import shown_maintenance, watch
from commerce.runtime.settings import load_settings

_SUBJECT = "verify"


def verify(
    names: Annotated[list[str] | None, typer.Argument(help="Read models; all of them if none is named.")] = None,
    *,
    repair: Annotated[bool, typer.Option("--repair", help="Rebuild those that differ, and verify them again.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was found as JSON.")] = False,
) -> int:
    """Fold the log again and compare every row of the read models with it. Rows are named by their ids, without
    what is in them.

    Exit code 0: all rows are what the log says (with --repair: now); 1: some are not, or a read model stands still.
    """
    found = asyncio.run(_verified(names or [], repair=repair))
    if as_json:
        print(json.dumps([each.model_dump(mode="json") for each in found], indent=2))
    else:
        print(*(line for each in found for line in lines_of_job(each)), sep="\n")
    return 0 if all(each.status == "done" and not each.differing for each in found) else 1


async def _verified(names: Sequence[str], *, repair: bool) -> list[MaintenanceAnswer]:
    """The last verification of each read model."""
    console = Console(stderr=True)
    async with open_api(load_settings(), _SUBJECT) as api:
        chosen = list(dict.fromkeys(names)) or sorted({model.name for model in await api.shop.read_models()})
        found = await _completed(api, "verification", chosen, console)
        wrong = [name for name, seen in found.items() if seen.differing or seen.status == "failed"]
        if wrong and repair:
            for name in wrong:
                console.print(*lines_of_job(found[name]), sep="\n", highlight=False, markup=False, soft_wrap=True)
            await _completed(api, "rebuild", wrong, console)
            found |= await _completed(api, "verification", wrong, console)
        return list(found.values())


async def _completed(api: Api, work: str, names: Sequence[str], console: Console) -> dict[str, MaintenanceAnswer]:
    """What became of it, by read model; all are asked for at once, and watched one after the other."""
    asked = [await api.ask_for(work, name) for name in names]
    ended = {}
    for one in asked:
        with shown_maintenance(console, f"{work} of {one.projection}") as show:
            ended[one.projection] = await watch(api, work, one, show)
    return ended


def lines_of_job(seen: MaintenanceAnswer) -> list[str]:
    """What came of a verification, line by line; right is only what has been verified to its end."""
    if seen.status == "failed":
        return [f"{seen.projection}: {seen.problem}", *(_differing(seen) if seen.differing else ())]
    if seen.status != "done":
        return [f"{seen.projection}: {seen.status}"]
    if not seen.differing:
        return [f"{seen.projection}: every row is what the log says"]
    return _differing(seen)


def _differing(seen: MaintenanceAnswer) -> list[str]:
    rows = [
        f"  {one.key}: {one.kind}{' in ' + ', '.join(one.fields) if one.fields else ''}" for one in seen.differences
    ]
    unnamed = seen.differing - len(rows)
    more = [f"  and {unnamed} more"] if unnamed else []
    return [f"{seen.projection}: {seen.differing} rows differ from the log", *rows, *more]
