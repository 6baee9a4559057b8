"""A snapshot of a stock item stands for its events exactly, and is taken so often that it pays."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from commerce.eventstore import SNAPSHOT_INTERVAL_EVENTS, in_stream, is_due
from commerce.eventstore.codec.mapper import MAPPER
from commerce.inventory import stock_item
from commerce.inventory.events import StockItemEvent
from commerce.inventory.snapshots import STOCK_ITEMS, snapshot_of
from commerce.inventory.stock_item import OutOfStock, StockItem
from commerce.values import ids

ORDERS = [UUID(int=number * 7) for number in range(1, 9)]
COMMANDS = st.lists(
    st.tuples(st.sampled_from(["reserve", "release", "dispatch"]), st.sampled_from(ORDERS)), max_size=40
)


def history(commands: Iterable[tuple[str, UUID]]) -> list[StockItemEvent]:
    """The events of a stock item of five pieces for which all of this is wished."""
    events = stock_item.register(None, "cup")
    item = stock_item.fold(events)
    assert item is not None
    events += stock_item.receive(item, 5)
    for command, order in commands:
        item = stock_item.fold(events)
        assert item is not None
        match command:
            case "reserve" if item.available > 1:
                events += stock_item.reserve(item, order, 2)
            case "reserve":
                with pytest.raises(OutOfStock):
                    stock_item.reserve(item, UUID(int=1), 2)
            case "release":
                events += stock_item.release(item, order)
            case "dispatch":
                events += stock_item.dispatch(item, order)
    return in_stream(events, ids.stock_item_id("cup"), after=0)


@for_all(COMMANDS, st.data())
def test_a_state_folded_from_a_stored_snapshot_is_the_state_folded_from_all_events(
    commands: list[tuple[str, UUID]], data: st.DataObject
) -> None:
    events = history(commands)
    middle = data.draw(st.integers(1, len(events)))
    snapshot = snapshot_of(state(events[:middle]), since=middle - SNAPSHOT_INTERVAL_EVENTS)
    assert snapshot is not None
    stored = MAPPER.to_stored_event(snapshot)
    assert STOCK_ITEMS.read(stored) == snapshot
    assert stock_item.fold([MAPPER.to_domain_event(stored), *events[middle:]]) == state(events)


def state(events: list[StockItemEvent]) -> StockItem:
    """What events leave."""
    item = stock_item.fold(events)
    assert item is not None
    return item


@pytest.mark.parametrize(
    ("since", "version", "size", "due"),
    [
        (0, SNAPSHOT_INTERVAL_EVENTS - 1, 0, False),
        (0, SNAPSHOT_INTERVAL_EVENTS, 0, True),
        (SNAPSHOT_INTERVAL_EVENTS, 2 * SNAPSHOT_INTERVAL_EVENTS - 1, 0, False),
        (SNAPSHOT_INTERVAL_EVENTS - 1, SNAPSHOT_INTERVAL_EVENTS, SNAPSHOT_INTERVAL_EVENTS, True),
        (0, SNAPSHOT_INTERVAL_EVENTS, SNAPSHOT_INTERVAL_EVENTS + 1, False),
        (0, 2 * SNAPSHOT_INTERVAL_EVENTS, SNAPSHOT_INTERVAL_EVENTS + 1, True),
        (0, 10 * SNAPSHOT_INTERVAL_EVENTS, 10 * SNAPSHOT_INTERVAL_EVENTS, False),
        (0, 16 * SNAPSHOT_INTERVAL_EVENTS, 10 * SNAPSHOT_INTERVAL_EVENTS, True),
    ],
)
def test_a_snapshot_is_due_after_so_many_events_and_later_where_it_is_large(
    since: int, version: int, size: int, due: bool
) -> None:
    assert is_due(since, version, size) is due


def test_snapshots_of_a_growing_state_take_no_more_writing_than_its_events() -> None:
    parts = sum(version for version in range(1, 100_000) if is_due(version - 1, version, version))
    assert parts <= 2 * 100_000


def test_a_snapshot_is_of_the_stream_that_it_is_taken_of() -> None:
    item = state(history([]))
    snapshot = snapshot_of(item, since=item.version - SNAPSHOT_INTERVAL_EVENTS)
    assert snapshot is not None
    assert (snapshot.originator_id, snapshot.originator_version) == (ids.stock_item_id("cup"), item.version)
