"""The values of events' fields as sentences have them: amounts and ids as they are, and words in a language."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from commerce.audit.coded_words import is_coded
from commerce.audit.languages import ToldLanguage
from commerce.audit.personal_data import Opened, Withheld
from commerce.audit.remarks import told_remark
from commerce.eventstore import Event
from commerce.inventory.events import Shortage
from commerce.values.order_line import OrderLine

_REMARKS = frozenset({"detail", "answered", "asked"})
"""Fields that hold a remark."""
_SHOWN_ITEMS = 5
"""Values of a list that are told; the rest is counted."""


def told_field(event: Event, name: str, value: object, language: ToldLanguage) -> str:
    """A field of an event."""
    if isinstance(value, Opened):
        return told_remark(value, language) if isinstance(value, Withheld) else value
    if name in _REMARKS:
        told = told_remark(str(value), language)
        return told[:1].upper() + told[1:] if name == "detail" and told != value else told
    return language.word(str(value)) if is_coded(event, name, value) else told_value(value, language)


def told_value(value: object, language: ToldLanguage) -> str:
    """A value, whatever field it is of."""
    match value:
        case tuple():
            return told_list(value, language)
        case datetime():
            return f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
        case OrderLine(quantity=quantity, sku=sku, unit_price=price):
            return language.text("{quantity} × {sku} at {price}").format(quantity=quantity, sku=sku, price=price)
        case Shortage(requested=wanted, sku=sku, available=there):
            return language.text("{wanted} × {sku} wanted, {there} there").format(wanted=wanted, sku=sku, there=there)
        case _:
            return str(value)


def told_list(values: Sequence[object], language: ToldLanguage) -> str:
    """The first values of a list, and how many there are more."""
    told = [told_value(value, language) for value in values[:_SHOWN_ITEMS]]
    more = len(values) - len(told)
    return ", ".join(told) + (language.text(" and {count} more").format(count=more) if more else "")
