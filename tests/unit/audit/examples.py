"""An event of every kind, made from the declared types of its fields."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin
from uuid import UUID

import commerce
from commerce.eventstore import Event, Snapshot
from commerce.values.money import Money
from commerce.values.value import Value

ONE = UUID("3f0e4c6e-8f4b-5a0e-9d57-0a4c2f1b7d11")
_PLAIN: dict[object, object] = {
    str: "word",
    int: 7,
    bool: False,
    UUID: ONE,
    Decimal: Decimal("9.90"),
    date: date(2026, 11, 27),
    datetime: datetime(2026, 11, 23, 10, 15, tzinfo=UTC),
    Money: Money.of("9.90", "EUR"),
}


def every_kind() -> list[type[Event]]:
    """All events that any module of the product declares."""
    for module in pkgutil.walk_packages(commerce.__path__, "commerce."):
        if module.name.endswith("events"):
            importlib.import_module(module.name)
    return [kind for kind in _below(Event) if not (kind.TOPIC.startswith("tests.") or issubclass(kind, Snapshot))]


def example(kind: type[Event]) -> Event:
    """An event of this kind."""
    return kind.model_validate({name: _value(field.annotation) for name, field in kind.model_fields.items()})


def _below(kind: type[Event]) -> Iterator[type[Event]]:
    for further in kind.__subclasses__():
        if "TOPIC" in further.__dict__:
            yield further
        yield from _below(further)


def _value(of: Any) -> object:
    while hasattr(of, "__supertype__"):
        of = of.__supertype__
    if of in _PLAIN:
        return _PLAIN[of]
    if get_origin(of) is Literal:
        return get_args(of)[0]
    if get_origin(of) in (Union, UnionType):
        return _value(next(one for one in get_args(of) if one is not NoneType))
    if get_origin(of) is tuple:
        return (_value(get_args(of)[0]), _value(get_args(of)[0]))
    assert issubclass(of, Value), of
    return of.model_validate({name: _value(field.annotation) for name, field in of.model_fields.items()})
