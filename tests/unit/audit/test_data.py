"""States as data are always the same for the same state, and what an event changed is told part by part."""

from __future__ import annotations

from uuid import UUID

from commerce.audit.data import Change, Data, as_data, changes
from commerce.audit.personal_data import Opened
from commerce.inventory.holdings import Holdings
from commerce.values.money import Money

A, B = UUID(int=1), UUID(int=2)


def test_sets_are_sorted_and_holdings_are_one_map() -> None:
    assert as_data(frozenset([B, A])) == [str(A), str(B)]
    assert as_data(Holdings().changed(B, 2).changed(A, 1).changed(B, -2)) == {str(A): 1}
    assert as_data(Money.of("1.5", "EUR")) == {"amount": "1.50", "currency": "EUR"}


def test_an_opened_address_is_shown_as_what_it_is_and_a_text_as_text() -> None:
    city, curly = Opened('{"city": "Berlin"}'), Opened("{curly")
    assert as_data({"shipping_address": city, "reference": city}) == {
        "shipping_address": {"city": "Berlin"},
        "reference": city,
    }
    assert as_data({"shipping_address": curly}) == {"shipping_address": "{curly"}


def test_only_what_differs_is_a_change() -> None:
    before: Data = {
        "status": "placed",
        "lines": [{"sku": "CUP", "price": {"amount": "1.00", "currency": "EUR"}}],
        "reason": None,
    }
    after: Data = {
        "status": "rejected",
        "lines": [{"sku": "CUP", "price": {"amount": "2.00", "currency": "EUR"}}],
        "reason": "x",
    }
    assert changes(before, after) == [
        Change("status", "placed", "rejected"),
        Change("lines[0].price", "1.00 EUR", "2.00 EUR"),
        Change("reason", None, "x"),
    ]
    assert changes(before, before) == []
    assert changes(None, {"a": 1}) == [Change("a", None, 1)]
    assert changes({"a": [{"b": 1}, {"b": 2}]}, {"a": [{"b": 1}]}) == [Change("a[1].b", 2, None)]
    assert changes({"held": ["stock"]}, {"held": ["payment", "stock"]}) == [Change("held", "stock", "payment, stock")]
