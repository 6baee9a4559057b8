"""What the checks of both parties' listings have alike: that what moved is listed, over several pages, as it stands."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TypeVar

from commerce.outside.ledger import LedgerPage
from workers.gateways.conformance.exchange import Mismatch, NotOffered, RecordingCaller, answer_or_rejection

Item = TypeVar("Item")
Listing = Callable[[datetime, str | None], Awaitable[LedgerPage[Item] | None]]

_MOST_PAGES = 50
_LOOKED_BACK = timedelta(seconds=1)
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


async def listed(
    caller: RecordingCaller, listing: Listing[Item], since: datetime | None, wanted: Collection[Item], right: str
) -> None:
    """See that the listing has all that is wanted, as it stands; `since` is when the first of it moved, by the party's
    clock. Raises `Mismatch`, and `NotOffered` where there is no such path."""
    cursor, begin = None, (since or _LONG_AGO) - _LOOKED_BACK
    missing = list(wanted)
    for _ in range(_MOST_PAGES):
        page = await answer_or_rejection(partial(listing, begin, cursor), right)
        if page is None and caller.reply.status == 404:
            raise NotOffered("it does not list what moved")
        if not isinstance(page, LedgerPage):
            raise Mismatch(right)
        missing = [one for one in missing if one not in page.items]
        cursor = page.next_cursor
        if not missing:
            return
        if cursor is None:
            break
    raise Mismatch(right)
