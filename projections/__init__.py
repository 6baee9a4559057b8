"""The read models: one file each, with its table, its fold and its queries.

A file here that declares a `Projection` is a read model; no list names it. The worker makes its table, without a
migration.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from commerce.eventstore import Subscription
from commerce.values.errors import NotFound
from projections.engine.projection import Projection

ALL: tuple[Projection[Any], ...] = tuple(
    declared
    for module in iter_modules(__path__, f"{__name__}.")
    if not module.ispkg
    for declared in vars(import_module(module.name)).values()
    if isinstance(declared, Projection)
)
"""Every read model there is, by name."""


def projection_of(name: str) -> Projection[Any]:
    """The read model of this name. Raises `NotFound`."""
    for projection in ALL:
        if projection.name == name:
            return projection
    raise NotFound(f"there is no read model {name}; there are {', '.join(sorted(each.name for each in ALL))}")


def subscriptions() -> list[Subscription]:
    """What keeps the read models up to date, once `make_tables` has made their tables."""
    return [projection.subscription() for projection in ALL]
