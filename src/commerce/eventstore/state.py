"""How an immutable state becomes the next one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from dataclasses import replace as replace  # noqa: PLC0414 - for the type checker, which knows its meaning
else:
    S = TypeVar("S")

    def replace(state: S, /, **changes: object) -> S:
        """`dataclasses.replace` for slotted dataclasses that are made by their fields alone, none of which begins
        with `_`.

        To fold an event is mostly this. It takes a third of the time, as it puts values into slots without going
        through an `__init__`, which for a frozen class sets them one by one through a function. Raises `TypeError` for
        an unknown field.
        """
        return _copier(type(state))(state, **changes)


@cache
def _copier(kind: type[Any]) -> Callable[..., Any]:
    """Copies a state of this class, but for the fields that are named; made as text, as `dataclasses` makes its
    `__init__`."""
    names = [field.name for field in fields(kind)]
    source = "\n    ".join(
        (
            f"def copy(_state, /, *, {', '.join(f'{name}=_kept' for name in names)}):",
            "_copy = _new(_kind)",
            *(f"_put_{name}(_copy, _state.{name} if {name} is _kept else {name})" for name in names),
            "return _copy",
        )
    )
    known = {"_kind": kind, "_new": object.__new__, "_kept": object()}
    setters = {f"_put_{name}": getattr(kind, name).__set__ for name in names}
    made: dict[str, Any] = {}
    exec(source, known | setters, made)
    copier: Callable[..., Any] = made["copy"]
    return copier
