"""A payment that needs its customer: only their time counts, and the provider is asked before the order is given up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from commerce.payments.events import PaymentActionRequired
from commerce.saga.decide import react
from commerce.saga.description import AwaitedStep, waiting_for, why_here
from commerce.saga.intervention_events import Intervened
from commerce.saga.process import evolve
from commerce.saga.request_events import StepName
from tests.unit.saga.inputs import (
    AUTHORIZED,
    CANCELLATION_REQUESTED,
    DECLINED,
    LATER,
    LIMITS,
    RESERVED,
    START,
    answer,
    deadline_passed,
    placed,
)
from tests.unit.saga.scenario import asked, compensating, deadline, failed, given, succeeded, undo_by

UNTIL = START + timedelta(minutes=30)
IN_FULL = LATER + LIMITS.order


def action_required(request: str = "authorize", minutes: int = 30) -> PaymentActionRequired:
    """The provider wants the customer to act."""
    return answer(
        PaymentActionRequired,
        request,
        authorization_id="auth-1",
        redirect_url="https://bank.example/1",
        until=START + timedelta(minutes=minutes),
    )


WAITING = (placed(), RESERVED, action_required())


def test_the_customers_time_counts_instead_of_the_orders() -> None:
    given(placed(), RESERVED).when(action_required()).then(deadline("customer", UNTIL))
    assert given(*WAITING).process_now.deadlines[0].due_at == UNTIL
    given(*WAITING).when(action_required(minutes=40)).then(deadline("customer", START + timedelta(minutes=40)))


def test_it_says_so() -> None:
    process = given(*WAITING).process_now
    told = "the customer to confirm the payment, or to pay in another way"
    assert waiting_for(process) == AwaitedStep(told, "authorise the payment", UNTIL)
    assert why_here(process) == f"{told}: the payment provider wants that before it sets money aside"


def test_an_order_whose_customer_has_confirmed_has_its_whole_time_again() -> None:
    given(*WAITING).when(AUTHORIZED).then(deadline("order", IN_FULL), succeeded("authorization"), asked("schedule"))


def test_before_it_is_given_up_the_provider_is_asked() -> None:
    given(*WAITING).when(deadline_passed("customer")).then(deadline("order", IN_FULL), asked("authorize"))
    over = (*WAITING, deadline_passed("customer"))
    given(*over).when(AUTHORIZED).then(succeeded("authorization"), asked("schedule"))
    given(*over).when(DECLINED).then(
        failed("authorization", "payment_declined"), compensating("payment_declined"), undo_by(), asked("release")
    )
    given(*over).when(deadline_passed("order")).then(compensating("timed_out"), undo_by(), asked("void"))
    given(*over).when(action_required(minutes=50)).then(deadline("customer", START + timedelta(minutes=50)))


@pytest.mark.parametrize("steps", [{}, {"shipment": timedelta(minutes=1)}], ids=["order", "step"])
def test_an_order_whose_customer_confirmed_just_before_their_time_was_over_has_its_whole_time_again(
    steps: Mapping[StepName, timedelta],
) -> None:
    """The end of the customer's time is in the process's stream before what came before it is decided on."""
    limits = replace(LIMITS, steps=steps)
    waiting = given(*WAITING, limits=limits).process_now
    over = deadline_passed("customer").model_copy(update={"originator_version": waiting.version + 1})
    confirmed = react(evolve(waiting, over), AUTHORIZED, LATER, limits).process
    assert confirmed is not None
    assert (confirmed.awaits, confirmed.order_due_at) == ("schedule", IN_FULL)
    assert confirmed.deadline is not None
    assert react(confirmed, over, LATER, limits).events == ()


def test_a_time_that_passed_when_something_else_is_waited_for_changes_nothing() -> None:
    given(*WAITING, AUTHORIZED).when(deadline_passed("customer")).then_nothing()
    given(*WAITING, CANCELLATION_REQUESTED).when(deadline_passed("customer")).then_nothing()


def test_what_the_provider_wants_when_nobody_waits_for_the_authorisation_changes_nothing() -> None:
    given(*WAITING, AUTHORIZED).when(action_required()).then_nothing()
    given(*WAITING, CANCELLATION_REQUESTED).when(action_required()).then_nothing()
    given(placed(), RESERVED).when(action_required("capture")).then_nothing()


def test_an_order_is_cancelled_while_its_customer_is_waited_for() -> None:
    given(*WAITING).when(CANCELLATION_REQUESTED).then(compensating("cancelled", "cancelled"), undo_by(), asked("void"))


def test_asking_once_more_leaves_the_customer_their_time() -> None:
    limits = replace(LIMITS, steps={"authorization": timedelta(minutes=1)})
    retried = Intervened.model_validate(
        {
            "originator_id": RESERVED.originator_id,
            "originator_version": 1,
            "order_id": RESERVED.order_id,
            "action": "retry",
            "requests": ("authorize",),
            "reason": "sealed",
        }
    )
    given(*WAITING, limits=limits).when(retried).then(asked("authorize"))
