"""What the code remarks in English is told in German by its form, and a party's own words stay as they are."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import replace
from string import Formatter

import pytest

from commerce.audit import remarks
from commerce.audit.filled_sentences import filled_sentence
from commerce.audit.languages import ENGLISH, language_named
from commerce.audit.personal_data import SEALED, Opened, Withheld
from commerce.audit.remarks import PHRASES, told_remark
from commerce.payments.ledger import payment_without_order
from commerce.payments.ports import PaymentAtProvider
from commerce.saga.case_events import CaseNoted, CaseOpened
from commerce.saga.description import waiting_for, why_here
from commerce.saga.interventions import GIVEN_UP
from commerce.saga.process import Process, Stage
from commerce.values.money import Money
from tests.unit.audit.examples import ONE, example
from tests.unit.saga.histories.shape import PEOPLE, RECORDED, read_recording

GERMAN = language_named("de")
DETAIL = re.compile(r'\\?"detail\\?": ?\\?"([^"\\]+)')


@pytest.mark.parametrize("phrase", PHRASES)
def test_a_remark_of_every_form_is_told_in_german_by_that_form(phrase: str) -> None:
    values = {name: f"X{number}" for number, (_, name, _, _) in enumerate(Formatter().parse(phrase)) if name}
    remark = phrase.format(**values)
    german = told_remark(remark, GERMAN)
    assert [value for value in values.values() if value not in german] == []
    assert german != remark or phrase in PHRASES[-3:]
    assert told_remark(remark, ENGLISH) == remark


@pytest.mark.parametrize(
    ("remark", "german"),
    [
        (
            "the order waits: the payment provider rejects our API key (401)",
            "Die Bestellung wartet: der Zahlungsdienst lehnt unseren API-Schlüssel ab (401)",
        ),
        (
            "the payment provider set 9.90 EUR aside for order X instead of 8.90 EUR for order Y",
            "Der Zahlungsdienst antwortete anders als verlangt: 9.90 EUR reserviert für die Bestellung X statt 8.90 EUR"
            " für die Bestellung Y",
        ),
        (
            "the request to late void has no outcome yet (Stripe gave no answer in time); it goes on being tried",
            "Die Anfrage „verspätete Freigabe des Geldes“ hat noch kein Ergebnis (Stripe hat nicht rechtzeitig"
            " geantwortet); sie wird weiter versucht",
        ),
        (
            "payment provider: authorisation a1: 5.00 EUR at the payment provider, 6.00 EUR on record; the payment"
            " provider took 5.00 EUR, 6.00 EUR on record",
            "Zahlungsdienst: Autorisierung a1: 5.00 EUR beim Zahlungsdienst, 6.00 EUR bei uns; der Zahlungsdienst hat"
            " 5.00 EUR eingezogen, 6.00 EUR sind bei uns verzeichnet",
        ),
        (
            "it is on its way; there is no answer yet to the request for the money to be taken",
            "Sie ist in Arbeit; noch gibt es keine Antwort auf die Bitte um den Einzug des Geldes",
        ),
        ("we closed at noon and went home", "we closed at noon and went home"),
    ],
)
def test_what_a_remark_has_in_it_is_told_too(remark: str, german: str) -> None:
    assert told_remark(remark, GERMAN) == german


def test_what_the_code_remarks_has_one_of_these_forms() -> None:
    five, nothing = Money.of("5.00", "EUR"), Money.zero("EUR")
    for sums in ((five, nothing, nothing), (five, five, five)):
        found = PaymentAtProvider("a1", None, *sums)
        difference = payment_without_order(found)
        assert difference
        german = told_remark(difference.detail, GERMAN)
        assert german.startswith("Autorisierung a1: der Zahlungsdienst hält 5.00 EUR")
        assert german.endswith(", und das gehört zu keiner Bestellung von uns")
    begun = Process(ONE, 1, ONE, five, "pm_card_ok", (), completion=GIVEN_UP)
    for stage in Stage:
        process = replace(begun, stage=stage)
        awaited = waiting_for(process)
        for remark in (why_here(process), *((awaited.what, awaited.next) if awaited else ())):
            assert told_remark(remark, GERMAN) != remark, remark


def test_what_any_release_recorded_has_one_of_these_forms() -> None:
    recorded = set[str]()
    for file in (RECORDED, PEOPLE):
        recorded |= set(DETAIL.findall(json.dumps(read_recording(file)["decisions"])))
    assert len(recorded) > 30
    untold = {detail for detail in recorded if told_remark(detail, GERMAN) == detail}
    assert untold == {"it says no", "the provider: credential_refused", "the provider: undo_refused"}, "a party's own"


def test_a_party_that_writes_like_the_code_costs_no_more_than_the_code(monkeypatch: pytest.MonkeyPatch) -> None:
    tried = Counter[str]()

    def counted(phrase: str) -> re.Pattern[str]:
        tried[phrase] += 1
        return form(phrase)

    form = remarks._form
    monkeypatch.setattr(remarks, "_form", counted)
    for said in ("a: b; c and d: e; f and g: h; i and j", "x; " * 300, "the carrier x instead of " * 40):
        tried.clear()
        told_remark(said, GERMAN)
        assert tried.total() <= remarks._MOST_PARTS * len(PHRASES)


def test_remarks_in_sentences_are_german_and_what_a_person_wrote_is_not_touched() -> None:
    case = example(CaseOpened).model_copy(update={"detail": "the order waits: the carrier cannot be reached"})
    assert filled_sentence(case, "service:saga", language=GERMAN) == (
        "Ein Mensch muss entscheiden: Die Bestellung wartet: der Paketdienst ist nicht zu erreichen"
    )
    erased = Withheld("erased by operator:anna at 2026-11-30T10:15:00Z")
    for note, told in (
        (Opened("the money"), "the money"),
        (Opened("sealed"), "sealed"),
        (Opened(str(erased)), str(erased)),
        (SEALED, "versiegelt"),
        (erased, "gelöscht von operator:anna am 2026-11-30T10:15:00Z"),
    ):
        noted = example(CaseNoted).model_copy(update={"note": note})
        assert (
            filled_sentence(noted, "operator:anna", language=GERMAN) == f"Betreiber anna hat zum Fall notiert: {told}"
        )
