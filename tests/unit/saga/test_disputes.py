"""A dispute is a case until the provider says how it ended, and nothing else follows from it, wherever the order is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from commerce.eventstore import Event, Sealed
from commerce.ordering.disputes import OrderDispute
from commerce.payments.events import PaymentDisputeClosed, PaymentDisputed
from commerce.saga.case_events import CaseOpened, CaseResolved
from commerce.saga.cases import money_at_risk
from commerce.saga.decide import react
from commerce.saga.events import DisputeSettled
from commerce.saga.order_commands import CloseDispute, DisputeOrder
from commerce.saga.process import Process, evolve
from commerce.values.money import Money
from tests.unit.saga.inputs import CAPTURED, DECLINED, DISPATCHED, EUR_30, LATER, LIMITS, ORDER, RUN_UP
from tests.unit.saga.scenario import given
from tests.unit.saga.test_cases import DOUBTED, STUCK

FIVE, BY = Money.of("5.00", "EUR"), datetime(2026, 12, 10, 8, 30, tzinfo=UTC)
PAID = (*RUN_UP, CAPTURED)
PLACES = (RUN_UP, PAID, (*PAID, DISPATCHED), STUCK, DOUBTED)


def dispute(id_: str = "dp_1", amount: Money = FIVE) -> PaymentDisputed:
    return PaymentDisputed(
        order_id=ORDER, authorization_id="auth_1", dispute_id=id_, amount=amount, reason="fraudulent", answer_by=BY
    )


def closed(id_: str = "dp_1") -> PaymentDisputeClosed:
    return PaymentDisputeClosed(order_id=ORDER, authorization_id="auth_1", dispute_id=id_, outcome="lost")


def after(process: Process, *events: Event) -> Process:
    for event in events:
        process = react(process, event, LATER, LIMITS).process or process
    return process


@pytest.mark.parametrize("place", PLACES)
def test_it_is_a_case_and_the_order_shows_it_and_nothing_else_follows(place: tuple[Event, ...]) -> None:
    process = given(*place).process_now
    reaction = react(process, dispute(), LATER, LIMITS)
    (opened,) = reaction.events
    assert isinstance(opened, CaseOpened)
    assert (opened.kind, opened.about, opened.amount, opened.answer_by) == ("dispute", "dp_1", FIVE, BY)
    assert opened.detail == "the customer disputes 5.00 EUR (fraudulent, dp_1); answer by 2026-12-10 08:30 UTC"
    assert reaction.commands == (DisputeOrder(OrderDispute("dp_1", "open", FIVE, "fraudulent", BY)),)
    assert reaction.process is not None
    assert (reaction.process.stage, reaction.process.awaits) == (process.stage, process.awaits)


def test_its_case_outlasts_the_undoing_and_names_the_date_in_utc_where_there_is_one() -> None:
    reaction = react(given(*PAID).process_now, dispute(), LATER, LIMITS)
    assert [one.outlasts_undoing for one in reaction.events if isinstance(one, CaseOpened)] == [True]
    assert reaction.process is not None
    assert [case.answer_by for case in reaction.process.cases] == [BY]
    in_berlin = BY.astimezone(timezone(timedelta(hours=1)))
    for answer_by, words in ((in_berlin, "; answer by 2026-12-10 08:30 UTC"), (None, "")):
        told = dispute().model_copy(update={"answer_by": answer_by})
        (opened,) = react(given(*PAID).process_now, told, LATER, LIMITS).events
        assert isinstance(opened, CaseOpened)
        assert opened.detail == f"the customer disputes 5.00 EUR (fraudulent, dp_1){words}"


@pytest.mark.parametrize("place", PLACES)
def test_the_providers_word_closes_it(place: tuple[Event, ...]) -> None:
    process = given(*place).process_now
    reaction = react(after(process, dispute()), closed(), LATER, LIMITS)
    assert [type(one) for one in reaction.events] == [DisputeSettled]
    assert reaction.commands == (CloseDispute("dp_1", "lost"),)
    assert reaction.process is not None
    assert reaction.process.cases == process.cases
    assert reaction.process.version == process.version + 2


def test_at_risk_is_what_is_disputed_and_with_something_else_open_the_whole() -> None:
    process = after(given(*PAID).process_now, dispute(), dispute("dp_2", Money.of("1.00", "EUR")))
    assert money_at_risk(process) == Money.of("6.00", "EUR")
    assert [case.about for case in process.cases] == ["dp_1", "dp_2"]
    assert money_at_risk(after(process, closed())) == Money.of("1.00", "EUR")
    assert money_at_risk(after(given(*DOUBTED).process_now, dispute())) == EUR_30
    assert money_at_risk(after(given(*PAID).process_now, dispute("dp_1", Money.of("5.00", "USD")))) == EUR_30


def test_a_person_may_close_it_and_the_provider_still_says_how_it_ended() -> None:
    process = after(given(*PAID).process_now, dispute())
    resolved = CaseResolved(
        originator_id=process.id,
        originator_version=process.version + 1,
        order_id=ORDER,
        kinds=("dispute",),
        resolution="written_off",
        reason=Sealed("too little"),
    )
    process = evolve(process, resolved)
    assert process.cases == ()
    reaction = react(process, closed(), LATER, LIMITS)
    assert reaction.commands == (CloseDispute("dp_1", "lost"),)


def test_an_order_that_ended_stays_ended() -> None:
    process = given(*RUN_UP[:2], DECLINED).process_now
    assert react(process, dispute(), LATER, LIMITS).process is not None
    assert after(process, dispute(), closed()).stage is process.stage
