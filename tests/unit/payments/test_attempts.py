"""Further attempts at a payment that waits for its customer: which are accepted, and under which key they are made."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from commerce.eventstore import Event
from commerce.payments import customer_decisions, decisions
from commerce.payments.attempt_commands import accept_attempt
from commerce.payments.errors import NoActionAwaited, TooManyAttempts
from commerce.payments.events import PaymentEvent
from commerce.payments.payment import Payment, PaymentOperation, PaymentStatus, fold
from commerce.payments.payment_actions import MOST_ATTEMPTS
from commerce.payments.ports import PaymentAtProvider
from commerce.payments.tries import CustomerAction
from commerce.payments.webhook import is_on_record, unexplained
from commerce.values import ids
from tests.unit.payments.test_payment import (
    AUTHORIZE,
    AUTHORIZED,
    NOT_CONFIRMED,
    ORDER,
    PAST,
    PRICE,
    UNTIL,
    WAITING,
    action_failed,
    action_required,
    asked_to_authorize,
    asked_to_try,
    euros,
    given,
    opened,
)

OTHER = "pm_card_other"


def test_another_way_to_pay_is_accepted_once_however_often_it_is_asked_for() -> None:
    for past in (WAITING, NOT_CONFIRMED):
        given(*past).when(lambda payment: accept_attempt(payment, ORDER, OTHER)).then(asked_to_try(OTHER))
        chosen = given(*past, asked_to_try(OTHER))
        chosen.when(lambda payment: accept_attempt(payment, ORDER, OTHER)).then_nothing_new()
        chosen.when(lambda payment: accept_attempt(payment, ORDER, None)).then_nothing_new()
        chosen.when(lambda payment: accept_attempt(payment, ORDER, "pm_third")).then(asked_to_try("pm_third", 3))


@pytest.mark.parametrize(
    "past", [name for name, events in PAST.items() if given.state(*events).status is not PaymentStatus.ACTION_REQUIRED]
)
def test_no_attempt_is_accepted_while_nobody_waits_for_the_customer(past: str) -> None:
    given(*PAST[past]).when(lambda payment: accept_attempt(payment, ORDER, OTHER)).then_breaks(NoActionAwaited)


def test_no_attempt_is_accepted_before_there_is_a_payment() -> None:
    with pytest.raises(NoActionAwaited, match="not asked for yet"):
        accept_attempt(None, ORDER, OTHER)


def test_attempts_have_an_end() -> None:
    asked: list[PaymentEvent] = [asked_to_try(None, number) for number in range(2, MOST_ATTEMPTS + 1)]
    given(*WAITING, *asked).when(lambda payment: accept_attempt(payment, ORDER, OTHER)).then_breaks(TooManyAttempts)


def test_each_way_to_pay_has_a_key_of_its_own_that_outlives_a_repeated_call() -> None:
    first = given.state(*WAITING)
    second = given.state(*NOT_CONFIRMED, asked_to_try(OTHER), asked_to_authorize(2))
    again = given.state(*NOT_CONFIRMED, asked_to_try(OTHER), asked_to_authorize(2), asked_to_authorize(3))
    keys = [one.key_of(PaymentOperation.AUTHORIZE, AUTHORIZE) for one in (first, second, again)]
    assert keys == [AUTHORIZE, ids.request_id(AUTHORIZE, "try 2"), ids.request_id(AUTHORIZE, "try 2")]
    assert second.key_of(PaymentOperation.CAPTURE, AUTHORIZE) == AUTHORIZE


def test_what_was_chosen_is_what_is_tried_and_what_was_tried_is_tried_again() -> None:
    chosen = given.state(*NOT_CONFIRMED, asked_to_try(OTHER))
    (attempt,) = decisions.authorize(chosen, ORDER, AUTHORIZE, PRICE, "pm_card_ok")
    assert getattr(attempt, "payment_method", None) == OTHER
    under_way = fold([attempt.model_copy(update={"originator_id": chosen.id, "originator_version": 9})], chosen)
    (again,) = decisions.authorize(under_way, ORDER, AUTHORIZE, PRICE, "pm_card_ok")
    assert getattr(again, "payment_method", None) == OTHER


def test_a_customer_sees_where_to_go_or_why_nothing_came_of_it() -> None:
    assert given.state(*WAITING).tries.action == CustomerAction(UNTIL, action_required.redirect_url)
    assert given.state(*NOT_CONFIRMED).tries.action == CustomerAction(UNTIL, None, "replaced")


def test_the_time_is_over_only_where_nothing_else_was_chosen() -> None:
    given(*NOT_CONFIRMED, asked_to_try(OTHER)).when(
        lambda payment: decisions.declined(payment, AUTHORIZE, "late")
    ).then_nothing_new()


def test_an_undo_that_finds_it_waiting_has_something_to_let_go_of() -> None:
    def found(payment: Payment) -> Sequence[Event]:
        return customer_decisions.found_waiting(payment, AUTHORIZE, "auth-1")

    given(asked_to_authorize(1)).when(found).then(opened)
    given(*AUTHORIZED).when(found).then_nothing_new()


def test_money_that_moves_under_what_was_let_go_of_is_unexplained() -> None:
    payment = given.state(*WAITING, action_failed)
    assert is_on_record(payment, "auth-1")
    nothing = euros("0")
    assert unexplained(payment, "auth-1", PaymentAtProvider("auth-1", str(ORDER), nothing, nothing, nothing)) is None
    told = unexplained(payment, "auth-1", PaymentAtProvider("auth-1", str(ORDER), PRICE, nothing, nothing))
    assert told == "it says that money moved under auth-1, which it had let go of"
