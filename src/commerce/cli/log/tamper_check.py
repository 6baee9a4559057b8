"""`commerce audit verify`: is the log what it was when it was sealed and signed, and if not, what was done to it?"""

from __future__ import annotations

import asyncio
import json as json_module
import time
from pathlib import Path
from typing import Annotated

import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from commerce.cli.log.audit_session import audit_connection, exported_heads, public_key
from commerce.cli.log.head_wait import wait_for_first_head
from commerce.evidence.tree import Connection, tree_size
from commerce.evidence.verification import VerificationReport, verify_tree
from commerce.runtime.settings import Settings, load_settings


def verify_log(
    heads: Annotated[
        Path | None, typer.Option(help="A file of tree heads, as exported; by default the system's own.")
    ] = None,
    key: Annotated[
        Path | None, typer.Option(help="The public key that heads are signed with, PEM; by default the system's own.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> int:
    """Compare every event with what was sealed and signed, and name each that was changed, removed, moved or inserted.

    Exit code 0: nothing was tampered with. 1: something was.
    """
    began = time.monotonic()
    report = asyncio.run(_verified(load_settings(), heads, key))
    seconds = time.monotonic() - began
    if json:
        print(json_module.dumps(report.values() | {"seconds": round(seconds, 3)}, indent=2))
    else:
        print(*_lines(report, seconds), sep="\n")
    return 0 if report.is_good else 1


async def _verified(settings: Settings, heads: Path | None, key: Path | None) -> VerificationReport:
    file = exported_heads(settings, heads)
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    async with audit_connection(settings) as connection:
        public = (
            public_key(settings, key) if key is not None or file is not None else await _first_key(connection, settings)
        )
        file = file or exported_heads(settings, heads)
        console = Console(stderr=True)
        with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as bars:
            task = bars.add_task("events", total=await tree_size(connection))
            return await verify_tree(connection, public, file, lambda events: bars.advance(task, events))


async def _first_key(connection: Connection, settings: Settings) -> Ed25519PublicKey:
    """The system's own key, once it has signed its first head; right after its start it has not."""
    await wait_for_first_head(connection)
    return public_key(settings, None)


def _lines(report: VerificationReport, seconds: float) -> list[str]:
    lines = [finding.line() for finding in report.findings]
    if report.more:
        lines.append(f"and {report.more} more")
    rate = report.events / max(seconds, 0.001)
    lines.append(
        f"{report.events} events compared in {seconds:.1f} s ({rate:,.0f} a second); {report.unsealed} not sealed yet"
    )
    if report.signed is None:
        lines.append("no signed head covers them")
    else:
        lines.append(f"signed: the first {report.signed.tree_size} events, at {report.signed.signed_at}")
    lines.append("nothing was tampered with" if report.is_good else "tampering found")
    return lines
