"""One comparison of a party's ledger with ours: theirs page by page, then ours, then what differed before."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic
from uuid import UUID

import psycopg
import structlog

from commerce.audit.search import EventFilter, search
from commerce.eventstore import EventStore, connection_from
from commerce.outside.errors import RequestRejected
from commerce.outside.ledger import PAGE_ITEMS, LedgerDifference, LedgerParty
from commerce.runtime.error_text import error_text
from commerce.saga.case_events import CaseKind
from commerce.saga.process import Process
from commerce.saga.reconciliation import Novelty, record_comparison
from commerce.saga.reconciliation_window import ReconciliationWindow
from commerce.values.errors import Unavailable
from commerce.values.ids import read_id
from projections.engine.pages import PageRequest
from projections.processes import find_cases
from workers.reconciliation.ledgers import OnRecord, PartyLedger, Thing

MOST_ORDERS = 200_000
"""Orders of one comparison; it ends at more, and says so."""

MOST_PAGES = 10_000
"""Pages of a party's ledger that one comparison reads."""

MOST_NEW_CASES = 100
"""New cases that one comparison opens; a party whose whole ledger is another shop's would open thousands."""

_READ_BATCH_EVENTS = 500
_log = structlog.stdlib.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class ComparedThing:
    """What one thing came to. `about` is the order, or for `no_order` what stands in its place."""

    about: UUID
    party_id: str
    kind: str
    detail: str
    novelty: Novelty


@dataclass(slots=True)
class Reconciled:
    """What a comparison came to."""

    party: LedgerParty
    since: datetime
    compared: int = 0
    """Things at the party, and orders of ours."""
    in_flight: int = 0
    """What differs, and moved so recently that it may agree soon."""
    differences: list[ComparedThing] = field(default_factory=list)
    agreed_again: list[ComparedThing] = field(default_factory=list)
    problem: str | None = None
    """Why it did not come to its end; None where it did."""

    @property
    def agrees(self) -> bool:
        """Whether everything was compared, and nothing differs but for what a person has settled."""
        return self.problem is None and not self.open_differences

    @property
    def open_differences(self) -> int:
        """How many of the differences no person has settled."""
        return sum(one.novelty != "settled" for one in self.differences)


class _Ended(Exception):
    """The comparison cannot go on; it says why."""


