"""`commerce audit readings ORDER_ID`: who looked at an order, when, and at what of it."""

from __future__ import annotations

import asyncio
from typing import Annotated
from uuid import UUID

import typer
from pydantic_core import to_json

from commerce.audit.access_list import AccessEntry, access_entries
from commerce.cli.log.local_time import shown_moment
from commerce.cli.log.open_log import open_log, typed_order_id
from commerce.runtime.settings import load_settings

_PAGE_ENTRIES = 500


def access_records(
    order_id: Annotated[str, typer.Argument(help="Which order, by its number or its id.")],
    json: Annotated[bool, typer.Option("--json", help="A JSON document on each line.")] = False,
) -> None:
    """Show who looked at an order: operators, auditors and services, not the customer whose it is."""
    found = asyncio.run(_read(typed_order_id(order_id)))
    for look in found:
        if json:
            print(to_json(look).decode())
        else:
            print(f"{look.position:>8}  {shown_moment(look.recorded_at)}  {look.actor:<20}  {look.route}")
    if not found and not json:
        print("nobody looked at it")


async def _read(order_id: UUID) -> list[AccessEntry]:
    async with open_log(load_settings().required("database_url")) as log:
        looks: list[AccessEntry] = []
        after, more = 0, True
        while more:
            page = await access_entries(log, order_id, after, _PAGE_ENTRIES)
            looks += page.looks
            after, more = page.until, page.more
        return looks
