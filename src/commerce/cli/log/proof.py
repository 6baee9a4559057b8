"""`commerce audit proof ORDER_ID`: a proof, for others to check, that an order's events stand in the signed log."""

from __future__ import annotations

import asyncio
import json
from functools import partial
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from commerce.cli.log.audit_session import audit_connection
from commerce.cli.log.head_wait import WAIT_TIMEOUT_S, wait_for_head
from commerce.cli.log.open_log import typed_order_id
from commerce.evidence.proof import Proof, are_signed, prove, rows_of
from commerce.runtime.settings import load_settings
from commerce.values.errors import BadUsage


def proof(
    order_id: Annotated[str, typer.Argument(help="Which order, by its number or its id.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where to write it; by default proof-ORDER_ID.json.")
    ] = None,
    tree_size: Annotated[
        int | None, typer.Option(min=1, help="Prove it against the head of this size; by default the newest.")
    ] = None,
    wait: Annotated[
        float, typer.Option(min=0, max=3600, help="Seconds to wait for the head that covers the order's newest event.")
    ] = WAIT_TIMEOUT_S,
) -> None:
    """Write a proof of an order's events so far; scripts/check_proof.py checks it against a head, and needs
    nothing of ours."""
    order = typed_order_id(order_id)
    made = asyncio.run(_proved(order, tree_size, wait))
    path = output or Path(f"proof-{order}.json")
    try:
        path.write_text(json.dumps(made, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    except OSError as error:
        raise BadUsage(f"{path} cannot be written: {error.strerror}") from None
    print(f"{path}: {len(made['events'])} events, to be checked against the head of {made['tree_size']} leaves")


async def _proved(order: UUID, tree_size: int | None, wait_s: float) -> Proof:
    """Of the events that there are now; those that come while a head is waited for are for the next proof."""
    async with audit_connection(load_settings()) as connection:
        rows = await rows_of(connection, order)
        if tree_size is None:
            what = "the order's newest events are"
            await wait_for_head(connection, partial(are_signed, connection, rows), what, wait_s)
        return await prove(connection, order, tree_size, rows)
