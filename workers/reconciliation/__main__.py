"""Compares both ledgers as standard input asks, and prints what differs: a table, lines, or one JSON document.

Exit code 0: the ledgers agree, but for what a person has settled; 1: something differs, or could not be compared;
2: bad use; 130: interrupted.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from pydantic_core import to_jsonable_python
from rich.console import Console
from rich.table import Table
from rich.text import Text

from commerce.events import EVENTS
from commerce.eventstore import open_store
from commerce.runtime.settings import Settings, load_settings
from commerce.runtime.standard_streams import ends_unread, write_utf8
from commerce.runtime.tokens import load_keys
from commerce.saga.reconciliation_window import reconciliation_window
from commerce.values.errors import BadUsage, CommerceError
from workers.gateways.adapters import open_carrier, open_provider
from workers.reconciliation.comparison import ComparedThing, Reconciled
from workers.reconciliation.ledgers import CarrierLedger, ProviderLedger
from workers.reconciliation.schedule import compare_once

DAY_S = 24 * 3600


@dataclass(frozen=True, slots=True)
class ComparisonRequest:
    """What is to be compared, and how it is told."""

    days: int | None
    as_json: bool


def main() -> int:
    """Compare and return the exit code."""
    write_utf8()
    asked = ComparisonRequest(**json.load(sys.stdin))
    try:
        found = asyncio.run(_compared(load_settings(), asked))
    except CommerceError as error:
        print(f"commerce: {' '.join(str(error).split())}", file=sys.stderr)
        return 2 if isinstance(error, BadUsage) else 1
    except KeyboardInterrupt:
        return 130
    if asked.as_json:
        print(json.dumps([to_jsonable_python(asdict(one)) for one in found], indent=2))
    else:
        show(found, Console())
    return 0 if all(one.agrees for one in found) else 1


async def _compared(settings: Settings, asked: ComparisonRequest) -> list[Reconciled]:
    """Both parties' ledgers, one after the other."""
    window = reconciliation_window(settings, None if asked.days is None else asked.days * DAY_S)
    address, master = settings.required("database_url"), load_keys(settings).master
    async with (
        open_store(address, master, "reconciliation", connections=2, known=EVENTS) as store,
        open_provider(settings) as provider,
        open_carrier(settings) as carrier,
    ):
        return [
            await compare_once(store, ProviderLedger(provider, settings.provider), window),
            await compare_once(store, CarrierLedger(carrier), window),
        ]


def show(found: Sequence[Reconciled], console: Console) -> None:
    """Print what the comparisons came to: a table on a terminal, a line for each difference anywhere else."""
    told = [(one, thing) for one in found for thing in (*one.differences, *one.agreed_again)]
    if told and console.is_terminal:
        table = Table("ledger", "order", "what", "", "detail", box=None, pad_edge=False)
        for one, thing in told:
            about, detail = Text(_about(thing)), Text(thing.detail)
            table.add_row(one.party, about, thing.kind, thing.novelty, detail)
        console.print(table)
    else:
        for one, thing in told:
            _print(console, f"{one.party:<16}  {_about(thing)}  {thing.kind:<17}  {thing.novelty:<7}  {thing.detail}")
    for one in found:
        _print(console, summary(one))


def summary(one: Reconciled) -> str:
    """One comparison on a line."""
    counts = [f"{one.compared} compared since {one.since:%Y-%m-%d %H:%M} UTC", f"{one.open_differences} differ"]
    if settled := len(one.differences) - one.open_differences:
        counts.append(f"{settled} settled")
    if one.agreed_again:
        counts.append(f"{len(one.agreed_again)} agree again")
    if one.in_flight:
        counts.append(f"{one.in_flight} in flight")
    if one.problem is not None:
        counts.append(f"NOT compared to the end: {one.problem}")
    return f"{one.party}: {', '.join(counts)}"


def _about(thing: ComparedThing) -> str:
    return str(thing.about)


def _print(console: Console, line: str) -> None:
    console.print(line, highlight=False, markup=False, soft_wrap=True)


if __name__ == "__main__":
    with ends_unread():
        sys.exit(main())
