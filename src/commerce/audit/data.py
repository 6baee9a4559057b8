"""Events and states as data: what JSON can hold, always in the same order, and the difference between two of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass

from pydantic_core import from_json, to_jsonable_python

from commerce.audit.personal_data import Opened
from commerce.eventstore import Aggregate, Event
from commerce.inventory.holdings import Holdings
from commerce.values.value import Value

Data = dict[str, object]

_PLACE = ("originator_id", "originator_version")


@dataclass(frozen=True, slots=True)
class Change:
    """What one event did to one part of a state, such as `lines[0].quantity`; None is nothing there."""

    field: str
    before: object
    after: object


def data_of(thing: Event | Aggregate) -> Data:
    """The fields of an event, without its place in the log, or of a state."""
    if isinstance(thing, Event):
        return _named((name, value) for name, value in thing if name not in _PLACE)
    return _named((field.name, getattr(thing, field.name)) for field in fields(thing))


def as_data(value: object) -> object:  # noqa: PLR0911 (a case for each kind of value)
    """One value; sets are sorted, so that equal states are equal data."""
    match value:
        case Opened():
            return str(value)
        case Holdings() | Mapping():
            return _named(value.items())
        case Value():
            return _named(value)
        case tuple() | list():
            return [as_data(one) for one in value]
        case frozenset():
            return sorted(str(one) for one in value)
        case _ if is_dataclass(value):
            return _named((field.name, getattr(value, field.name)) for field in fields(value))
        case _:
            return to_jsonable_python(value)


def _named(values: Iterable[tuple[object, object]]) -> Data:
    return {
        str(name): _address(value) if name == "shipping_address" and isinstance(value, Opened) else as_data(value)
        for name, value in values
    }


def changes(before: Data | None, after: Data | None) -> list[Change]:
    """What differs, part by part, in the order of the fields."""
    old, new = dict(_parts(before or {})), dict(_parts(after or {}))
    names = [*new, *(name for name in old if name not in new)]
    return [Change(name, old.get(name), new.get(name)) for name in names if old.get(name) != new.get(name)]


def _address(value: Opened) -> object:
    """An address is kept as JSON, and shown as what it is; other texts stay texts, however they look."""
    try:
        return from_json(value) if value.startswith("{") else str(value)
    except ValueError:
        return str(value)


def _parts(value: object, name: str = "") -> Iterator[tuple[str, object]]:
    """The leaves of nested data; an amount of money is one leaf, and so is a list of plain values."""
    match value:
        case {"amount": amount, "currency": currency, **rest} if not rest:
            yield name, f"{amount} {currency}"
        case dict() if value:
            for key, one in value.items():
                yield from _parts(one, f"{name}.{key}" if name else str(key))
        case list() if value and all(isinstance(one, str | int) for one in value):
            yield name, ", ".join(str(one) for one in value)
        case list() if value:
            for number, one in enumerate(value):
                yield from _parts(one, f"{name}[{number}]")
        case dict() | list() | None:
            return
        case _:
            yield name, value
