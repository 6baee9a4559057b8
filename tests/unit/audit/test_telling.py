"""Every event is told in plain words, every kind of stream can be rebuilt, and personal data is seen by nobody by
chance."""

from __future__ import annotations

import re

import pytest

from commerce.audit.data import data_of
from commerce.audit.filled_sentences import filled_sentence
from commerce.audit.items import items_of
from commerce.audit.personal_data import opened, sealed_fields
from commerce.events import EVENTS, STREAM_KINDS
from commerce.eventstore import Event
from commerce.inventory.events import ReservationRejected, Shortage, StockAdjusted, StockReceived
from commerce.ordering.events import OrderCancellationRequested, OrderLine, OrderPlaced
from commerce.ordering.order import Order
from commerce.payments.events import PaymentAnswerDiffered
from commerce.saga.step_events import StepFailed
from commerce.shipping.events import ShipmentAnswerDiffered, ShipmentScheduled
from commerce.values.money import Money
from tests.unit.audit.examples import ONE, every_kind, example

ALL = every_kind()


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.TOPIC)
def test_every_event_is_told(kind: type[Event]) -> None:
    text = filled_sentence(example(kind), "operator:anna")
    assert len(text) > 10
    assert not re.search(r"[{}<]|object at|\(\)|None", text)


def test_every_event_belongs_to_one_kind_of_stream() -> None:
    told = [event.TOPIC for kind in STREAM_KINDS for event in kind.events]
    assert sorted(told) == sorted(kind.TOPIC for kind in ALL)
    assert set(told) == set(EVENTS)


def told(kind: type[Event], actor: str = "operator:anna", **fields: object) -> str:
    """What is said of an event."""
    return filled_sentence(example(kind).model_copy(update=fields), actor)


def test_whose_hand_it_was_is_said() -> None:
    assert told(StockAdjusted, quantity=-2, sku="CUP", reason="broken") == (
        "operator anna corrected the count of CUP by -2: broken"
    )
    assert told(OrderPlaced, customer_id=None).startswith(
        "operator anna placed an order for a guest: 7 × word at 9.90 EUR"
    )
    assert "for themselves" in told(OrderPlaced, f"customer:{ONE}", customer_id=ONE)
    assert f"for customer {ONE}" in told(OrderPlaced, customer_id=ONE)


def test_what_is_missing_and_what_is_not_known_is_said() -> None:
    shortages = (Shortage(sku="CUP", requested=2, available=1),)
    assert told(ReservationRejected, shortages=shortages).endswith("2 × CUP wanted, 1 there")
    assert told(StepFailed, outcome_known=False).endswith("whether it was done is not known")
    assert told(StepFailed, outcome_known=True).endswith("(word)")


def test_what_a_party_did_instead_is_said() -> None:
    assert told(PaymentAnswerDiffered, answered="took 1.00 EUR", asked="89.00 EUR") == (
        "The payment provider took 1.00 EUR instead of 89.00 EUR"
    )
    assert told(ShipmentAnswerDiffered, answered="booked a shipment to AQ", asked="a shipment") == (
        "The carrier booked a shipment to AQ instead of a shipment"
    )


def test_what_older_logs_hold_is_told_on_one_line_and_turns_nothing() -> None:
    text = told(ShipmentScheduled, carrier="Swift\x1b[31m\n", tracking_number="T\x00\u202e" + "x" * 9_000)
    assert text.startswith("Swift [31m  takes the shipment: tracking number T xxx")
    assert text.isprintable()
    assert len(text) == 4_000


def test_of_many_lines_the_first_are_told() -> None:
    line = OrderLine(sku="CUP", name="Cup", quantity=1, unit_price=Money.of("9.90", "EUR"))
    assert "and 995 more;" in told(OrderPlaced, lines=(line,) * 1000)


def test_personal_data_is_found_by_its_type() -> None:
    assert sealed_fields(OrderPlaced) == ("shipping_address", "email", "phone", "reference")
    assert sealed_fields(Order) == ("shipping_address", "email", "phone", "reference", "cancellation_reason")
    assert sealed_fields(StockAdjusted) == ("reason",)
    assert sealed_fields(StockReceived) == ()


async def test_without_keys_personal_data_stays_sealed() -> None:
    (placed, asked) = await opened(None, [example(OrderPlaced), example(OrderCancellationRequested)])
    assert data_of(placed)["shipping_address"] == "sealed"
    assert filled_sentence(asked, "customer:x").endswith("cancelled: sealed")
    assert await items_of(None, []) == []
