"""The rules of a payment."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from commerce.eventstore import Event
from commerce.outside.call_state import call_unanswered
from commerce.payments import customer_decisions, decisions
from commerce.payments.errors import (
    AmountChanged,
    CaptureExceedsAuthorization,
    MoneyHeld,
    NothingCaptured,
    PaymentNotAttempted,
    PaymentNotAuthorized,
    PaymentNotOpen,
    RefundExceedsCapture,
    RefundPending,
    SecondCapture,
)
from commerce.payments.events import (
    AuthorizationAttempted,
    AuthorizationOpened,
    CaptureAttempted,
    PaymentActionFailed,
    PaymentActionRequired,
    PaymentAnswerDiffered,
    PaymentAttemptRequested,
    PaymentAuthorized,
    PaymentCallUnanswered,
    PaymentCaptured,
    PaymentClosed,
    PaymentDeclined,
    PaymentEvent,
    PaymentOutcomeUnknown,
    PaymentRefunded,
    PaymentVoided,
    RefundAttempted,
    VoidAttempted,
)
from commerce.payments.payment import Payment, PaymentOperation, PaymentStatus, evolve, fold
from commerce.payments.undo_plan import AskProvider, ClosePayment, PaymentUndone, Refund, Undo, Void, next_undo_step
from commerce.values import ids
from commerce.values.errors import CommerceError, InvalidInput
from commerce.values.money import Money
from tests.unit.scenario import SomethingElse, Told, decision_table, event, placed_in

ORDER = UUID("11111111-1111-5111-8111-111111111111")
PAYMENT = ids.payment_id(ORDER)
AUTHORIZE = UUID(int=1)
CAPTURE = UUID(int=2)
UNDO = UUID(int=3)
REFUND = UUID(int=4)
OTHER = UUID(int=5)


def euros(amount: str) -> Money:
    return Money.of(amount, "EUR")


PRICE = euros("20.00")


def asked_to_authorize(attempt: int) -> PaymentEvent:
    return event(
        AuthorizationAttempted,
        order_id=ORDER,
        request_id=AUTHORIZE,
        attempt=attempt,
        amount=PRICE,
        payment_method="pm_card_ok",
    )


def asked_to_capture(attempt: int) -> PaymentEvent:
    return event(CaptureAttempted, order_id=ORDER, request_id=CAPTURE, attempt=attempt, amount=PRICE)


def asked_to_void(attempt: int) -> PaymentEvent:
    return event(VoidAttempted, order_id=ORDER, request_id=UNDO, attempt=attempt)


def asked_to_refund(attempt: int, amount: str = "20.00", request: UUID = UNDO) -> PaymentEvent:
    return event(RefundAttempted, order_id=ORDER, request_id=request, attempt=attempt, amount=euros(amount))


opened = event(AuthorizationOpened, order_id=ORDER, request_id=AUTHORIZE, authorization_id="auth-1")
authorized = event(PaymentAuthorized, order_id=ORDER, request_id=AUTHORIZE, authorization_id="auth-1", amount=PRICE)
declined = event(PaymentDeclined, order_id=ORDER, request_id=AUTHORIZE, decline_reason="no funds")
authorization_unknown = event(
    PaymentOutcomeUnknown, order_id=ORDER, request_id=AUTHORIZE, operation="authorize", attempts=1
)
captured = event(PaymentCaptured, order_id=ORDER, request_id=CAPTURE, amount=PRICE)
capture_unknown = event(PaymentOutcomeUnknown, order_id=ORDER, request_id=CAPTURE, operation="capture", attempts=1)
voided = event(PaymentVoided, order_id=ORDER, request_id=UNDO)
refunded = event(PaymentRefunded, order_id=ORDER, request_id=UNDO, amount=PRICE)
refunded_in_part = event(PaymentRefunded, order_id=ORDER, request_id=REFUND, amount=euros("5.00"))
closed = event(PaymentClosed, order_id=ORDER, request_id=UNDO)


def differed(
    operation: str, request: UUID, status: str | None, amount: Money | None, authorization: str | None = None
) -> PaymentAnswerDiffered:
    return event(
        PaymentAnswerDiffered,
        order_id=ORDER,
        request_id=request,
        operation=operation,
        asked="20.00 EUR",
        answered=f"did {amount}",
        status=status,
        authorization_id=authorization,
        amount=amount,
    )


ONE = euros("1.00")
held_less = differed("authorize", AUTHORIZE, "authorized", ONE, "auth-1")
took_at_once = differed("authorize", AUTHORIZE, "captured", PRICE, "auth-1")
held_for_another = differed("authorize", AUTHORIZE, None, None)
took_less = differed("capture", CAPTURE, "captured", ONE)
took_something = differed("capture", CAPTURE, "captured", None)
took_instead = differed("void", UNDO, "captured", PRICE)
gave_less = differed("refund", UNDO, "refunded", ONE)
gave_something = differed("refund", UNDO, "refunded", None)

given = Told(fold, PAYMENT)

AUTHORIZED: list[PaymentEvent] = [asked_to_authorize(1), authorized]
CAPTURED: list[PaymentEvent] = [*AUTHORIZED, asked_to_capture(1), captured]
REFUNDED_IN_PART: list[PaymentEvent] = [*CAPTURED, asked_to_refund(1, "5.00", REFUND), refunded_in_part]

UNTIL = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
action_required = event(
    PaymentActionRequired,
    order_id=ORDER,
    request_id=AUTHORIZE,
    authorization_id="auth-1",
    redirect_url="https://bank.example",
    until=UNTIL,
)
action_failed = event(PaymentActionFailed, order_id=ORDER, request_id=AUTHORIZE, reason="replaced", until=UNTIL)
WAITING: list[PaymentEvent] = [asked_to_authorize(1), action_required]
NOT_CONFIRMED: list[PaymentEvent] = [*WAITING, action_failed]


def asked_to_try(method: str | None, number: int = 2) -> PaymentEvent:
    return event(PaymentAttemptRequested, order_id=ORDER, request_id=AUTHORIZE, number=number, payment_method=method)


PAST: dict[str, Sequence[PaymentEvent]] = {
    "authorizing": [asked_to_authorize(1)],
    "declined": [asked_to_authorize(1), declined],
    "authorization unknown": [asked_to_authorize(1), authorization_unknown],
    "opened": [asked_to_authorize(1), opened],
    "declined once opened": [asked_to_authorize(1), opened, declined],
    "unknown once opened": [asked_to_authorize(1), opened, authorization_unknown],
    "voiding once opened": [asked_to_authorize(1), opened, asked_to_void(1)],
    "held while voiding": [asked_to_authorize(1), opened, asked_to_void(1), authorized],
    "closed once opened": [asked_to_authorize(1), opened, asked_to_void(1), closed],
    "waiting": WAITING,
    "waiting, other way chosen": [*WAITING, asked_to_try("pm_card_other")],
    "not confirmed": NOT_CONFIRMED,
    "other way chosen": [*NOT_CONFIRMED, asked_to_try("pm_card_other")],
    "voiding while waiting": [*WAITING, asked_to_void(1)],
    "authorized": AUTHORIZED,
    "capturing": [*AUTHORIZED, asked_to_capture(1)],
    "capture unknown": [*AUTHORIZED, asked_to_capture(1), capture_unknown],
    "captured": CAPTURED,
    "voiding": [*AUTHORIZED, asked_to_void(1)],
    "voiding while capturing": [*AUTHORIZED, asked_to_capture(1), asked_to_void(1)],
    "captured while voiding": [*AUTHORIZED, asked_to_capture(1), asked_to_void(1), captured],
    "voided": [*AUTHORIZED, asked_to_void(1), voided],
    "voided while capturing": [*AUTHORIZED, asked_to_capture(1), asked_to_void(1), voided],
    "refunding": [*CAPTURED, asked_to_refund(1)],
    "refunded": [*CAPTURED, asked_to_refund(1), refunded],
    "refunding in part": [*CAPTURED, asked_to_refund(1, "5.00", REFUND)],
    "refunded in part": REFUNDED_IN_PART,
    "rest refunded": [
        *REFUNDED_IN_PART,
        asked_to_refund(1, "15.00"),
        event(PaymentRefunded, order_id=ORDER, request_id=UNDO, amount=euros("15.00")),
    ],
    "closed first": [closed],
    "closed": [asked_to_authorize(1), closed],
    "authorized after all": [asked_to_authorize(1), closed, authorized],
    "less authorized": [asked_to_authorize(1), held_less],
    "captured at once": [asked_to_authorize(1), took_at_once],
    "another authorized": [asked_to_authorize(1), held_for_another],
    "less after closing": [asked_to_authorize(1), closed, held_less],
    "less captured": [*AUTHORIZED, asked_to_capture(1), took_less],
    "unread capture": [*AUTHORIZED, asked_to_capture(1), took_something],
    "captured by a void": [*AUTHORIZED, asked_to_void(1), took_instead],
    "less refunded": [*CAPTURED, asked_to_refund(1), gave_less],
    "unread refund": [*CAPTURED, asked_to_refund(1), gave_something],
}

Command = Callable[[Payment], Sequence[Event]]

TO_START: dict[str, tuple[Command, PaymentEvent]] = {
    "authorize": (
        lambda payment: decisions.authorize(payment, ORDER, AUTHORIZE, PRICE, "pm_card_ok"),
        asked_to_authorize(2),
    ),
    "opened": (lambda payment: decisions.opened(payment, AUTHORIZE, "auth-1"), opened),
    "authorized": (lambda payment: decisions.authorized(payment, AUTHORIZE, "auth-1"), authorized),
    "declined": (lambda payment: decisions.declined(payment, AUTHORIZE, "no funds"), declined),
    "give up": (lambda payment: decisions.unknown(payment, AUTHORIZE), authorization_unknown),
    "capture": (lambda payment: decisions.capture(payment, CAPTURE, PRICE), asked_to_capture(1)),
    "captured": (lambda payment: decisions.captured(payment, CAPTURE), captured),
    "lose capture": (lambda payment: decisions.unknown(payment, CAPTURE), capture_unknown),
}
TO_WAIT: dict[str, tuple[Command, PaymentEvent]] = {
    "wait": (
        lambda payment: customer_decisions.action_required(payment, AUTHORIZE, "auth-1", "https://bank.example", UNTIL),
        action_required,
    ),
    "end": (lambda payment: customer_decisions.action_failed(payment, AUTHORIZE, "replaced"), action_failed),
}
TO_UNDO: dict[str, tuple[Command, PaymentEvent]] = {
    "void": (lambda payment: decisions.void(payment, UNDO), asked_to_void(1)),
    "voided": (lambda payment: decisions.voided(payment, UNDO), voided),
    "refund": (lambda payment: decisions.refund(payment, UNDO, PRICE), asked_to_refund(1)),
    "refunded": (lambda payment: decisions.refunded(payment, UNDO), refunded),
    "close": (lambda payment: decisions.close(payment, ORDER, UNDO), closed),
}
COMMANDS = TO_START | TO_WAIT | TO_UNDO
RULES: dict[str, type[CommerceError]] = {
    "not open": PaymentNotOpen,
    "no auth": PaymentNotAuthorized,
    "unasked": PaymentNotAttempted,
    "no capture": NothingCaptured,
    "too much": RefundExceedsCapture,
    "pending": RefundPending,
    "held": MoneyHeld,
}
STARTING = decision_table("""
                          | authorize | opened   | authorized | declined | give up | capture  | captured | lose capture
