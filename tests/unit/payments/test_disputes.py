"""What is new in what the provider tells of disputes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from commerce.eventstore import Event
from commerce.payments.disputes import Dispute, Disputes, disputes_after, disputes_told
from commerce.payments.events import PaymentDisputeClosed, PaymentDisputed
from commerce.values.money import Money

ORDER = UUID(int=1)
BY = datetime(2026, 12, 10, tzinfo=UTC)
OPEN = Dispute("dp_1", "open", Money.of("5.00", "EUR"), "fraudulent", BY)
LOST = replace(OPEN, status="lost")


def told(known: Disputes, *found: Dispute) -> tuple[list[type[Event]], Disputes]:
    events = disputes_told(ORDER, "auth_1", known, found)
    for event in events:
        known = disputes_after(known, event)
    return [type(event) for event in events], known


def test_a_dispute_is_told_once_and_its_end_once() -> None:
    kinds, known = told({}, OPEN)
    assert (kinds, known) == ([PaymentDisputed], {"dp_1": OPEN})
    assert told(known, OPEN) == ([], known)
    kinds, known = told(known, LOST)
    assert (kinds, known) == ([PaymentDisputeClosed], {"dp_1": LOST})
    assert told(known, LOST) == ([], known)


def test_one_that_is_over_when_it_is_first_heard_of_is_both() -> None:
    assert told({}, LOST) == ([PaymentDisputed, PaymentDisputeClosed], {"dp_1": LOST})


def test_one_that_is_over_is_never_open_again() -> None:
    assert told({"dp_1": LOST}, OPEN, replace(OPEN, status="won")) == ([], {"dp_1": LOST})


def test_a_later_date_or_another_amount_is_told_again() -> None:
    later = replace(OPEN, answer_by=BY + timedelta(days=7))
    assert told({"dp_1": OPEN}, later) == ([PaymentDisputed], {"dp_1": later})
    more = replace(OPEN, amount=Money.of("9.00", "EUR"))
    assert told({"dp_1": OPEN}, replace(more, status="won"))[0] == [PaymentDisputed, PaymentDisputeClosed]


def test_several_about_one_payment_stand_side_by_side() -> None:
    other = replace(OPEN, dispute_id="dp_2")
    kinds, known = told({"dp_1": OPEN}, LOST, other)
    assert kinds == [PaymentDisputeClosed, PaymentDisputed]
    assert known == {"dp_1": LOST, "dp_2": other}
