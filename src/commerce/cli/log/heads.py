"""`commerce audit heads`: the signed tree heads, to look at or to keep where nobody who owns the database can
change them."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from commerce.cli.log.audit_session import audit_connection, public_key
from commerce.cli.log.head_wait import wait_for_first_head
from commerce.evidence.heads import TreeHead, heads_after, newest_heads
from commerce.runtime.settings import Settings, load_settings

_SHOWN_HEADS = 10
_PAGE_HEADS = 1000


def heads(
    after: Annotated[int, typer.Option(min=0, help="With --json: only heads of larger trees than this.")] = 0,
    json: Annotated[bool, typer.Option("--json", help="All heads, one JSON document on each line.")] = False,
) -> None:
    """Show the newest tree heads, or write all of them as they are exported."""
    settings = load_settings()
    if json:
        asyncio.run(_export(settings, after))
    else:
        for head in asyncio.run(_newest(settings)):
            print(f"{head.tree_size:>12} events  {head.signed_at}  {head.root.hex()}")


async def _newest(settings: Settings) -> list[TreeHead]:
    async with audit_connection(settings) as connection:
        await wait_for_first_head(connection)
        found = await newest_heads(connection, _SHOWN_HEADS)
    return found[::-1]


async def _export(settings: Settings, after: int) -> None:
    async with audit_connection(settings) as connection:
        await wait_for_first_head(connection)
        key = public_key(settings, None)
        while found := await heads_after(connection, after, _PAGE_HEADS):
            print(*(head.line(key) for head in found), sep="\n")
            after = found[-1].tree_size