authorizing               | again     | event    | event      | event    | event   | no auth  | unasked  | unasked
declined                  | -         | not open | not open   | -        | -       | no auth  | unasked  | unasked
authorization unknown     | -         | not open | event      | -        | -       | no auth  | unasked  | unasked
opened                    | again     | -        | event      | event    | event   | no auth  | unasked  | unasked
declined once opened      | -         | not open | not open   | -        | -       | no auth  | unasked  | unasked
unknown once opened       | -         | not open | event      | -        | -       | no auth  | unasked  | unasked
voiding once opened       | not open  | not open | event      | -        | -       | no auth  | unasked  | unasked
held while voiding        | -         | not open | -          | -        | -       | not open | unasked  | unasked
closed once opened        | not open  | not open | event      | -        | -       | no auth  | unasked  | unasked
waiting                   | not open  | not open | event      | -        | -       | no auth  | unasked  | unasked
waiting, other way chosen | not open  | not open | event      | -        | -       | no auth  | unasked  | unasked
not confirmed             | not open  | not open | event      | event    | -       | no auth  | unasked  | unasked
other way chosen          | other     | not open | event      | -        | -       | no auth  | unasked  | unasked
voiding while waiting     | not open  | not open | event      | -        | -       | no auth  | unasked  | unasked
authorized                | -         | not open | -          | -        | -       | event    | unasked  | unasked
capturing                 | -         | not open | -          | -        | -       | again    | event    | event
capture unknown           | -         | not open | -          | -        | -       | -        | event    | -
captured                  | -         | not open | -          | -        | -       | -        | -        | -
voiding                   | -         | not open | -          | -        | -       | not open | unasked  | unasked
voiding while capturing   | -         | not open | -          | -        | -       | not open | event    | -
captured while voiding    | -         | not open | -          | -        | -       | -        | -        | -
voided                    | -         | not open | -          | -        | -       | not open | unasked  | unasked
voided while capturing    | -         | not open | -          | -        | -       | not open | not open | -
refunding                 | -         | not open | -          | -        | -       | -        | -        | -
refunded                  | -         | not open | -          | -        | -       | -        | -        | -
refunding in part         | -         | not open | -          | -        | -       | -        | -        | -
refunded in part          | -         | not open | -          | -        | -       | -        | -        | -
rest refunded             | -         | not open | -          | -        | -       | -        | -        | -
closed first              | not open  | unasked  | unasked    | unasked  | unasked | no auth  | unasked  | unasked
closed                    | not open  | not open | event      | -        | -       | no auth  | unasked  | unasked
authorized after all      | -         | not open | -          | -        | -       | not open | unasked  | unasked
less authorized           | -         | not open | -          | -        | -       | not open | unasked  | unasked
captured at once          | -         | not open | -          | -        | -       | no auth  | unasked  | unasked
another authorized        | -         | not open | event      | -        | -       | no auth  | unasked  | unasked
less after closing        | -         | not open | -          | -        | -       | not open | unasked  | unasked
less captured             | -         | not open | -          | -        | -       | -        | -        | -
unread capture            | -         | not open | -          | -        | -       | -        | event    | -
captured by a void        | -         | not open | -          | -        | -       | not open | unasked  | unasked
less refunded             | -         | not open | -          | -        | -       | -        | -        | -
unread refund             | -         | not open | -          | -        | -       | -        | -        | -
""")
WAITING_FOR_CUSTOMER = decision_table("""
                          | wait     | end
