"""A page of a party's ledger over HTTP, as our protocol has it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TypeVar
from urllib.parse import urlencode

from commerce.outside.ledger import PAGE_ITEMS, LedgerPage
from workers.gateways.party_text import usable

Item = TypeVar("Item")


def ledger_query(since: datetime, cursor: str | None) -> str:
    """What is asked for: a page of what moved since a time."""
    query = {"since": f"{since.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}", "limit": str(PAGE_ITEMS)}
    return urlencode(query | ({"cursor": cursor} if cursor else {}))


def read_ledger(
    body: Mapping[str, object], cursor: str | None, read: Callable[[Mapping[str, object]], Item | None]
) -> LedgerPage[Item] | None:
    """A page; None for one that cannot be read in full, as nothing may be missing, or that leads to itself."""
    listed, next_cursor = body.get("items"), body.get("next_cursor")
    if not isinstance(listed, list) or len(listed) > PAGE_ITEMS:
        return None
    items = [found for one in listed if isinstance(one, dict) and (found := read(one)) is not None]
    is_going_on = next_cursor is not None
    if len(items) < len(listed) or (is_going_on and (usable(next_cursor) is None or next_cursor == cursor)):
        return None
    return LedgerPage(items, usable(next_cursor))


def zoned_time(said: object) -> datetime | None:
    """A time with its zone, as ISO 8601 has it; None for anything else."""
    try:
        found = datetime.fromisoformat(said) if isinstance(said, str) else None
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is not None else None
