"""`commerce play`: a shop's order history, played through the API of a running system and accounted for."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from commerce.cli.client.api import open_system
from commerce.cli.client.progress import shown_progress
from commerce.cli.shop.accounts import Observed, settle
from commerce.cli.shop.csv_file import read_shop_file
from commerce.cli.shop.judgement import ShopHistory, judge
from commerce.cli.shop.line_reader import CURRENCY
from commerce.cli.shop.player import Plan, Player
from commerce.cli.shop.report import report_data, report_text, taken_as_text
from commerce.runtime.settings import Settings, load_settings
from commerce.values.errors import BadUsage, InvalidInput
from commerce.values.money import minor_digits

_SUBJECT = "play"


def play(
    file: Annotated[
        Path,
        typer.Argument(
            help="A CSV file: InvoiceNo, StockCode, Description, Quantity, UnitPrice, CustomerID, Country, in any"
            " order."
        ),
    ],
    *,
    stock: Annotated[str, typer.Option(help="The part of the stock needed that is received, such as 0.9.")] = "1.0",
    concurrency: Annotated[int, typer.Option(min=1, max=64, help="How many orders are under way at a time.")] = 16,
    invoices: Annotated[int | None, typer.Option(min=1, help="Play only this many invoices, the first ones.")] = None,
    currency: Annotated[
        str | None,
        typer.Option(
            help=f"In what the file's prices are, as ISO 4217 has it; else what all of them say, else {CURRENCY}."
        ),
    ] = None,
    limit: Annotated[
        float, typer.Option(min=1, help="Give up when no order is completed for this many seconds.")
    ] = 120.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> int:
    """Play a shop's order history against the running system, and compare what everybody says of it.

    An invoice is one order for ever: one that was played before is recognised, and what is on sale already stays as it
    is.

    Exit code 0: everything agrees, no invoice was left out, and every valid one was confirmed, or (with --stock below
    1) rejected as out of stock. 1: it does not, or an invoice was left out, or differs from when it was played before.
    """
    plan = Plan(_stock_part(stock), concurrency, limit)
    content = read_shop_file(file)
    history = judge(content.lines, invoices, _known_currency(currency))
    if not history.invoices and not history.problems:
        raise BadUsage(f"{file} holds no invoice that can be played")
    print(*taken_as_text(content.taken, history), sep="\n", file=sys.stderr if as_json else sys.stdout, flush=True)
    began = time.monotonic()
    observed = _run(load_settings(), plan, history) if history.invoices else Observed()
    report = settle(history, observed, all_in_stock=plan.stock >= 1)
    if as_json:
        print(json.dumps(report_data(content.taken, history, report), indent=2))
    else:
        print(*report_text(history, report), f"took {time.monotonic() - began:.0f} s", sep="\n")
    return 0 if report.agrees else 1


def _known_currency(text: str | None) -> str | None:
    if text is None:
        return None
    try:
        minor_digits(text.upper())
    except InvalidInput as error:
        raise BadUsage(f"--currency: {error}") from None
    return text.upper()


def _stock_part(text: str) -> Decimal:
    try:
        part = Decimal(text)
        if 0 <= part <= 100:
            return part
    except InvalidOperation:
        pass
    raise BadUsage(f"--stock: {text!r} is not a number from 0 to 100, such as 0.9")


def _run(settings: Settings, plan: Plan, history: ShopHistory) -> Observed:
    try:
        return asyncio.run(_played(settings, plan, history))
    except KeyboardInterrupt:
        print("what was ordered goes on; the same play again takes up where this one ended", file=sys.stderr)
        raise


async def _played(settings: Settings, plan: Plan, history: ShopHistory) -> Observed:
    async with open_system(settings, _SUBJECT, plan.concurrency) as (api, provider):
        with shown_progress(Console(stderr=True)) as phase:
            player = Player(plan, api.shop, provider, phase)
            await player.play(history.invoices)
            return await player.observe()