authorizing               | event    | -
declined                  | -        | -
authorization unknown     | -        | -
opened                    | event    | -
declined once opened      | -        | -
unknown once opened       | -        | -
voiding once opened       | not open | -
held while voiding        | -        | -
closed once opened        | not open | -
waiting                   | -        | event
waiting, other way chosen | -        | event
not confirmed             | not open | -
other way chosen          | not open | -
voiding while waiting     | not open | -
authorized                | -        | -
capturing                 | -        | -
capture unknown           | -        | -
captured                  | -        | -
voiding                   | -        | -
voiding while capturing   | -        | -
captured while voiding    | -        | -
voided                    | -        | -
voided while capturing    | -        | -
refunding                 | -        | -
refunded                  | -        | -
refunding in part         | -        | -
refunded in part          | -        | -
rest refunded             | -        | -
closed first              | unasked  | unasked
closed                    | not open | -
authorized after all      | -        | -
less authorized           | -        | -
captured at once          | -        | -
another authorized        | -        | -
less after closing        | -        | -
less captured             | -        | -
unread capture            | -        | -
captured by a void        | -        | -
less refunded             | -        | -
unread refund             | -        | -
""")
UNDOING = decision_table("""
                          | void     | voided   | refund     | refunded | close
authorizing               | no auth  | unasked  | no capture | unasked  | event
declined                  | no auth  | unasked  | no capture | unasked  | event
authorization unknown     | no auth  | unasked  | no capture | unasked  | event
opened                    | event    | unasked  | no capture | unasked  | held
declined once opened      | event    | unasked  | no capture | unasked  | event
unknown once opened       | event    | unasked  | no capture | unasked  | held
voiding once opened       | again    | closed   | no capture | unasked  | held
held while voiding        | again    | event    | no capture | unasked  | held
closed once opened        | again    | -        | -          | -        | -
waiting                   | event    | unasked  | no capture | unasked  | held
waiting, other way chosen | event    | unasked  | no capture | unasked  | held
not confirmed             | no auth  | unasked  | no capture | unasked  | event
other way chosen          | no auth  | unasked  | no capture | unasked  | event
voiding while waiting     | again    | closed   | no capture | unasked  | held
authorized                | event    | unasked  | no capture | unasked  | held
capturing                 | event    | unasked  | no capture | unasked  | held
capture unknown           | event    | unasked  | no capture | unasked  | held
captured                  | not open | unasked  | event      | unasked  | held
voiding                   | again    | event    | no capture | unasked  | held
voiding while capturing   | again    | event    | no capture | unasked  | held
captured while voiding    | not open | not open | event      | unasked  | held
voided                    | -        | -        | -          | -        | -
voided while capturing    | -        | -        | -          | -        | -
refunding                 | not open | unasked  | again      | event    | held
refunded                  | not open | unasked  | -          | -        | -
refunding in part         | not open | unasked  | pending    | unasked  | held
refunded in part          | not open | unasked  | too much   | unasked  | held
rest refunded             | not open | unasked  | -          | -        | -
closed first              | no auth  | unasked  | -          | -        | -
closed                    | no auth  | unasked  | -          | -        | -
authorized after all      | event    | unasked  | no capture | unasked  | held
less authorized           | event    | unasked  | no capture | unasked  | held
captured at once          | not open | unasked  | event      | unasked  | held
another authorized        | no auth  | unasked  | no capture | unasked  | event
less after closing        | event    | unasked  | no capture | unasked  | held
less captured             | not open | unasked  | too much   | unasked  | held
unread capture            | event    | unasked  | no capture | unasked  | held
captured by a void        | not open | not open | event      | unasked  | held
less refunded             | not open | unasked  | -          | -        | held
unread refund             | not open | unasked  | again      | event    | held
""")
TABLE = STARTING + WAITING_FOR_CUSTOMER + UNDOING


@pytest.mark.parametrize(("past", "command", "cell"), TABLE)
def test_each_command_is_answered_by_what_happened_to_the_money(past: str, command: str, cell: str) -> None:
    decide, event_of_it = COMMANDS[command]
    decided = given(*PAST[past]).when(decide)
    if cell in RULES:
        decided.then_breaks(RULES[cell])
    elif cell == "-":
        decided.then_nothing_new()
    elif cell == "closed":
        decided.then(closed)
    else:
        changed: dict[str, dict[str, object]] = {
            "again": {"attempt": 2},
            "other": {"attempt": 2, "payment_method": "pm_card_other"},
        }
        decided.then(event_of_it.model_copy(update=changed.get(cell, {})))


def test_the_tables_have_every_past_and_every_command() -> None:
    assert {(past, command) for past, command, _ in TABLE} == {(past, command) for past in PAST for command in COMMANDS}
    assert {given.state(*events).status for events in PAST.values()} == set(PaymentStatus)


@pytest.mark.parametrize(
    ("past", "status"),
    [
        ("authorizing", "authorizing"),
        ("declined", "declined"),
        ("authorization unknown", "unknown"),
        ("opened", "authorizing"),
        ("held while voiding", "voiding"),
        ("closed once opened", "closed"),
        ("authorized", "authorized"),
        ("capturing", "capturing"),
        ("capture unknown", "unknown"),
        ("captured", "captured"),
        ("voiding", "voiding"),
        ("captured while voiding", "captured"),
        ("voided", "voided"),
        ("refunding", "refunding"),
        ("refunded", "refunded"),
        ("refunding in part", "refunding"),
        ("refunded in part", "captured"),
        ("rest refunded", "refunded"),
        ("closed first", "closed"),
        ("closed", "closed"),
        ("authorized after all", "authorized"),
        ("less authorized", "differed"),
        ("captured at once", "differed"),
        ("another authorized", "differed"),
        ("less captured", "differed"),
        ("captured by a void", "voiding"),
        ("less refunded", "differed"),
        ("unread refund", "refunding"),
    ],
)
def test_the_last_event_says_where_a_payment_stands(past: str, status: str) -> None:
    assert given.state(*PAST[past]).status == status


@pytest.mark.parametrize(
    ("past", "next_step"),
    [
        ("authorizing", AskProvider(PaymentOperation.AUTHORIZE, AUTHORIZE)),
        ("declined", ClosePayment()),
        ("authorization unknown", AskProvider(PaymentOperation.AUTHORIZE, AUTHORIZE)),
        ("opened", Void("auth-1")),
        ("declined once opened", ClosePayment()),
        ("unknown once opened", Void("auth-1")),
        ("voiding once opened", Void("auth-1")),
        ("held while voiding", Void("auth-1")),
        ("closed once opened", PaymentUndone()),
        ("authorized", Void("auth-1")),
        ("capturing", AskProvider(PaymentOperation.CAPTURE, CAPTURE)),
        ("capture unknown", AskProvider(PaymentOperation.CAPTURE, CAPTURE)),
        ("captured", Refund("auth-1", PRICE)),
        ("voiding", Void("auth-1")),
        ("voiding while capturing", Void("auth-1")),
        ("captured while voiding", Refund("auth-1", PRICE)),
        ("voided", PaymentUndone()),
        ("voided while capturing", PaymentUndone()),
        ("refunding", Refund("auth-1", PRICE)),
        ("refunded", PaymentUndone()),
        ("refunding in part", Refund("auth-1", PRICE)),
        ("refunded in part", Refund("auth-1", euros("15.00"))),
        ("rest refunded", PaymentUndone()),
        ("closed first", PaymentUndone()),
        ("closed", PaymentUndone()),
        ("authorized after all", Void("auth-1")),
        ("less authorized", Void("auth-1")),
        ("captured at once", Refund("auth-1", PRICE)),
        ("another authorized", AskProvider(PaymentOperation.AUTHORIZE, AUTHORIZE)),
        ("less after closing", Void("auth-1")),
        ("less captured", Refund("auth-1", ONE)),
        ("unread capture", AskProvider(PaymentOperation.CAPTURE, CAPTURE)),
        ("captured by a void", Refund("auth-1", PRICE)),
        ("less refunded", Refund("auth-1", euros("19.00"))),
        ("unread refund", Refund("auth-1", PRICE)),
    ],
)
def test_an_undo_is_decided_from_what_became_of_the_payment(past: str, next_step: Undo) -> None:
    assert next_undo_step(given.state(*PAST[past])) == next_step


def test_a_payment_that_was_never_begun_is_undone_by_closing_it() -> None:
    assert next_undo_step(None) == ClosePayment()


def test_a_payment_begins_with_an_attempted_authorization() -> None:
    given().when(decisions.authorize, ORDER, AUTHORIZE, PRICE, "pm_card_ok").then(asked_to_authorize(1))


def test_an_undo_that_comes_first_closes_the_payment() -> None:
    given().when(decisions.close, ORDER, UNDO).then(closed)


@pytest.mark.parametrize("amount", ["0", "-1"])
def test_only_amounts_above_zero_are_moved(amount: str) -> None:
    text = f"{euros(amount)} cannot be moved; an amount is more than zero"
    for decided in (
        given().when(decisions.authorize, ORDER, AUTHORIZE, euros(amount), "pm_card_ok"),
        given(*AUTHORIZED).when(decisions.capture, CAPTURE, euros(amount)),
        given(*CAPTURED).when(decisions.refund, REFUND, euros(amount)),
    ):
        decided.then_breaks(InvalidInput, text, field="amount")


def test_another_request_does_not_authorize_a_payment_again() -> None:
    given(asked_to_authorize(1)).when(decisions.authorize, ORDER, OTHER, PRICE, "pm_card_ok").then_breaks(
        PaymentNotOpen
    )


@pytest.mark.parametrize("past", ["capturing", "capture unknown", "captured", "voiding while capturing", "refunded"])
def test_a_payment_is_captured_at_most_once(past: str) -> None:
    given(*PAST[past]).when(decisions.capture, OTHER, PRICE).then_breaks(
        SecondCapture, f"the payment of order {ORDER} has its one capture already"
    )


def test_no_more_is_captured_than_was_authorized() -> None:
    given(*AUTHORIZED).when(decisions.capture, CAPTURE, euros("20.01")).then_breaks(
        CaptureExceedsAuthorization, "20.01 EUR cannot be captured: 20.00 EUR is authorised; capture that or less"
    )


def test_less_may_be_captured_than_was_authorized() -> None:
    given(*AUTHORIZED).when(decisions.capture, CAPTURE, euros("19.99")).then(
        event(CaptureAttempted, order_id=ORDER, request_id=CAPTURE, attempt=1, amount=euros("19.99"))
    )


def test_no_more_is_refunded_than_is_left_of_what_was_captured() -> None:
    given(*REFUNDED_IN_PART).when(decisions.refund, UNDO, euros("15.01")).then_breaks(
        RefundExceedsCapture,
        "15.01 EUR cannot be refunded: 15.00 EUR is left of what was captured; refund that or less",
    )


def test_all_that_is_left_can_be_refunded() -> None:
    given(*REFUNDED_IN_PART).when(decisions.refund, UNDO, euros("15.00")).then(asked_to_refund(1, "15.00"))


def test_a_part_refund_adds_to_those_before() -> None:
    payment = given.state(
        *REFUNDED_IN_PART,
        asked_to_refund(1, "4.00"),
        event(PaymentRefunded, order_id=ORDER, request_id=UNDO, amount=euros("4.00")),
    )
    assert (payment.refunded, payment.remaining, payment.status) == (
        euros("9.00"),
        euros("11.00"),
        PaymentStatus.CAPTURED,
    )


@pytest.mark.parametrize(
    ("past", "request_id", "decide"),
    [
        (
            "authorizing",
            AUTHORIZE,
            lambda it: decisions.authorize(it, ORDER, AUTHORIZE, euros("1"), "pm_card_ok"),
        ),
        ("capturing", CAPTURE, lambda it: decisions.capture(it, CAPTURE, euros("1"))),
        ("refunding", UNDO, lambda it: decisions.refund(it, UNDO, euros("1"))),
    ],
)
def test_a_request_keeps_its_amount_through_all_attempts(past: str, request_id: UUID, decide: Command) -> None:
    given(*PAST[past]).when(decide).then_breaks(
        AmountChanged, f"request {request_id} was attempted with 20.00 EUR, not 1.00 EUR; make it a request of its own"
    )


def test_a_further_refund_is_attempted_for_the_first_time() -> None:
    given(*REFUNDED_IN_PART).when(decisions.refund, OTHER, euros("1.00")).then(asked_to_refund(1, "1.00", OTHER))


@pytest.mark.parametrize(
    "decide",
    [
        lambda it: decisions.authorized(it, OTHER, "auth-1"),
        lambda it: decisions.declined(it, OTHER, "no funds"),
        lambda it: decisions.unknown(it, OTHER),
        lambda it: decisions.captured(it, OTHER),
        lambda it: decisions.voided(it, OTHER),
        lambda it: decisions.refunded(it, OTHER),
    ],
)
@pytest.mark.parametrize("past", ["authorizing", "capturing", "voiding while capturing", "refunding"])
def test_an_outcome_belongs_to_the_request_that_was_attempted(past: str, decide: Command) -> None:
    given(*PAST[past]).when(decide).then_breaks(PaymentNotAttempted)


def test_the_outcome_of_a_capture_says_how_often_it_was_attempted() -> None:
    given(*AUTHORIZED, asked_to_capture(1), asked_to_capture(2)).when(decisions.unknown, CAPTURE).then(
        capture_unknown.model_copy(update={"attempts": 2})
    )


def test_a_call_without_an_answer_is_noted_for_the_last_attempt_of_its_request_and_changes_nothing() -> None:
    past = [*AUTHORIZED, asked_to_capture(1), asked_to_capture(2)]
    noted = event(PaymentCallUnanswered, order_id=ORDER, request_id=CAPTURE, attempt=2, detail="silence")
    given(*past).when(call_unanswered, PaymentCallUnanswered, PaymentOperation.CAPTURE, CAPTURE, "silence").then(noted)
    assert given.state(*past, noted) == replace(given.state(*past), version=len(past) + 1)


@pytest.mark.parametrize("past", ["captured", "capture unknown", "authorized", "closed first"])
def test_a_call_without_an_answer_is_not_noted_after_the_outcome_nor_without_an_attempt(past: str) -> None:
    given(*PAST[past]).when(
        call_unanswered, PaymentCallUnanswered, PaymentOperation.CAPTURE, CAPTURE, "silence"
    ).then_nothing_new()


def test_a_void_and_a_refund_of_one_undo_are_counted_apart() -> None:
    given(*PAST["captured while voiding"]).when(decisions.refund, UNDO, PRICE).then(asked_to_refund(1))


@pytest.mark.parametrize(
    ("past", "command", "text"),
    [
        ("closed", "authorize", f"the payment of order {ORDER} is closed; an authorisation is not possible any more"),
        ("declined", "authorized", f"the payment of order {ORDER} is declined; an authorisation is not possible any"),
        ("voided", "capture", f"the payment of order {ORDER} is voided; a capture is not possible any more"),
        ("voided while capturing", "captured", f"the payment of order {ORDER} is voided; a capture is not possible"),
        ("declined", "capture", f"the payment of order {ORDER} is declined; a capture needs a known authorisation"),
        ("authorizing", "void", f"the payment of order {ORDER} is authorizing; a void needs a known authorisation"),
        ("captured", "void", f"the payment of order {ORDER} is captured; a void is not possible any more"),
        ("captured while voiding", "voided", f"the payment of order {ORDER} is captured; a void is not possible any"),
        ("authorized", "refund", f"nothing was captured for order {ORDER}, so nothing can be refunded"),
        ("refunding in part", "refund", f"another refund of order {ORDER} has no outcome yet; try again when it has"),
        ("authorized", "captured", f"request {CAPTURE} to capture was never attempted; record the attempt before"),
        ("captured", "close", f"the payment of order {ORDER} is captured; void or refund it instead of closing it"),
    ],
)
def test_a_rejection_says_what_is_in_the_way(past: str, command: str, text: str) -> None:
    with pytest.raises(CommerceError) as caught:
        COMMANDS[command][0](given.state(*PAST[past]))
    assert str(caught.value).startswith(text)


def test_an_authorized_payment_knows_where_the_money_is() -> None:
    payment = given.state(*AUTHORIZED)
    assert (payment.order_id, payment.authorization_id) == (ORDER, "auth-1")
    assert (payment.authorized, payment.captured, payment.refunded, payment.remaining) == (PRICE, None, None, None)


def test_a_captured_payment_can_be_refunded_in_full() -> None:
    payment = given.state(*CAPTURED)
    assert (payment.captured, payment.refunded, payment.remaining) == (PRICE, None, PRICE)


def test_a_consumer_sees_how_often_it_tried_and_whether_there_is_an_outcome() -> None:
    trying = given.state(asked_to_authorize(1), asked_to_authorize(2))
    assert trying.attempts(PaymentOperation.AUTHORIZE, AUTHORIZE) == 2
    assert trying.attempts(PaymentOperation.AUTHORIZE, OTHER) == 0
    assert trying.attempts(PaymentOperation.CAPTURE, AUTHORIZE) == 0
    assert trying.answered == frozenset()
    assert given.state(*CAPTURED).answered == {AUTHORIZE, CAPTURE}
    assert given.state(*PAST["declined"]).answered == {AUTHORIZE}
    assert given.state(*PAST["voided"]).answered == {AUTHORIZE, UNDO}


def test_a_closed_payment_names_the_undo_that_closed_it() -> None:
    assert given.state(closed).closed_by == UNDO
    assert given.state(closed).answered == {UNDO}


def test_money_found_after_the_closing_leaves_the_undo_without_its_outcome_again() -> None:
    payment = given.state(*PAST["authorized after all"])
    assert (payment.closed_by, payment.answered) == (UNDO, frozenset({AUTHORIZE}))


every_event = st.sampled_from([one for events in PAST.values() for one in events])


@for_all(st.lists(every_event, max_size=10))
def test_applying_events_never_fails_whatever_their_order(events: list[PaymentEvent]) -> None:
    payment = given(*events).state
    if payment is not None:
        assert payment.version == len(events)


def test_a_event_of_another_kind_changes_nothing_but_the_version() -> None:
    payment = given.state(closed)
    [foreign] = placed_in(PAYMENT, [event(SomethingElse)], after=1)
    assert evolve(payment, foreign) == replace(payment, version=2)
    assert evolve(None, foreign) is None


def test_folding_goes_on_from_a_state() -> None:
    assert given.state(*AUTHORIZED) == fold(
        placed_in(PAYMENT, [authorized], after=1), given.state(asked_to_authorize(1))
    )


def test_an_answer_that_differs_is_put_on_record_once() -> None:
    given(asked_to_authorize(1)).when(decisions.answer_differed, held_less).then(held_less)
    given(asked_to_authorize(1), held_less).when(decisions.answer_differed, held_less).then_nothing_new()


@pytest.mark.parametrize(
    ("past", "operation", "request_id"),
    [
        ("authorized", "authorize", AUTHORIZE),
        ("declined", "authorize", AUTHORIZE),
        ("captured", "capture", CAPTURE),
        ("voided while capturing", "capture", CAPTURE),
        ("voided", "void", UNDO),
        ("refunded", "refund", UNDO),
        ("less refunded", "refund", UNDO),
    ],
)
def test_an_answer_that_differs_does_not_change_what_is_known(past: str, operation: str, request_id: UUID) -> None:
    found = differed(operation, request_id, "captured", ONE, "auth-2")
    given(*PAST[past]).when(decisions.answer_differed, found).then_nothing_new()


def test_an_answer_to_what_was_never_asked_is_not_put_on_record() -> None:
    never_asked = differed("authorize", OTHER, "authorized", ONE, "auth-1")
    given(*AUTHORIZED).when(decisions.answer_differed, never_asked).then_breaks(PaymentNotAttempted)


@pytest.mark.parametrize(
    ("past", "sums"),
    [
        ("less authorized", (ONE, None, None)),
        ("captured at once", (None, PRICE, None)),
        ("another authorized", (None, None, None)),
        ("less captured", (PRICE, ONE, None)),
        ("unread capture", (PRICE, None, None)),
        ("less refunded", (PRICE, PRICE, ONE)),
        ("unread refund", (PRICE, PRICE, None)),
    ],
)
def test_the_money_of_a_payment_is_what_the_provider_moved(past: str, sums: tuple[Money | None, ...]) -> None:
    payment = given.state(*PAST[past])
    assert (payment.authorized, payment.captured, payment.refunded) == sums


def test_money_given_back_in_another_currency_is_no_part_of_what_was_taken() -> None:
    dollars = differed("refund", UNDO, "refunded", Money.of("20.00", "USD"))
    payment = given.state(*CAPTURED, asked_to_refund(1), dollars)
    assert (payment.status, payment.refunded, payment.remaining) == ("differed", Money.of("20.00", "USD"), PRICE)
