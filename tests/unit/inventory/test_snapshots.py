"""A snapshot of a stock item stands for its facts exactly, and is taken so often that it pays."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from commerce import ids
from commerce.eventstore.mapper import MAPPER
from commerce.eventstore.snapshots import EVERY, is_due
from commerce.inventory import stock_item
from commerce.inventory.events import StockItemEvent
from commerce.inventory.snapshots import STOCK_ITEMS, snapshot_of
from commerce.inventory.stock_item import OutOfStock, StockItem

ORDERS = [UUID(int=number * 7) for number in range(1, 9)]
WISHES = st.lists(st.tuples(st.sampled_from(["reserve", "release", "dispatch"]), st.sampled_from(ORDERS)), max_size=40)


def history(wishes: Iterable[tuple[str, UUID]]) -> list[StockItemEvent]:
    """The facts of a stock item of five pieces for which all of this is wished."""
    facts = stock_item.register(None, "cup")
    item = stock_item.fold(facts)
    assert item is not None
    facts += stock_item.receive(item, 5)
    for wish, order in wishes:
        item = stock_item.fold(facts)
        assert item is not None
        match wish:
            case "reserve" if item.available > 1:
                facts += stock_item.reserve(item, order, 2)
            case "reserve":
                with pytest.raises(OutOfStock):
                    stock_item.reserve(item, UUID(int=1), 2)
            case "release":
                facts += stock_item.release(item, order)
            case "dispatch":
                facts += stock_item.dispatch(item, order)
    return facts


@for_all(WISHES, st.data())
def test_a_state_folded_from_a_stored_snapshot_is_the_state_folded_from_all_facts(
    wishes: list[tuple[str, UUID]], data: st.DataObject
) -> None:
    facts = history(wishes)
    middle = data.draw(st.integers(1, len(facts)))
    snapshot = snapshot_of(state(facts[:middle]), since=middle - EVERY)
    assert snapshot is not None
    stored = MAPPER.to_stored_event(snapshot)
    assert STOCK_ITEMS.read(stored) == snapshot
    assert stock_item.fold([MAPPER.to_domain_event(stored), *facts[middle:]]) == state(facts)


def state(facts: list[StockItemEvent]) -> StockItem:
    """What facts leave."""
    item = stock_item.fold(facts)
    assert item is not None
    return item


@pytest.mark.parametrize(
    ("since", "version", "size", "due"),
    [
        (0, EVERY - 1, 0, False),
        (0, EVERY, 0, True),
        (EVERY, 2 * EVERY - 1, 0, False),
        (EVERY - 1, EVERY, EVERY, True),
        (0, EVERY, EVERY + 1, False),
        (0, 2 * EVERY, EVERY + 1, True),
        (0, 10 * EVERY, 10 * EVERY, False),
        (0, 16 * EVERY, 10 * EVERY, True),
    ],
)
def test_a_snapshot_is_due_after_so_many_facts_and_later_where_it_is_large(
    since: int, version: int, size: int, due: bool
) -> None:
    assert is_due(since, version, size) is due


def test_snapshots_of_a_growing_state_take_no_more_writing_than_its_facts() -> None:
    parts = sum(version for version in range(1, 100_000) if is_due(version - 1, version, version))
    assert parts <= 2 * 100_000


def test_a_snapshot_is_of_the_stream_that_it_is_taken_of() -> None:
    item = state(history([]))
    snapshot = snapshot_of(item, since=item.version - EVERY)
    assert snapshot is not None
    assert (snapshot.originator_id, snapshot.originator_version) == (ids.stock_item_id("cup"), item.version)
