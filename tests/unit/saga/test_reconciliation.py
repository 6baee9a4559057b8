"""A difference between a party's ledger and ours is on record once, and a case until it has gone or a person closed
it."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from commerce.eventstore import Event, Sealed, in_stream
from commerce.outside.ledger import LedgerDifference, LedgerParty
from commerce.saga import cases
from commerce.saga.cases import money_at_risk
from commerce.saga.decide import react
from commerce.saga.events import ProcessEvent
from commerce.saga.process import Process, Stage, evolve
from commerce.saga.process import fold as fold_process
from commerce.saga.reconciliation import compared, is_settled
from commerce.values import ids
from commerce.values.money import Money
from tests.unit.saga.inputs import (
    CANCELLATION_REQUESTED,
    CONFIRMED,
    EUR_30,
    LATER,
    LIMITS,
    ORDER,
    REFUNDED,
    RELEASED,
    STOPPED,
)
from tests.unit.saga.scenario import given

TWICE = LedgerDifference("captured_twice", "auth_2", "authorisation auth_2: taken twice", EUR_30)
MORE = LedgerDifference("refunded_more", "auth_1", "authorisation auth_1: more was given back", EUR_30)
BOOKED = LedgerDifference("booked_there", "ship_2", "shipment ship_2: it is booked")
PROVIDER: LedgerParty = "payment provider"
CARRIER: LedgerParty = "carrier"


def after(process: Process | None, *events: ProcessEvent) -> Process:
    """The process with events of its own stream, and with what follows from each of them."""
    for event in events:
        stream, version = (ids.process_id(ORDER), 0) if process is None else (process.id, process.version)
        in_stream([event], stream, after=version)
        process = evolve(process, event)
        process = react(process, event, LATER, LIMITS).process or process
    assert process is not None
    return process


def found(process: Process | None, party: LedgerParty, *differences: LedgerDifference) -> Process:
    for one in differences:
        process = after(process, *compared(process, ORDER, party, one.party_id, one))
    assert process is not None
    return process


def gone(process: Process, party: LedgerParty, party_id: str) -> Process:
    return after(process, *compared(process, ORDER, party, party_id, None))


def details(process: Process) -> list[str]:
    return [case.detail for case in process.cases if case.kind == "reconciliation"]


def confirmed() -> Process:
    return given(*CONFIRMED).process_now


def test_a_difference_is_one_case_with_the_money_at_risk() -> None:
    process = found(confirmed(), PROVIDER, TWICE)
    assert details(process) == ["payment provider: authorisation auth_2: taken twice"]
    assert money_at_risk(process) == EUR_30
    assert compared(process, ORDER, PROVIDER, "auth_2", TWICE) == []


def test_several_differences_are_told_in_one_case_of_the_order() -> None:
    process = found(found(confirmed(), PROVIDER, TWICE, MORE), CARRIER, BOOKED)
    (detail,) = details(process)
    assert detail.split("; ") == [
        "payment provider: authorisation auth_2: taken twice",
        "payment provider: authorisation auth_1: more was given back",
        "carrier: shipment ship_2: it is booked",
    ]


def test_one_that_has_gone_leaves_the_others_and_the_last_one_ends_the_case() -> None:
    process = gone(found(confirmed(), PROVIDER, TWICE, MORE), PROVIDER, "auth_2")
    assert details(process) == ["payment provider: authorisation auth_1: more was given back"]
    process = gone(process, PROVIDER, "auth_1")
    assert (details(process), process.ledger_differences) == ([], ())
    assert compared(process, ORDER, PROVIDER, "auth_1", None) == []


def test_what_a_person_closed_is_no_case_again_until_it_says_something_else() -> None:
    process = found(confirmed(), PROVIDER, TWICE, MORE)
    resolved = cases.resolve(process, ["reconciliation"], "refunded_by_hand", Sealed("why"))
    process = after(process, *resolved)
    assert compared(process, ORDER, PROVIDER, "auth_2", TWICE) == []
    process = gone(process, PROVIDER, "auth_1")
    assert details(process) == []
    told = compared(None, ORDER, PROVIDER, "auth_2", TWICE)
    assert not is_settled(told, PROVIDER, "auth_2")
    assert is_settled([*told, *resolved], PROVIDER, "auth_2")
    assert not is_settled([*told, *resolved, *told], PROVIDER, "auth_2")
    other = LedgerDifference("captured_twice", "auth_2", "authorisation auth_2: taken three times", EUR_30)
    assert details(found(process, PROVIDER, other)) == ["payment provider: authorisation auth_2: taken three times"]


def test_a_case_outlasts_the_undoing_of_its_order() -> None:
    process = found(confirmed(), PROVIDER, TWICE)
    for event in (CANCELLATION_REQUESTED, STOPPED, REFUNDED, RELEASED):
        process = react(process, event, LATER, LIMITS).process or process
    assert process.stage is Stage.COMPENSATED
    assert len(details(process)) == 1


def test_what_is_no_orders_is_a_case_in_the_place_of_an_order() -> None:
    about = UUID(int=9)
    stray = LedgerDifference("no_order", "auth_9", "authorisation auth_9: no order's", Money.of("4", "EUR"))
    (event,) = in_stream(compared(None, about, PROVIDER, "auth_9", stray), ids.process_id(about), after=0)
    process = fold_process([cast(ProcessEvent, event)])
    assert process is not None
    reaction = react(process, event, LATER, LIMITS)
    assert reaction.process is not None
    assert (reaction.process.stage, reaction.process.order_id) == (Stage.NO_ORDER, about)
    assert details(reaction.process) == ["payment provider: authorisation auth_9: no order's"]
    assert money_at_risk(reaction.process) == Money.of("4", "EUR")
    assert compared(reaction.process, about, PROVIDER, "auth_9", stray) == []
    more = LedgerDifference("no_order", "auth_9", "authorisation auth_9: more of it", EUR_30)
    again: list[Event] = in_stream(compared(reaction.process, about, PROVIDER, "auth_9", more), process.id, after=2)
    assert money_at_risk(evolve(reaction.process, cast(ProcessEvent, again[0]))) == EUR_30