class Comparison(Generic[Thing]):
    """Compares once. What it finds is on record as soon as it is found, so that one that is killed loses nothing."""

    def __init__(self, store: EventStore, ledger: PartyLedger[Thing], window: ReconciliationWindow) -> None:
        self._store = store
        self._ledger = ledger
        self._window = window
        self._seen: set[bytes] = set()
        self._things: set[str] = set()
        self._done: set[tuple[UUID, str]] = set()

    async def run(self) -> Reconciled:
        """Compare everything; a party that does not answer, or a bound, ends it with a problem. Raises `Unavailable`
        where the database does not answer."""
        now = await self._now()
        self._settled_before = now - self._window.in_flight
        self.result = Reconciled(self._ledger.party, now - self._window.span)
        try:
            await self._theirs()
            await self._ours()
            await self._differing_before()
            await self._awaited()
        except (Unavailable, RequestRejected, _Ended) as error:
            self.result.problem = str(error)
        except psycopg.Error as error:  # such as a read model that is being rebuilt
            self.result.problem = error_text(error)
        return self.result

    async def _theirs(self) -> None:
        """All that moved at the party."""
        cursor = None
        for _ in range(MOST_PAGES):
            page = await self._ledger.page(self.result.since, cursor)
            if page is None:
                raise _Ended(f"the {self._ledger.party} shows no ledger; docs/gateways.md says how it can")
            await self._compare_page(page.items)
            cursor = page.next_cursor
            if cursor is None:
                return
        raise _Ended(f"the ledger of the {self._ledger.party} has more than {MOST_PAGES} pages; compare fewer days")

    async def _compare_page(self, things: Sequence[Thing]) -> None:
        orders = {thing.party_id: read_id(thing.order_id) for thing in things if thing.order_id is not None}
        on_record = await self._ledger.on_record(self._store, [one for one in set(orders.values()) if one is not None])
        for thing in things:
            if thing.party_id in self._things:  # on an earlier page
                continue
            self._things.add(thing.party_id)
            order_id = orders.get(thing.party_id)
            order = on_record.get(order_id) if order_id is not None else None
            if order_id is None or order is None or order.process is None:
                await self._compare_stray(thing)
                continue
            self.result.compared += 1
            if self._ledger.own_id(order) == thing.party_id:
                self._see(order_id)
            await self._compare(order_id, order, thing.party_id, thing)

    async def _ours(self) -> None:
        """All of ours that moved, and did not come to light there."""
        after, more = 0, True
        moves = [kind.TOPIC for kind in self._ledger.moves]
        while more:
            wanted = EventFilter(topics=moves, begin=self.result.since)
            found = await search(self._store, wanted, after, _READ_BATCH_EVENTS)
            after, more = found.until, found.more
            orders = dict.fromkeys(one.correlation_id for one in found.events if one.correlation_id is not None)
            missing = [order_id for order_id in orders if order_id.bytes not in self._seen]
            for order_id, order in (await self._ledger.on_record(self._store, missing)).items():
                self._see(order_id)
                party_id = self._ledger.own_id(order)
                if party_id is not None:
                    self.result.compared += 1
                    await self._compare(order_id, order, party_id, await self._ledger.find(party_id))

    async def _differing_before(self) -> None:
        """What has an open case and did not come up: it may have come to agree."""
        async for process in self._with_case("reconciliation"):
            for one in process.ledger_differences:
                if one.party == self._ledger.party and (process.order_id, one.party_id) not in self._done:
                    await self._look_again(process.order_id, one.party_id)

    async def _awaited(self) -> None:
        """What waits for the party's word and did not come up: that may have been lost."""
        if self._ledger.awaits is None:
            return
        async for process in self._with_case(self._ledger.awaits):
            order = (await self._ledger.on_record(self._store, [process.order_id]))[process.order_id]
            party_id = self._ledger.own_id(order)
            if party_id is not None and party_id not in self._things and (process.order_id, party_id) not in self._done:
                await self._compare(process.order_id, order, party_id, await self._ledger.find(party_id))

    async def _with_case(self, kind: CaseKind) -> AsyncIterator[Process]:
        """The processes that have an open case of a kind."""
        paging = PageRequest(limit=PAGE_ITEMS)
        while True:
            page = await find_cases(self._store.pool, paging, kind=kind)
            for row in page.items:
                yield row.state
            if page.next_cursor is None:
                return
            paging = PageRequest(limit=PAGE_ITEMS, cursor=page.next_cursor)

    async def _look_again(self, about: UUID, party_id: str) -> None:
        found = await self._ledger.find(party_id)
        if about == self._ledger.stands_for(party_id):
            difference = None if found is None else self._ledger.without_order(found)
            await self._record(about, party_id, difference)
        else:
            order = (await self._ledger.on_record(self._store, [about]))[about]
            await self._compare(about, order, party_id, found)

    async def _compare(self, order_id: UUID, order: OnRecord, party_id: str, found: Thing | None) -> None:
        """Compare one thing; what differs is read once more on both sides, as it may have moved between the reads."""
        difference = self._ledger.difference(order, party_id, found)
        if difference is not None:
            order = (await self._ledger.on_record(self._store, [order_id]))[order_id]
            found = await self._ledger.find(party_id)
            difference = self._ledger.difference(order, party_id, found)
        if difference is not None and self._is_in_flight(order.moved_at, found.moved_at if found else None):
            self.result.in_flight += 1
            self._done.add((order_id, party_id))
            return
        known = order.process.ledger_differences if order.process else ()
        if difference is not None or any(one.party_id == party_id for one in known):
            await self._record(order_id, party_id, difference)
        if difference is not None and found is not None:
            await self._ledger.take_in(self._store, order_id, found)

    async def _compare_stray(self, thing: Thing) -> None:
        self.result.compared += 1
        difference = self._ledger.without_order(thing)
        if difference is not None and self._is_in_flight(thing.moved_at):
            self.result.in_flight += 1
        elif difference is not None:
            await self._record(self._ledger.stands_for(thing.party_id), thing.party_id, difference)

    async def _record(self, about: UUID, party_id: str, difference: LedgerDifference | None) -> None:
        """A difference, or that there is none any more, is on record before the next thing is looked at."""
        if len(_news(self.result.differences)) >= MOST_NEW_CASES:
            raise _Ended(f"{MOST_NEW_CASES} new cases were opened, and there may be more")
        novelty = await record_comparison(self._store, about, self._ledger.party, party_id, difference)
        self._done.add((about, party_id))
        if difference is not None:
            self.result.differences.append(ComparedThing(about, party_id, difference.kind, difference.detail, novelty))
        elif novelty == "new":
            self.result.agreed_again.append(ComparedThing(about, party_id, "agreed", "the ledgers agree again", "new"))

    def _is_in_flight(self, *moved_at: datetime | None) -> bool:
        return any(at is not None and at > self._settled_before for at in moved_at)

    def _see(self, order_id: UUID) -> None:
        self._seen.add(order_id.bytes)
        if len(self._seen) > MOST_ORDERS or len(self._things) > 2 * MOST_ORDERS:
            raise _Ended(
                f"more than {MOST_ORDERS:,} orders moved since {self.result.since:%Y-%m-%d}; compare fewer days"
            )

    async def _now(self) -> datetime:
        """By the database's clock, as that of a single machine may be wrong."""
        async with connection_from(self._store.pool) as connection:
            row = await (await connection.execute("SELECT clock_timestamp()")).fetchone()
        assert row is not None
        found: datetime = row[0]
        return found


def log_result(result: Reconciled) -> None:
    """Say in the worker's log what a comparison came to."""
    said = {"party": result.party, "compared": result.compared, "in_flight": result.in_flight}
    for one in _news(result.differences):
        _log.warning("the ledgers differ", party=result.party, order_id=str(one.about), detail=one.detail)
    for one in result.agreed_again:
        _log.info("the ledgers agree again", party=result.party, order_id=str(one.about), party_id=one.party_id)
    if result.problem is not None:
        _log.warning("the ledgers could not be compared to the end", problem=result.problem, **said)
    else:
        _log.info("the ledgers were compared", differences=result.open_differences, **said)


def _news(found: Iterable[ComparedThing]) -> list[ComparedThing]:
    return [one for one in found if one.novelty == "new"]
