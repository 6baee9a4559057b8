"""Personal data in what is looked at: opened for those who may see it, and otherwise said to be sealed, erased, or
without a key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar, get_args, get_type_hints

from commerce.eventstore import Aggregate, Event, KeyRing, Readable, Sealed

T = TypeVar("T", bound=Event | Aggregate)


class Opened(str):
    """A value in the place of a sealed one: plain text, or what is said instead of it."""

    __slots__ = ()


class Withheld(Opened):
    """What is said instead of a value, which nobody wrote."""

    __slots__ = ()


SEALED = Withheld("sealed")
"""Where nobody is known to whom it could be shown."""
KEY_MISSING = Withheld("key missing")
"""Where its key does not exist, or cannot be used: an error, as nothing in the log says that somebody was erased."""

_SEALED_FIELDS: dict[type, tuple[str, ...]] = {}


async def opened(keys: KeyRing | None, things: Sequence[T], *, names_staff: bool = True) -> list[T]:
    """Copies, to be shown and nothing else, with personal data in plain text; without keys it stays sealed."""
    sealed = [value for thing in things for value in _sealed(thing).values()]
    if keys is None:
        shown: dict[Sealed, Opened] = dict.fromkeys(sealed, SEALED)
    else:
        readable = await keys.open_readable(sealed)
        shown = {value: _shown(value, readable, names_staff=names_staff) for value in sealed}
    return [_replaced(thing, {name: shown[value] for name, value in _sealed(thing).items()}) for thing in things]


def _shown(value: Sealed, readable: Readable, *, names_staff: bool) -> Opened:
    """A text, or why there is none: who erased it, and when, as the log says, or else that its key is missing."""
    if erasure := readable.erased.get(value):
        return Withheld(str(erasure if names_staff else erasure.without_name))
    return Opened(readable[value]) if value in readable else KEY_MISSING


def _sealed(thing: Event | Aggregate) -> dict[str, Sealed]:
    values = {name: getattr(thing, name) for name in sealed_fields(type(thing))}
    return {name: value for name, value in values.items() if value is not None}


def sealed_fields(kind: type[Event] | type[Aggregate]) -> tuple[str, ...]:
    """The fields of a kind of event, or of state, that hold personal data; found out once."""
    if kind not in _SEALED_FIELDS:
        hints = get_type_hints(kind).items()
        _SEALED_FIELDS[kind] = tuple(name for name, hint in hints if hint is Sealed or Sealed in get_args(hint))
    return _SEALED_FIELDS[kind]


def _replaced(thing: T, values: Mapping[str, Any]) -> T:
    if not values:
        return thing
    return thing.model_copy(update=values) if isinstance(thing, Event) else replace(thing, **values)
