"""The rules of a stock item."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID, uuid5

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from commerce.eventstore import Sealed
from commerce.inventory import stock_item
from commerce.inventory.events import (
    StockAdjusted,
    StockDispatched,
    StockItemEvent,
    StockItemRegistered,
    StockReceived,
    StockReleased,
    StockReserved,
)
from commerce.inventory.holdings import Holdings
from commerce.inventory.stock_item import OutOfStock, ReservedStock, StockItem, evolve, fold
from commerce.values import ids
from commerce.values.errors import InvalidInput
from tests.unit.scenario import SomethingElse, Told, event, placed_in

ORDER = UUID("11111111-1111-5111-8111-111111111111")
OTHER = UUID("22222222-2222-5222-8222-222222222222")
CUP = ids.stock_item_id("cup")

registered = event(StockItemRegistered, sku="cup")
given = Told(fold, CUP)


def received(quantity: int) -> StockReceived:
    return event(StockReceived, sku="cup", quantity=quantity)


def adjusted(quantity: int) -> StockAdjusted:
    return event(StockAdjusted, sku="cup", quantity=quantity, reason=Sealed("counted"))


def reserved(quantity: int, order: UUID = ORDER) -> StockReserved:
    return event(StockReserved, sku="cup", order_id=order, quantity=quantity)


def released(quantity: int, order: UUID = ORDER) -> StockReleased:
    return event(StockReleased, sku="cup", order_id=order, quantity=quantity)


def dispatched(quantity: int, order: UUID = ORDER) -> StockDispatched:
    return event(StockDispatched, sku="cup", order_id=order, quantity=quantity)


def test_a_sku_is_registered_once() -> None:
    given().when(stock_item.register, "cup").then(registered)
    given(registered).when(stock_item.register, "cup").then_nothing_new()


@pytest.mark.parametrize("quantity", [1, 1_000_000_000])
def test_pieces_are_received(quantity: int) -> None:
    given(registered).when(stock_item.receive, quantity).then(received(quantity))


@pytest.mark.parametrize("quantity", [-1, 0, 1_000_000_001])
def test_a_receipt_is_of_at_least_one_piece_and_not_absurd(quantity: int) -> None:
    given(registered).when(stock_item.receive, quantity).then_breaks(
        InvalidInput, f"a receipt is of 1 to 1000000000 pieces, not {quantity}", field="quantity"
    )


def test_each_receipt_and_each_correction_counts() -> None:
    given(registered, received(5)).when(stock_item.receive, 5).then(received(5))
    given(registered, received(5), adjusted(1)).when(stock_item.adjust, 1, Sealed("counted")).then(adjusted(1))


@pytest.mark.parametrize("quantity", [1, -1, -3, 1_000_000_000])
def test_the_count_is_corrected_up_and_down(quantity: int) -> None:
    given(registered, received(3)).when(stock_item.adjust, quantity, Sealed("counted")).then(adjusted(quantity))


@pytest.mark.parametrize("quantity", [0, 1_000_000_001, -1_000_000_001])
def test_a_correction_is_of_at_least_one_piece_and_not_absurd(quantity: int) -> None:
    given(registered, received(3)).when(stock_item.adjust, quantity, Sealed("counted")).then_breaks(
        InvalidInput,
        f"an adjustment is of 1 to 1000000000 pieces, up or down, not {quantity}",
        field="quantity",
    )


def test_a_correction_takes_no_more_than_is_on_hand() -> None:
    given(registered, received(3)).when(stock_item.adjust, -4, Sealed("lost")).then_breaks(ReservedStock)


def test_a_correction_leaves_what_is_promised_to_orders() -> None:
    given(registered, received(5), reserved(3)).when(stock_item.adjust, -2, Sealed("counted")).then(adjusted(-2))
    given(registered, received(5), reserved(3)).when(stock_item.adjust, -3, Sealed("counted")).then_breaks(
        ReservedStock,
        "'cup' cannot be adjusted by -3: 3 of 5 are promised to orders; take off 2 or fewer, or cancel orders first",
    )


def test_available_pieces_are_reserved_down_to_the_last() -> None:
    given(registered, received(5), reserved(2, OTHER)).when(stock_item.reserve, ORDER, 3).then(reserved(3))


def test_no_more_is_reserved_than_is_available() -> None:
    given(registered, received(5), reserved(3, OTHER)).when(stock_item.reserve, ORDER, 3).then_breaks(
        OutOfStock, "3 of 'cup' are wanted and 2 are available; receive stock first"
    )


def test_an_order_that_holds_pieces_reserves_no_more() -> None:
    given(registered, received(5), reserved(2)).when(stock_item.reserve, ORDER, 2).then_nothing_new()
    given(registered, received(5), reserved(5)).when(stock_item.reserve, ORDER, 5).then_nothing_new()


def test_a_release_gives_back_what_the_order_holds_and_no_more() -> None:
    past = [registered, received(9), reserved(2), reserved(4, OTHER)]
    given(*past).when(stock_item.release, ORDER).then(released(2))
    given(*past, released(2)).when(stock_item.release, ORDER).then_nothing_new()


def test_a_dispatch_books_out_what_the_order_holds_and_no_more() -> None:
    past = [registered, received(9), reserved(2), reserved(4, OTHER)]
    given(*past).when(stock_item.dispatch, ORDER).then(dispatched(2))
    given(*past, dispatched(2)).when(stock_item.dispatch, ORDER).then_nothing_new()


def test_pieces_that_left_are_not_released_and_released_ones_do_not_leave() -> None:
    given(registered, received(9), reserved(2), dispatched(2)).when(stock_item.release, ORDER).then_nothing_new()
    given(registered, received(9), reserved(2), released(2)).when(stock_item.dispatch, ORDER).then_nothing_new()


@pytest.mark.parametrize(
    ("events", "on_hand", "promised", "available"),
    [
        ([], 0, 0, 0),
        ([received(5)], 5, 0, 5),
        ([received(5), adjusted(-2)], 3, 0, 3),
        ([received(5), reserved(2)], 5, 2, 3),
        ([received(5), reserved(2), reserved(3, OTHER)], 5, 5, 0),
        ([received(5), reserved(2), released(2)], 5, 0, 5),
        ([received(5), reserved(2), dispatched(2)], 3, 0, 3),
    ],
)
def test_a_stock_item_counts_pieces(events: list[StockItemEvent], on_hand: int, promised: int, available: int) -> None:
    item = given.state(registered, *events)
    assert (item.sku, item.on_hand, item.reserved, item.available) == ("cup", on_hand, promised, available)


def test_a_stock_item_knows_what_each_order_holds() -> None:
    item = given.state(registered, received(9), reserved(2), reserved(4, OTHER), released(2))
    assert (item.held.pieces(ORDER), item.held.pieces(OTHER)) == (0, 4)
    assert item.held == Holdings().changed(OTHER, 4)


orders = st.sampled_from([uuid5(ORDER, str(number)) for number in range(4)])
commands = st.one_of(
    st.tuples(st.just("receive"), orders, st.integers(1, 9)),
    st.tuples(st.just("adjust"), orders, st.integers(-9, 9).filter(bool)),
    st.tuples(st.just("reserve"), orders, st.integers(1, 9)),
    st.tuples(st.just("release"), orders, st.just(0)),
    st.tuples(st.just("dispatch"), orders, st.just(0)),
)


def decided(item: StockItem, command: str, order: UUID, quantity: int) -> list[StockItemEvent]:
    try:
        match command:
            case "receive":
                return stock_item.receive(item, quantity)
            case "adjust":
                return stock_item.adjust(item, quantity, Sealed("counted"))
            case "reserve":
                return stock_item.reserve(item, order, quantity)
            case "release":
                return stock_item.release(item, order)
            case _:
                return stock_item.dispatch(item, order)
    except (OutOfStock, ReservedStock):
        return []


@for_all(st.lists(commands, max_size=40))
def test_whatever_is_wished_stock_is_never_negative_and_never_oversold(wished: list[tuple[str, UUID, int]]) -> None:
    item = given.state(registered)
    held: dict[UUID, int] = {}
    for command, order, quantity in wished:
        for happened in decided(item, command, order, quantity):
            after = evolve(item, happened)
            assert after is not None
            item = after
            if command in ("reserve", "release", "dispatch"):
                held[order] = quantity
    assert 0 <= item.reserved <= item.on_hand
    assert item.reserved == sum(held.values())
    assert {order: item.held.pieces(order) for order in held} == held


@for_all(st.lists(st.tuples(st.uuids(), st.integers(-3, 3)), max_size=60))
def test_holdings_are_a_map_from_orders_to_pieces(changes: list[tuple[UUID, int]]) -> None:
    holdings, model = Holdings(), dict[UUID, int]()
    for order, by in changes + changes[:5]:
        holdings = holdings.changed(order, by)
        model[order] = model.get(order, 0) + by
    assert all(holdings.pieces(order) == pieces for order, pieces in model.items())
    kept = {order: pieces for part in holdings.parts for order, pieces in part.items()}
    assert kept == {order: pieces for order, pieces in model.items() if pieces}


def test_a_change_of_holdings_leaves_the_old_ones_alone() -> None:
    before = Holdings().changed(ORDER, 2)
    before.changed(ORDER, 3)
    before.changed(OTHER, 1)
    assert (before.pieces(ORDER), before.pieces(OTHER)) == (2, 0)


every_event = st.sampled_from([registered, received(2), adjusted(-1), reserved(1), released(1), dispatched(1)])


@for_all(st.lists(every_event, max_size=8))
def test_applying_events_never_fails_whatever_their_order(events: list[StockItemEvent]) -> None:
    item = given(*events).state
    assert (item is None) == (registered not in events)
    if item is not None:
        assert item.version == len(events)


def test_a_event_of_another_kind_changes_nothing_but_the_version() -> None:
    item = given.state(registered, received(2))
    [foreign] = placed_in(CUP, [event(SomethingElse)], after=2)
    assert evolve(item, foreign) == replace(item, version=3)


def test_folding_goes_on_from_a_state() -> None:
    assert given.state(registered, received(2)) == fold(placed_in(CUP, [received(2)], after=1), given.state(registered))
