"""Whether what the provider says of an authorisation follows from what is on record."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from commerce.eventstore import Event, in_stream
from commerce.payments import payment as payments
from commerce.payments.events import (
    AuthorizationAttempted,
    AuthorizationOpened,
    CaptureAttempted,
    PaymentAuthorized,
    PaymentCaptured,
    PaymentRefunded,
    PaymentVoided,
    RefundAttempted,
    VoidAttempted,
)
from commerce.payments.payment import Payment
from commerce.payments.ports import PaymentAtProvider
from commerce.payments.webhook import unexplained
from commerce.values import ids
from commerce.values.money import Money

ORDER = UUID(int=1)
REQUEST: dict[str, Any] = {"order_id": ORDER, "request_id": UUID(int=2)}
TEN, FOUR, NOTHING = (Money.of(amount, "EUR") for amount in ("10.00", "4.00", "0.00"))
ATTEMPTED = AuthorizationAttempted(**REQUEST, attempt=1, amount=TEN, payment_method="pm")
AUTHORIZED = PaymentAuthorized(**REQUEST, authorization_id="auth_1", amount=TEN)
TAKEN = (CaptureAttempted(**REQUEST, attempt=1, amount=TEN), PaymentCaptured(**REQUEST, amount=TEN))
LET_GO = (VoidAttempted(**REQUEST, attempt=1), PaymentVoided(**REQUEST))
GIVEN_BACK = (RefundAttempted(**REQUEST, attempt=1, amount=FOUR), PaymentRefunded(**REQUEST, amount=FOUR))


def payment(*events: Event) -> Payment:
    state = payments.fold(in_stream([ATTEMPTED, *events], ids.payment_id(ORDER), after=0))
    assert state is not None
    return state


def says(held: Money = NOTHING, captured: Money = NOTHING, refunded: Money = NOTHING) -> PaymentAtProvider:
    return PaymentAtProvider("auth_1", str(ORDER), held, captured, refunded)


@pytest.mark.parametrize(
    ("events", "found"),
    [
        ([AUTHORIZED], says(held=TEN)),
        ([AUTHORIZED, *TAKEN], says(captured=TEN)),
        ([AUTHORIZED, *TAKEN, *GIVEN_BACK], says(captured=TEN, refunded=FOUR)),
        ([AUTHORIZED, *LET_GO], says()),
        ([AUTHORIZED, *TAKEN], None),
    ],
)
def test_what_agrees_with_the_record_is_explained(events: list[Event], found: PaymentAtProvider | None) -> None:
    assert unexplained(payment(*events), "auth_1", found) is None


@pytest.mark.parametrize(
    ("events", "found", "told"),
    [
        ([AUTHORIZED], says(), "0.00 EUR is held under auth_1, and 10.00 EUR is on record"),
        ([AUTHORIZED], says(captured=TEN), "0.00 EUR is held"),
        ([AUTHORIZED, *LET_GO], says(held=TEN), "10.00 EUR is held"),
        ([AUTHORIZED, *LET_GO], says(captured=TEN), "10.00 EUR is taken"),
        ([AUTHORIZED, *TAKEN], says(captured=FOUR), "4.00 EUR is taken under auth_1, and 10.00 EUR is on record"),
        ([AUTHORIZED, *TAKEN], says(captured=TEN, refunded=FOUR), "4.00 EUR is given back"),
        ([AUTHORIZED, *TAKEN, *GIVEN_BACK], says(captured=TEN), "0.00 EUR is given back"),
    ],
)
def test_what_differs_from_the_record_is_told(events: list[Event], found: PaymentAtProvider, told: str) -> None:
    said = unexplained(payment(*events), "auth_1", found)
    assert said is not None
    assert told in said


def test_another_authorisation_is_explained_only_if_it_never_moved_money() -> None:
    known = payment(AuthorizationOpened(**REQUEST, authorization_id="auth_1"))
    other = PaymentAtProvider("auth_2", str(ORDER), NOTHING, NOTHING, NOTHING)
    assert unexplained(known, "auth_1", says()) is None
    assert unexplained(known, "auth_2", other) is None
    for found in (None, PaymentAtProvider("auth_2", None, TEN, NOTHING, NOTHING)):
        assert unexplained(known, "auth_2", found) == "it tells of the authorisation auth_2, which nobody asked it for"
