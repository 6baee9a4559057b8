"""What the payment provider says of disputes by our protocol, read strictly."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from commerce.payments.disputes import Dispute
from commerce.values.money import Money
from workers.gateways.http_provider_answers import authorization_state

DISPUTE = {
    "dispute_id": "dp_1",
    "status": "open",
    "amount": "19.99",
    "currency": "EUR",
    "reason": "fraudulent",
    "answer_by": "2026-12-10T12:00:00+02:00",
}
SHOWN = {
    "authorization_id": "auth_1",
    "order_id": "o",
    "status": "captured",
    "currency": "EUR",
    "amount": "19.99",
    "captured": "19.99",
    "refunded": "0.00",
}


def told(*disputes: object) -> tuple[Dispute, ...] | None:
    found = authorization_state({**SHOWN, "disputes": [*disputes]})
    return None if found is None else found.disputes


def test_a_dispute_is_read_as_it_is() -> None:
    price, by = Money.of("19.99", "EUR"), datetime(2026, 12, 10, 10, tzinfo=UTC)
    won = {"dispute_id": "dp_2", "status": "won", "amount": 19.99, "currency": "eur", "reason": "It was not me."}
    won["amount"] = "19.99"
    assert told(DISPUTE, won) == (
        Dispute("dp_1", "open", price, "fraudulent", by),
        Dispute("dp_2", "won", price, "unknown", None),
    )


def test_an_authorisation_that_names_no_disputes_has_none() -> None:
    found = authorization_state(SHOWN)
    assert found is not None
    assert found.disputes == ()


@pytest.mark.parametrize(
    "changed",
    [
        {"dispute_id": None},
        {"dispute_id": "a\nb"},
        {"status": "closed"},
        {"status": ["open"]},
        {"amount": "much"},
        {"currency": None},
        {"answer_by": "soon"},
        {"answer_by": "2026-12-10T12:00:00"},
        {"answer_by": "0001-01-01T00:00:00+14:00"},
        {"answer_by": 1},
    ],
)
def test_one_that_cannot_be_read_makes_the_answer_none(changed: dict[str, Any]) -> None:
    assert told({**DISPUTE, **changed}) is None


def test_what_is_no_list_of_a_few_disputes_makes_the_answer_none() -> None:
    assert told("dp_1") is None
    assert told(*[DISPUTE] * 21) is None
    assert authorization_state({**SHOWN, "disputes": {}}) is None
