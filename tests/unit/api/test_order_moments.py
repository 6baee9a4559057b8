"""The moments of an order, and what changed between two of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import is_dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar, get_args, get_origin, get_type_hints

import pytest

from api.console.order_moments import (
    BOOKKEEPING,
    FieldChange,
    changes_between,
    events_of,
    moment_at,
    moments_of,
    state_fields,
)
from api.pages.cells import Amount, Cell, Word
from api.pages.field_words import FIELD_WORDS, path_words
from api.pages.languages import language_of
from api.pages.renderer import environment_of
from api.schemas.order_requests import Address
from commerce.events import STREAM_KINDS, StreamKind
from commerce.values.money import Money
from commerce.values.value import Value


def event(position: int, topic: str, second: int) -> dict[str, Any]:
    return {"position": position, "topic": topic, "recorded_at": f"2026-11-30T10:00:{second:02}+00:00"}


EVENTS = [
    event(1, "ordering.OrderPlaced", 1),
    event(2, "saga.Started", 2),
    event(3, "saga.StockReservationRequested", 2),
    event(4, "inventory.ReservationConfirmed", 3),
    event(5, "saga.StepSucceeded", 3),
]


def test_events_that_were_recorded_together_are_one_moment_told_by_what_happened() -> None:
    moments = moments_of(EVENTS)
    assert [(one.number, one.told["position"]) for one in moments] == [(1, 1), (2, 3), (3, 4)]
    assert [
        moment_at(moments, datetime.fromisoformat(f"2026-11-30T{time}+00:00")) for time in ("09:00", "10:00:02")
    ] == [
        1,
        2,
    ]


def test_the_events_of_a_trace_come_in_the_order_of_the_log() -> None:
    last, middle = ({"event": EVENTS[place], "caused": []} for place in (2, 1))
    root = {"event": EVENTS[0], "caused": [last, middle]}
    assert events_of({"requests": [{"caused": [root]}]}) == EVENTS[:3]


def test_changes_name_each_value_and_money_is_one() -> None:
    before = state_fields("order", {"id": "x", "status": "placed", "total": None, "lines": []})
    money = {"amount": "10.00", "currency": "EUR"}
    after = state_fields("order", {"id": "y", "status": "confirmed", "total": money, "lines": [{"sku": "TEA"}]})
    assert changes_between(before, after) == [
        FieldChange("order", ("status",), Word("placed"), Word("confirmed")),
        FieldChange("order", ("total",), None, Amount(Decimal("10.00"), "EUR")),
        FieldChange("order", ("lines", 1, "sku"), None, "TEA"),
    ]
    assert changes_between(after, before)[-1] == FieldChange("order", ("lines", 1, "sku"), "TEA", None)


def test_what_a_state_says_in_codes_is_told_in_words_and_what_somebody_wrote_is_not() -> None:
    state = {"status": "action_required", "reason": "closed at noon", "reference": "placed", "confirmed": True}
    assert list(state_fields("payment", state).values()) == [
        Word("action_required"),
        "closed at noon",
        "placed",
        Word("yes"),
    ]


@pytest.mark.parametrize(("amount", "currency"), [("1e99999999", "EUR"), ("NaN", "EUR"), ("x", "EUR"), ("1.00", "<b>")])
def test_what_a_customer_wrote_like_an_amount_of_money_is_shown_as_it_is(amount: str, currency: str) -> None:
    fields = state_fields("order", {"reference": {"amount": amount, "currency": currency}})
    assert fields == {("order", ("reference",)): f"{amount} {currency}"}


@pytest.mark.parametrize(
    "kind", [one for one in STREAM_KINDS if one.name in ("order", "process", "reservation", "payment", "shipment")]
)
def test_every_field_of_the_streams_of_an_order_has_words(kind: StreamKind) -> None:
    fields = set(_fields(get_type_hints(kind.evolve)["return"]))
    assert fields > {"status"} or kind.name == "process"
    assert fields <= {*FIELD_WORDS, *BOOKKEEPING}


def test_every_field_of_a_sealed_address_has_words() -> None:
    assert set(Address.model_fields) <= {*FIELD_WORDS}


def _fields(hint: Any, seen: frozenset[Any] = frozenset()) -> Iterator[str]:
    """The names of the fields of a state, and of the states and values within it."""
    for part in get_args(hint):
        yield from _fields(part, seen)
    is_value = isinstance(hint, type) and hint is not Money and issubclass(hint, Value)
    if hint not in seen and (is_dataclass(hint) or is_value):
        for name, one in get_type_hints(hint).items():
            if get_origin(one) is not ClassVar and not name.startswith("_") and name != "model_config":
                yield name
                yield from _fields(one, seen | {hint})


def test_the_way_to_a_value_is_told_in_the_language_of_who_looks() -> None:
    german = language_of("de", None, None)
    assert path_words(("lines", 2, "unit_price"), german) == "Zeile 2, Einzelpreis"
    assert path_words(("refunds", "0b3c", "status"), language_of("en", None, None)) == "refunds, 0b3c, status"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("2026-11-30T10:15:00Z", '<time datetime="2026-11-30T10:15:00+00:00"'),
        ("2026-12-01", "Dec 1, 2026"),
        (Word("yes"), "yes"),
        ("2026-99-99", "2026-99-99"),
        ("2026-02-30T10:15:00Z", "2026-02-30T10:15:00Z"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
        ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"),
    ],
)
def test_a_value_that_only_looks_like_a_time_is_shown_as_it_is(value: Cell, shown: str) -> None:
    for zone in ("UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago"):
        environment = environment_of(language_of("en", None, zone))
        text = environment.from_string("{{ value|value }}").render(value=value)
        assert text.startswith(shown), zone
