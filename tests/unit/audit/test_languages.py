"""Events are told in another language with the same values, and in English as ever to who does not ask."""

from __future__ import annotations

import re
from string import Formatter

import pytest

from commerce.audit.coded_words import is_coded
from commerce.audit.filled_sentences import filled_sentence
from commerce.audit.implied_words import told_intervention
from commerce.audit.languages import ENGLISH, LANGUAGES, language_named
from commerce.audit.told_values import told_value
from commerce.eventstore import Event
from commerce.inventory.events import ReservationRejected, Shortage
from commerce.ordering.events import OrderLine, OrderPlaced, OrderRejected
from commerce.payments.events import PaymentAuthorized, PaymentDeclined
from commerce.saga.events import DeadlineSet
from commerce.saga.step_events import StepFailed
from commerce.values.money import Money
from tests.unit.audit.examples import ONE, every_kind, example

GERMAN = language_named("de")
LINE = OrderLine(sku="CUP", name="Cup", quantity=2, unit_price=Money.of("9.90", "EUR"))
SHORTAGE = Shortage(sku="CUP", requested=2, available=1)


def fields(sentence: str) -> set[str]:
    """What a sentence has places for."""
    return {f"{name}:{form}" for _, name, form, _ in Formatter().parse(sentence) if name is not None}


@pytest.mark.parametrize("kind", every_kind(), ids=lambda kind: kind.TOPIC)
def test_every_event_is_told_in_german_with_the_same_fields(kind: type[Event]) -> None:
    german = GERMAN.text(kind.SENTENCE)
    assert german != kind.SENTENCE
    assert fields(german) == fields(kind.SENTENCE)
    text = filled_sentence(example(kind), "operator:anna", language=GERMAN)
    assert len(text) > 10
    assert not re.search(r"[{}<]|object at|\(\)|None", text)


def told(kind: type[Event], actor: str = "operator:anna", position: int | None = None, **changed: object) -> str:
    """What is said of an event in German."""
    return filled_sentence(example(kind).model_copy(update=changed), actor, position, GERMAN)


def test_what_an_event_implies_and_the_codes_that_it_has_are_german_too() -> None:
    placed = told(OrderPlaced, position=1, customer_id=None, lines=(LINE,) * 7)
    assert placed.startswith("Betreiber anna hat die Bestellung ")
    assert "für einen Gast aufgegeben: 2 × CUP zu 9.90 EUR, " in placed
    assert " und 2 weitere; zusammen 9.90 EUR, zu zahlen mit word" in placed
    assert "für sich selbst" in told(OrderPlaced, f"customer:{ONE}", customer_id=ONE)
    assert told(OrderRejected, reason="out_of_stock") == "Die Bestellung ist abgelehnt: nicht vorrätig"
    assert told(PaymentDeclined, decline_reason="card_velocity").endswith(": card_velocity")
    assert told(DeadlineSet, name="hold").startswith("Frist gesetzt: reserviertes Geld, fällig 2026-11-23 10:15:00 UTC")
    assert told(StepFailed, step="stock", reason="timed_out", outcome_known=False) == (
        "Schritt gescheitert: Bestand (dauerte zu lange); ob es geschehen ist, ist nicht bekannt"
    )
    assert told(ReservationRejected, shortages=(SHORTAGE,)).endswith(": 2 × CUP verlangt, 1 da")
    assert "; gültig bis 2026-11-23" in told(PaymentAuthorized)
    assert told_intervention("retry", ("void", "refund"), GERMAN) == (
        "um nochmals zu bitten um die Freigabe der Zahlung und die Erstattung des Geldes"
    )


def test_in_english_a_value_says_what_it_says_of_itself() -> None:
    for value in (LINE, SHORTAGE, Money.of("9.90", "EUR"), ONE):
        assert told_value(value, ENGLISH) == str(value)


def test_only_codes_are_words() -> None:
    rejected = example(OrderRejected)
    assert is_coded(rejected, "reason", "out_of_stock")
    assert not is_coded(rejected, "sku", "stock")


def test_what_a_language_has_no_words_for_is_told_in_english() -> None:
    assert [language_named(code).text("A new sentence") for code in LANGUAGES] == ["A new sentence"] * 2
