"""What each scope is good for, in words, and the boxes of a form that choose among them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import get_args

from api.pages.actions import Body, Field
from api.pages.languages import N_
from commerce.runtime.scopes import SCOPE_NAMES, ServiceScope

SCOPE_WORDS: Mapping[str, str] = {
    "products:read": N_("see products and prices"),
    "stock:read": N_("see stock"),
    "stock:write": N_("receive and correct stock"),
    "orders:read": N_("see orders, their payments and shipments"),
    "orders:place": N_("place orders"),
    "orders:cancel": N_("cancel orders"),
    "prices:set": N_("set another price in an order"),
    "refunds:make": N_("give money back"),
    "shipments:move": N_("report dispatch and delivery"),
    "products:write": N_("change products and prices"),
    "customers:read": N_("see and export customers"),
    "erasures:read": N_("see erasures"),
    "erasures:request": N_("erase what is personal"),
    "audit:read": N_("read the log, and who looked"),
    "reports:read": N_("see sales and counts of orders"),
    "operations:read": N_("see cases, lag and workers"),
    "cases:decide": N_("decide cases"),
    "parked:decide": N_("decide about events that could not be handled"),
    "projections:maintain": N_("rebuild and verify read models"),
    "keys:read": N_("see API keys"),
    "keys:manage": N_("make, replace and end API keys"),
    "staff:read": N_("see who is staff"),
    "staff:manage": N_("invite staff, change their role, close accounts"),
    "webhooks:read": N_("see webhooks and their deliveries"),
    "webhooks:manage": N_("add, change and remove webhooks"),
}
"""What somebody may do by each scope."""

SERVICE_SCOPES: Sequence[str] = get_args(ServiceScope)
_PREFIX = "scopes."


def scope_boxes(names: Iterable[str] = SCOPE_NAMES) -> tuple[Field, ...]:
    """A box for each scope."""
    return tuple(Field(f"{_PREFIX}{name}", SCOPE_WORDS[name], "check", is_required=False) for name in names)


def ticked(scopes: Iterable[str] | None) -> dict[str, str]:
    """What makes the boxes of some scopes ticked."""
    return {f"{_PREFIX}{name}": "1" for name in scopes or ()}


def with_scopes(typed: Body) -> Body:
    """A command's body with the list of the scopes that were ticked; without it where none was."""
    chosen = [name for name, is_ticked in typed.get("scopes", {}).items() if is_ticked]
    rest = {name: value for name, value in typed.items() if name != "scopes"}
    return {**rest, "scopes": chosen} if chosen else rest
