"""Scopes: the names of what a key, a token or an account can be limited to; `api.permissions` says what each opens."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Literal, get_args

from commerce.values.errors import BadUsage

ServiceScope = Literal[
    "products:read",
    "stock:read",
    "stock:write",
    "orders:read",
    "orders:place",
    "orders:cancel",
    "prices:set",
    "refunds:make",
    "shipments:move",
]
"""What services can be good for, and staff too."""

StaffScope = Literal[
    "products:write",
    "customers:read",
    "erasures:read",
    "erasures:request",
    "audit:read",
    "reports:read",
    "operations:read",
    "cases:decide",
    "parked:decide",
    "projections:maintain",
    "keys:read",
    "keys:manage",
    "staff:read",
    "staff:manage",
    "webhooks:read",
    "webhooks:manage",
]
"""What staff alone can be good for."""

Scope = ServiceScope | StaffScope
SCOPE_NAMES: tuple[str, ...] = (*get_args(ServiceScope), *get_args(StaffScope))


def both(one: Collection[str] | None, other: Collection[str] | None) -> Collection[str] | None:
    """What two limits leave, where None is no limit."""
    if one is None or other is None:
        return other if one is None else one
    return frozenset(one) & frozenset(other)


def goes_beyond(wanted: Collection[str] | None, own: Collection[str] | None) -> bool:
    """Whether somebody whose own scopes these are would give more than they have."""
    return own is not None and (wanted is None or not frozenset(wanted) <= frozenset(own))


def typed_scopes(typed: Iterable[str]) -> tuple[str, ...] | None:
    """Scopes that somebody typed, in order; None where they typed none. Raises `BadUsage` for one that there is not."""
    found = sorted(set(typed))
    if unknown := [name for name in found if name not in SCOPE_NAMES]:
        raise BadUsage(f"there is no scope {unknown[0]!r}; there are {', '.join(SCOPE_NAMES)}")
    return tuple(found) or None
