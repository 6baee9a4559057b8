"""Why an order is where it is, in one sentence."""

from __future__ import annotations

import pytest

from commerce.eventstore import Event
from commerce.saga.description import why_here
from tests.unit.saga.inputs import (
    AUTHORIZATION_UNKNOWN,
    AUTHORIZED,
    CANCELLATION_REQUESTED,
    CLOSED_BY_VOID,
    CONFIRMED,
    DECLINED,
    DELIVERED,
    DISPATCHED,
    RELEASED,
    RESERVED,
    SHORT,
    placed,
    put_off,
)
from tests.unit.saga.scenario import given

GIVEN_UP = (placed(), RESERVED, AUTHORIZATION_UNKNOWN, CLOSED_BY_VOID)
UNANSWERED = "; there is no answer yet to the request for "


@pytest.mark.parametrize(
    ("past", "why"),
    [
        ((placed(),), f"it is on its way{UNANSWERED}the stock to be reserved"),
        (
            (placed(), RESERVED, put_off("authorize", "credential_refused")),
            f"it is on its way{UNANSWERED}the payment to be authorised (the payment provider says no)",
        ),
        (
            (placed(), RESERVED, DECLINED),
            f"it is to end rejected (payment_declined), undone first{UNANSWERED}the stock to be released",
        ),
        (
            (placed(), CANCELLATION_REQUESTED),
            f"it is to end cancelled, undone first{UNANSWERED}the stock to be released",
        ),
        ((placed(), SHORT), "everything is undone; the order ended rejected (out_of_stock)"),
        (
            (*GIVEN_UP, AUTHORIZED),
            f"it is to end rejected (payment_unavailable), undone first{UNANSWERED}the payment to be let go that was"
            " authorised late and the stock to be released",
        ),
        (
            (*GIVEN_UP, RELEASED, AUTHORIZED),
            f"everything is undone; the order ended rejected (payment_unavailable){UNANSWERED}the payment to be let go"
            " that was authorised late",
        ),
        (CONFIRMED, "every step is done, and nobody has said yet that the shipment left"),
        ((*CONFIRMED, DISPATCHED), "the shipment left, and nobody has said yet that it arrived"),
        ((*CONFIRMED, DISPATCHED, DELIVERED), "the shipment arrived"),
    ],
)
def test_why_an_order_is_where_it_is(past: tuple[Event, ...], why: str) -> None:
    assert why_here(given(*past).process_now) == why
