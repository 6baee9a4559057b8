"""The rules of a reservation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from commerce.eventstore import Event
from commerce.inventory import reservation as reservations
from commerce.inventory.events import (
    Quantity,
    ReservationConfirmed,
    ReservationDispatched,
    ReservationEvent,
    ReservationRejected,
    ReservationReleased,
    Shortage,
)
from commerce.inventory.reservation import (
    Reservation,
    ReservationStatus,
    evolve,
    fold,
)
from commerce.values import ids
from tests.unit.scenario import SomethingElse, Told, decision_table, event, placed_in

ORDER = UUID("11111111-1111-5111-8111-111111111111")
OTHER = UUID("22222222-2222-5222-8222-222222222222")
RESERVE, RELEASE, DISPATCH = UUID(int=1), UUID(int=2), UUID(int=3)


def pieces(**skus: int) -> tuple[Quantity, ...]:
    return tuple(Quantity(sku=sku, quantity=quantity) for sku, quantity in skus.items())


SHORT = (Shortage(sku="cup", requested=2, available=1),)
confirmed = event(ReservationConfirmed, order_id=ORDER, request_id=RESERVE, lines=pieces(cup=2))
rejected = event(ReservationRejected, order_id=ORDER, request_id=RESERVE, shortages=SHORT)
released = event(ReservationReleased, order_id=ORDER, request_id=RELEASE)
dispatched = event(ReservationDispatched, order_id=ORDER, request_id=DISPATCH)

given = Told(fold, ids.reservation_id(ORDER))

PAST: dict[str, Sequence[ReservationEvent]] = {
    "confirmed": [confirmed],
    "rejected": [rejected],
    "released": [confirmed, released],
    "released first": [released],
    "dispatched": [confirmed, dispatched],
}
COMMANDS: dict[str, tuple[Callable[[Reservation], Sequence[Event]], ReservationEvent]] = {
    "confirm": (lambda it: reservations.answer(it, ORDER, RESERVE, pieces(cup=2), ()), confirmed),
    "reject": (lambda it: reservations.answer(it, ORDER, RESERVE, pieces(cup=2), SHORT), rejected),
    "release": (lambda it: reservations.release(it, ORDER, RELEASE), released),
    "dispatch": (lambda it: reservations.dispatch(it, ORDER, DISPATCH), dispatched),
}
TABLE = decision_table("""
               | confirm | reject | release | dispatch
confirmed      | -       | -      | event    | event
rejected       | -       | -      | event    | -
released       | -       | -      | -       | -
released first | -       | -      | -       | -
dispatched     | -       | -      | -       | -
""")


@pytest.mark.parametrize(("past", "command", "cell"), TABLE)
def test_each_command_is_answered_by_what_became_of_the_reservation(past: str, command: str, cell: str) -> None:
    decide_it, event_of_it = COMMANDS[command]
    decided = given(*PAST[past]).when(decide_it)
    if cell == "-":
        decided.then_nothing_new()
    else:
        decided.then(event_of_it)


def test_the_table_has_every_past_and_every_command() -> None:
    assert {(past, command) for past, command, _ in TABLE} == {(past, command) for past in PAST for command in COMMANDS}
    assert {given.state(*events).status for events in PAST.values()} == set(ReservationStatus)


def test_a_reservation_begins_with_its_answer_or_with_a_release() -> None:
    given().when(reservations.answer, ORDER, RESERVE, pieces(cup=2), ()).then(confirmed)
    given().when(reservations.answer, ORDER, RESERVE, pieces(cup=2), SHORT).then(rejected)
    given().when(reservations.release, ORDER, RELEASE).then(released)
    given().when(reservations.dispatch, ORDER, DISPATCH).then_nothing_new()


@pytest.mark.parametrize(
    ("past", "status", "lines"),
    [
        ("confirmed", "confirmed", pieces(cup=2)),
        ("rejected", "rejected", ()),
        ("released", "released", pieces(cup=2)),
        ("released first", "released", ()),
        ("dispatched", "dispatched", pieces(cup=2)),
    ],
)
def test_the_last_event_says_where_a_reservation_stands(past: str, status: str, lines: tuple[Quantity, ...]) -> None:
    reservation = given.state(*PAST[past])
    assert (reservation.order_id, reservation.status, reservation.lines) == (ORDER, status, lines)
    assert reservation.version == len(PAST[past])


@for_all(st.lists(st.sampled_from([confirmed, rejected, released, dispatched]), max_size=5))
def test_applying_events_never_fails_whatever_their_order(events: list[ReservationEvent]) -> None:
    reservation = given(*events).state
    assert reservation is None if not events else reservation is not None


def test_a_event_of_another_kind_changes_nothing_but_the_version() -> None:
    reservation = given.state(confirmed)
    [foreign] = placed_in(reservation.id, [event(SomethingElse)], after=1)
    assert evolve(reservation, foreign) == replace(reservation, version=2)
    assert evolve(None, foreign) is None


def test_folding_goes_on_from_a_state() -> None:
    assert given.state(confirmed, released) == fold(
        placed_in(ids.reservation_id(ORDER), [released], after=1), given.state(confirmed)
    )
