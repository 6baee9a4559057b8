"""An answer that differs from what was asked: never a success, undone where it can be, and a case whenever it comes."""

from __future__ import annotations

import pytest

from commerce.eventstore import Event
from commerce.payments.webhook_events import WebhookUnexplained
from commerce.saga.order_commands import RejectOrder
from commerce.saga.process import Stage
from commerce.saga.request_events import StepName
from commerce.values import ids
from tests.unit.saga.inputs import (
    AUTHORIZED,
    CONFIRMED,
    ORDER,
    REFUNDED,
    RELEASED,
    RESERVED,
    RUN_UP,
    STOPPED,
    VOIDED,
    deadline_passed,
    payment_differed,
    placed,
    shipment_differed,
)
from tests.unit.saga.scenario import (
    Expected,
    asked,
    case,
    compensated,
    compensating,
    failed,
    given,
    undo_by,
    undone,
)

OF_PAYMENT = "the payment provider did 1.00 EUR instead of 30.00 EUR"
OF_SHIPMENT = "the carrier did another instead of a shipment"
UNAVAILABLE = "payment_unavailable"


@pytest.mark.parametrize(
    ("past", "differs", "step", "undo"),
    [
        ((placed(), RESERVED), payment_differed("authorize", "authorize"), "authorization", "void"),
        (RUN_UP, payment_differed("capture", "capture"), "capture", "cancel shipment"),
    ],
)
def test_money_that_moved_otherwise_than_asked_is_undone(
    past: tuple[Event, ...], differs: Event, step: StepName, undo: str
) -> None:
    given(*past).when(differs).then(
        failed(step, UNAVAILABLE, known=False),
        case("answer_differed", OF_PAYMENT, outlasts_undoing=step == "capture"),
        compensating(UNAVAILABLE),
        undo_by(),
        asked(undo),
    )


def test_a_shipment_that_was_booked_otherwise_than_asked_is_stopped() -> None:
    given(placed(), RESERVED, AUTHORIZED).when(shipment_differed("schedule", "book")).then(
        failed("shipment", "shipping_unavailable", known=False),
        case("answer_differed", OF_SHIPMENT),
        compensating("shipping_unavailable"),
        undo_by(),
        asked("cancel shipment"),
    )


def test_the_order_is_rejected_only_after_what_was_done_is_undone() -> None:
    scenario = given(placed(), RESERVED, payment_differed("authorize", "authorize"))
    scenario.when(RELEASED).then_nothing()
    scenario.when(VOIDED).then(undone("authorization"), asked("release"))
    ended = given(placed(), RESERVED, payment_differed("authorize", "authorize"), VOIDED).when(RELEASED)
    ended.then(undone("stock"), compensated(UNAVAILABLE), commands=[RejectOrder(UNAVAILABLE)])
    assert ended.process.case is None


def test_money_that_was_taken_otherwise_than_asked_is_looked_at_by_a_person_even_when_it_is_given_back() -> None:
    """What the provider took by its own word is given back; whether that is all that it took, nobody knows for sure."""
    past = (*RUN_UP, payment_differed("capture", "capture"), STOPPED, REFUNDED)
    ended = given(*past).when(RELEASED)
    ended.then(undone("stock"), compensated(UNAVAILABLE), commands=[RejectOrder(UNAVAILABLE)])
    assert ended.process.case == OF_PAYMENT


@pytest.mark.parametrize(
    ("past", "differs", "detail"),
    [
        ((placed(), RESERVED, payment_differed("authorize", "authorize")), payment_differed("void", "void"), ""),
        ((*RUN_UP, payment_differed("capture", "capture"), STOPPED), payment_differed("refund", "refund"), ""),
        (
            (*RUN_UP, payment_differed("capture", "capture")),
            shipment_differed("cancel shipment", "cancel"),
            OF_SHIPMENT,
        ),
    ],
)
def test_an_undo_that_is_answered_otherwise_is_not_done(past: tuple[Event, ...], differs: Event, detail: str) -> None:
    opened: list[Expected] = [case("answer_differed", detail)] if detail else []
    decided = given(*past).when(differs)
    decided.then(*opened)
    assert decided.process.stage is Stage.COMPENSATING
    assert decided.process.case == (detail or OF_PAYMENT)


def test_what_is_found_to_differ_while_it_is_undone_is_a_case() -> None:
    past = (placed(), RESERVED, deadline_passed("order"))
    given(*past).when(payment_differed("authorize", "authorize")).then(case("answer_differed", OF_PAYMENT))


def test_what_is_found_to_differ_after_the_order_ended_is_a_case() -> None:
    given(*CONFIRMED).when(payment_differed("void", "void")).then(case("answer_differed", OF_PAYMENT))


def test_word_of_the_provider_that_nobody_can_explain_is_a_case_once_and_changes_nothing_else() -> None:
    word = WebhookUnexplained(
        order_id=ORDER, request_id=ids.webhook_id("http", "evt_1"), authorization_id="auth_1", detail="it says so"
    )
    opened = case("answer_differed", "payment provider: it says so", outlasts_undoing=True)
    for past in (RUN_UP, CONFIRMED):
        given(*past).when(word).then(opened)
        given(*past, word).when(word).then_nothing()


def test_money_that_was_taken_where_it_was_to_be_set_aside_is_a_case_that_outlasts_the_undoing() -> None:
    taken = payment_differed("authorize", "authorize").model_copy(update={"status": "captured"})
    process = given(placed(), RESERVED, taken).process_now
    assert [(one.kind, one.outlasts_undoing) for one in process.cases] == [("answer_differed", True)]
