"""Decides once more on all that the process manager read, without any effect, and says where this code decides
otherwise than is on record.

It reads the log in pages of orders, and appends, publishes and calls nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import LiteralString, get_args
from uuid import UUID

from commerce.eventstore import (
    DEFAULT_PARTITIONS,
    Filter,
    LogReader,
    Recorded,
    connection_from,
    parked_positions,
    partition_of,
    read_corrected,
    read_events,
    read_slice,
)
from commerce.ordering.events import OrderEvent, OrderPlaced
from commerce.saga.decide import TOPICS
from commerce.saga.decision_comparison import DecisionDifference, OrderDecisions
from commerce.saga.events import ProcessEvent, UnclaimedMoneyFound
from commerce.saga.reconciliation_events import LedgerDiffered

MOST_LISTED_DIFFERENCES = 100
"""All differences are counted, and this many are told."""
_PAGE_ORDERS = 100
_SAGA = "saga"
_READ_TOPICS = sorted(TOPICS | {kind.TOPIC for kind in (*get_args(ProcessEvent), *get_args(OrderEvent))})


@dataclass(slots=True)
class DecisionReplay:
    """What deciding once more found, and what could not be compared."""

    orders: int = 0
    compared: int = 0
    """Inputs that were decided on once more."""
    differing: int = 0
    differences: list[DecisionDifference] = field(default_factory=list)
    """The first of them."""
    undecided: int = 0
    """Inputs that the process manager has not decided on: they are parked, or still to be read."""
    corrected: int = 0
    """Inputs that a person edited, which are decided on as edited, or left out, which are not."""
    deadlines: int = 0
    """Deadlines that were set; when they are due, and whether a step has one, is by settings, and not compared."""
    unreadable: list[str] = field(default_factory=list)
    """Orders whose events this code cannot read, with the reason; the first of them."""
    unreadable_orders: int = 0


async def replay_decisions(log: LogReader, found: DecisionReplay, order_id: UUID | None = None) -> AsyncIterator[int]:
    """Decide once more on all orders, or on one, and add to what was `found`; after each page of orders, answers up to
    which position of the log they were looked for. Raises `Unavailable`."""
    if order_id is not None:
        await _add_page(log, [order_id], found)
        return
    after, more = 0, True
    begins = Filter(frozenset({OrderPlaced.TOPIC, UnclaimedMoneyFound.TOPIC, LedgerDiffered.TOPIC}))
    while more:
        page = await read_slice(log.pool, after, begins, _PAGE_ORDERS)
        after, more = page.until, page.more
        first = (recorded for recorded in page.events if recorded.originator_version == 1)
        await _add_page(log, [recorded.correlation_id for recorded in first if recorded.correlation_id], found)
        yield after


@dataclass(frozen=True, slots=True)
class _Decided:
    """What the process manager has decided on, and as what it read it."""

    seen: Mapping[str, int]
    parked: Collection[int]
    edited: Mapping[int, Recorded]

    def includes(self, recorded: Recorded, order_id: UUID) -> bool:
        """Whether it has decided on an input of an order, be it that nothing follows."""
        partition = f"{_SAGA}:{partition_of(order_id, DEFAULT_PARTITIONS)}"
        return recorded.position <= self.seen.get(partition, 0) and recorded.position not in self.parked


async def _add_page(log: LogReader, orders: Sequence[UUID], found: DecisionReplay) -> None:
    """What has been decided on is read before the events are, so that no decision is missing that is counted on."""
    if not orders:
        return
    async with connection_from(log.pool) as connection:
        cursor = await connection.execute(
            "SELECT application_name, notification_id FROM commerce_tracking WHERE application_name LIKE %s",
            [f"{_SAGA}:%"],
        )
        seen: dict[str, int] = dict(await cursor.fetchall())
        parked = await parked_positions(connection, _SAGA, map(str, orders))
        condition: LiteralString = "correlation_id = ANY(%b) AND topic = ANY(%b) ORDER BY notification_id"
        events = await read_events(connection, condition, [list(orders), _READ_TOPICS])
        edited = {one.position: one for one in await read_corrected(connection, _SAGA, events)}
    histories: dict[UUID, list[Recorded]] = defaultdict(list)
    for recorded in events:
        if recorded.correlation_id is not None:
            histories[recorded.correlation_id].append(recorded)
    for order_id, history in histories.items():
        _add_order(order_id, history, _Decided(seen, parked, edited), found)


def _add_order(order_id: UUID, history: Sequence[Recorded], decided: _Decided, found: DecisionReplay) -> None:
    found.orders += 1
    try:
        decisions = OrderDecisions(order_id, history)
    except Exception as error:  # noqa: BLE001 (it is of one order, and told)
        found.unreadable_orders += 1
        if len(found.unreadable) < MOST_LISTED_DIFFERENCES:
            found.unreadable.append(f"{order_id}: {error}")
        return
    found.deadlines += decisions.deadlines
    for recorded in decisions.inputs:
        given = decided.edited.get(recorded.position)
        found.corrected += given is not recorded
        if given is None:
            continue
        if decided.includes(recorded, order_id) or decisions.has_decided(recorded):
            _add_input(decisions.difference(given), found)
        else:
            found.undecided += 1


def _add_input(difference: DecisionDifference | None, found: DecisionReplay) -> None:
    found.compared += 1
    if difference is None:
        return
    found.differing += 1
    if len(found.differences) < MOST_LISTED_DIFFERENCES:
        found.differences.append(difference)
