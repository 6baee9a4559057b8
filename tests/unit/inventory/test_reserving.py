"""How batches of requests for stock are decided."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID, uuid5

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from commerce.eventstore import Event
from commerce.inventory import stock_item
from commerce.inventory.events import (
    Quantity,
    ReservationConfirmed,
    ReservationDispatched,
    ReservationRejected,
    ReservationReleased,
    Shortage,
    StockDispatched,
    StockItemRegistered,
    StockReceived,
    StockReleased,
    StockReserved,
)
from commerce.inventory.reservation import ReservationStatus, fold
from commerce.inventory.stock_item import StockItem
from commerce.inventory.stock_requests import Dispatch, KnownStock, Release, Reserve, StockRequest, decide
from commerce.values import ids
from tests.unit.scenario import event, placed_in

ORDER = UUID("11111111-1111-5111-8111-111111111111")
OTHER = UUID("22222222-2222-5222-8222-222222222222")
RESERVE, RELEASE, DISPATCH = UUID(int=1), UUID(int=2), UUID(int=3)

released = event(ReservationReleased, order_id=ORDER, request_id=RELEASE)
dispatched = event(ReservationDispatched, order_id=ORDER, request_id=DISPATCH)


def pieces(**skus: int) -> tuple[Quantity, ...]:
    return tuple(Quantity(sku=sku, quantity=quantity) for sku, quantity in skus.items())


def item(sku: str, quantity: int) -> StockItem:
    events = [event(StockItemRegistered, sku=sku), event(StockReceived, sku=sku, quantity=quantity)]
    found = stock_item.fold(placed_in(ids.stock_item_id(sku), events))
    assert found is not None
    return found


def shelf(**skus: int) -> KnownStock:
    return KnownStock({sku: item(sku, quantity) for sku, quantity in skus.items()}, {})


def reserve(order: UUID = ORDER, **skus: int) -> Reserve:
    return Reserve(order, RESERVE, pieces(**skus))


def answers(requests: Sequence[StockRequest], stock: KnownStock) -> list[list[Event]]:
    """The answers, without their place in their streams."""
    decided, _ = decide(requests, stock)
    return [
        [event(type(one), **one.model_dump(exclude={"originator_id", "originator_version"})) for one in events]
        for events in decided
    ]


def reserved(sku: str, quantity: int, order: UUID = ORDER) -> StockReserved:
    return event(StockReserved, sku=sku, order_id=order, quantity=quantity)


def promised(order: UUID = ORDER, **skus: int) -> ReservationConfirmed:
    return event(ReservationConfirmed, order_id=order, request_id=RESERVE, lines=pieces(**skus))


def refused(*shortages: tuple[str, int, int], order: UUID = ORDER) -> ReservationRejected:
    short = tuple(Shortage(sku=sku, requested=asked, available=left) for sku, asked, left in shortages)
    return event(ReservationRejected, order_id=order, request_id=RESERVE, shortages=short)


def test_all_lines_are_reserved() -> None:
    assert answers([reserve(cup=2, pot=1)], shelf(cup=2, pot=1)) == [
        [reserved("cup", 2), reserved("pot", 1), promised(cup=2, pot=1)]
    ]


def test_nothing_is_reserved_where_one_line_is_short() -> None:
    assert answers([reserve(cup=2, pot=2)], shelf(cup=2, pot=1)) == [[refused(("pot", 2, 1))]]


def test_every_shortage_is_named() -> None:
    assert answers([reserve(cup=3, pot=2)], shelf(cup=2, pot=1)) == [[refused(("cup", 3, 2), ("pot", 2, 1))]]


def test_of_a_sku_that_is_not_kept_in_stock_nothing_is_available() -> None:
    assert answers([reserve(cap=1)], shelf(cup=2)) == [[refused(("cap", 1, 0))]]


def test_a_sku_that_repeats_is_summed_up() -> None:
    twice = Reserve(ORDER, RESERVE, (*pieces(cup=2), *pieces(pot=1), *pieces(cup=1)))
    assert answers([twice], shelf(cup=3, pot=1)) == [[reserved("cup", 3), reserved("pot", 1), promised(cup=3, pot=1)]]
    assert answers([twice], shelf(cup=2, pot=1)) == [[refused(("cup", 3, 2))]]


def test_requests_are_answered_in_the_order_in_which_they_came() -> None:
    requests = [reserve(ORDER, cup=2), reserve(OTHER, cup=2)]
    assert answers(requests, shelf(cup=3)) == [
        [reserved("cup", 2), promised(cup=2)],
        [refused(("cup", 2, 1), order=OTHER)],
    ]
    assert answers(requests[::-1], shelf(cup=3)) == [
        [reserved("cup", 2, OTHER), promised(OTHER, cup=2)],
        [refused(("cup", 2, 1))],
    ]


def test_what_is_released_can_be_reserved_by_the_next() -> None:
    requests: list[StockRequest] = [reserve(ORDER, cup=2), Release(ORDER, RELEASE), reserve(OTHER, cup=2)]
    assert answers(requests, shelf(cup=2))[1:] == [
        [event(StockReleased, sku="cup", order_id=ORDER, quantity=2), released],
        [reserved("cup", 2, OTHER), promised(OTHER, cup=2)],
    ]


def test_what_is_dispatched_is_gone() -> None:
    requests: list[StockRequest] = [reserve(ORDER, cup=2), Dispatch(ORDER, DISPATCH), reserve(OTHER, cup=2)]
    assert answers(requests, shelf(cup=3))[1:] == [
        [event(StockDispatched, sku="cup", order_id=ORDER, quantity=2), dispatched],
        [refused(("cup", 2, 1), order=OTHER)],
    ]


def test_an_order_without_stocked_lines_reserves_nothing_and_is_confirmed() -> None:
    assert answers([reserve()], shelf()) == [[promised()]]


@pytest.mark.parametrize(
    "request_of_it", [reserve(cup=2), reserve(cup=9), Release(ORDER, RELEASE), Dispatch(ORDER, DISPATCH)]
)
def test_the_same_request_twice_is_no_new_event(request_of_it: StockRequest) -> None:
    first = reserve(cup=2)
    assert answers([first, request_of_it, request_of_it], shelf(cup=5))[2] == []


def test_a_release_that_comes_first_closes_the_reservation_to_the_late_request() -> None:
    assert answers([Release(ORDER, RELEASE), reserve(cup=2)], shelf(cup=5)) == [[released], []]


def test_a_release_after_a_rejection_gives_nothing_back_but_is_answered() -> None:
    assert answers([reserve(cup=9), Release(ORDER, RELEASE)], shelf(cup=5))[1] == [released]


def test_pieces_that_left_are_not_released() -> None:
    assert answers([reserve(cup=2), Dispatch(ORDER, DISPATCH), Release(ORDER, RELEASE)], shelf(cup=5))[2] == []


@pytest.mark.parametrize("before", [[], [reserve(cup=9)], [Release(ORDER, RELEASE)]])
def test_where_nothing_is_reserved_nothing_is_dispatched(before: list[StockRequest]) -> None:
    assert answers([*before, Dispatch(ORDER, DISPATCH)], shelf(cup=5))[-1] == []


def test_the_stock_left_behind_is_what_the_events_make_of_it_and_the_stock_given_is_untouched() -> None:
    before = shelf(cup=5, pot=1)
    decided, after = decide([reserve(cup=2), reserve(OTHER, pot=1), Release(ORDER, RELEASE)], before)
    events = [one for part in decided for one in part]
    for sku in ("cup", "pot"):
        own = [one for one in events if one.originator_id == ids.stock_item_id(sku)]
        assert after.items[sku] == stock_item.fold(own, before.items[sku])
    for order in (ORDER, OTHER):
        own = [one for one in events if one.originator_id == ids.reservation_id(order)]
        assert after.reservations[order] == fold(own)
    assert before == shelf(cup=5, pot=1)


def test_a_batch_goes_on_from_reservations_that_were_made_before() -> None:
    _, after = decide([reserve(cup=2)], shelf(cup=5))
    assert answers([Release(ORDER, RELEASE), reserve(cup=2)], after) == [
        [event(StockReleased, sku="cup", order_id=ORDER, quantity=2), released],
        [],
    ]


skus = st.sampled_from(["cup", "pot", "cap"])
orders = st.sampled_from([uuid5(ORDER, str(number)) for number in range(6)])
lines = st.lists(st.builds(Quantity, sku=skus, quantity=st.integers(1, 4)), min_size=1, max_size=4).map(tuple)
some_requests = st.lists(
    st.one_of(
        st.builds(Reserve, orders, st.just(RESERVE), lines),
        st.builds(Release, orders, st.just(RELEASE)),
        st.builds(Dispatch, orders, st.just(DISPATCH)),
    ),
    max_size=25,
)


@for_all(some_requests, st.integers(0, 25))
def test_however_requests_are_batched_the_answers_are_the_same(requests: list[StockRequest], cut: int) -> None:
    whole, at_once = decide(requests, shelf(cup=7, pot=5))
    first, between = decide(requests[:cut], shelf(cup=7, pot=5))
    second, in_parts = decide(requests[cut:], between)
    assert (whole, at_once) == (first + second, in_parts)


@for_all(some_requests)
def test_whatever_is_requested_stock_is_never_oversold_and_each_stream_is_without_gaps(
    requests: list[StockRequest],
) -> None:
    before = shelf(cup=7, pot=5)
    decided, after = decide(requests, before)
    versions = {one.id: one.version for one in before.items.values()}
    for one in [one for events in decided for one in events]:
        assert one.originator_version == versions.get(one.originator_id, 0) + 1
        versions[one.originator_id] = one.originator_version
    for left in after.items.values():
        held = [
            line.quantity
            for it in after.reservations.values()
            if it.status is ReservationStatus.CONFIRMED
            for line in it.lines
            if line.sku == left.sku
        ]
        assert left.reserved == sum(held)
        assert left.available >= 0
