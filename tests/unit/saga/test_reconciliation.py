"""A difference between a party's ledger and ours is on record once, and a case until it has gone or a person closed
it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast
from uuid import UUID

import pytest

from commerce.eventstore import Append, Event, EventStore, Sealed, StreamHistory, in_stream
from commerce.outside.ledger import LedgerDifference, LedgerParty
from commerce.saga import cases
from commerce.saga.case_events import CaseKind, CaseResolved
from commerce.saga.cases import money_at_risk
from commerce.saga.decide import react
from commerce.saga.events import ProcessEvent
from commerce.saga.process import Process, Stage, evolve
from commerce.saga.process import fold as fold_process
from commerce.saga.reconciliation import ACTOR, Novelty, compared, is_settled, record_comparison
from commerce.saga.reconciliation_events import LedgerAgreed, LedgerDiffered
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
from tests.unit.saga.log import Log
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
    other = LedgerDifference("captured_twice", "auth_2", "authorisation auth_2: taken three times", EUR_30)
    assert details(found(process, PROVIDER, other)) == ["payment provider: authorisation auth_2: taken three times"]


@pytest.mark.parametrize(
    ("kinds", "is_about_it"),
    [(("reconciliation",), True), (("not_shipped", "unknown_payment"), True), (("not_shipped",), False)],
)
def test_one_is_settled_when_a_person_closed_a_case_about_ledgers_since(
    kinds: tuple[CaseKind, ...], *, is_about_it: bool
) -> None:
    told = compared(None, ORDER, PROVIDER, "auth_2", TWICE)
    resolved = CaseResolved(order_id=ORDER, kinds=kinds, resolution="settled", reason=Sealed("why"))
    assert is_settled([], PROVIDER, "auth_2") is False
    assert is_settled(told, PROVIDER, "auth_2") is False
    assert is_settled([*told, resolved], PROVIDER, "auth_2") is is_about_it
    assert is_settled([*told, resolved, *told], PROVIDER, "auth_2") is False
    of_another = compared(None, ORDER, CARRIER, "auth_2", BOOKED)
    assert is_settled([*told, resolved, *of_another], PROVIDER, "auth_2") is is_about_it


class Store:
    """A log of one process, to which others append, too."""

    pool = "the pool"

    def __init__(self) -> None:
        self.log = Log()
        self.appended: list[Append] = []

    async def read_histories(self, streams: Iterable[UUID]) -> dict[UUID, StreamHistory]:
        return await self.log.read_histories(streams)

    async def append(self, command: Append) -> int:
        assert self.log.append([command])
        self.appended.append(command)
        return len(self.log.events)

    async def record(self, difference: LedgerDifference | None) -> Novelty:
        return await record_comparison(cast(EventStore, self), ORDER, PROVIDER, "auth_2", difference)


async def test_what_was_compared_is_on_record_once_with_who_found_it_and_whether_that_is_news() -> None:
    store = Store()
    assert await store.record(None) == "known"
    assert await store.record(TWICE) == "new"
    assert await store.record(TWICE) == "known"
    process = ids.process_id(ORDER)
    resolved = CaseResolved(order_id=ORDER, kinds=("reconciliation",), resolution="settled", reason=Sealed("why"))
    assert store.log.say(process, [resolved], ORDER)
    assert await store.record(TWICE) == "settled"
    assert await store.record(None) == "new"
    found = LedgerDiffered(
        order_id=ORDER,
        party=PROVIDER,
        kind="captured_twice",
        party_id="auth_2",
        detail="authorisation auth_2: taken twice",
        amount=EUR_30,
    )
    agreed = LedgerAgreed(order_id=ORDER, party=PROVIDER, party_id="auth_2")
    assert store.log.stream(process) == in_stream([found, resolved, agreed], process, after=0)
    assert [(one.correlation_id, one.metadata) for one in store.appended] == [(ORDER, ACTOR)] * 2


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
