"""What a person gets who wants to have everything about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic.config import JsonDict

from api.schemas.customers import EXAMPLE_CUSTOMER, CustomerView
from api.schemas.orders import EXAMPLE_ORDER, OrderView
from commerce.audit.items import Item

EXAMPLE_EXPORT: JsonDict = {
    "customer": EXAMPLE_CUSTOMER,
    "orders": [{"order": EXAMPLE_ORDER, "events": []}],
    "events": [],
    "accesses": [{"at": "2026-11-23T15:00:00.000000Z", "role": "operator", "what": "GET /api/v1/orders/{order_id}"}],
}


@dataclass(frozen=True, slots=True)
class ExportedOrder:
    """An order, and what happened to it."""

    order: OrderView
    """The order as it is."""
    events: Sequence[Item]
    """Its timeline, as its customer sees it."""


@dataclass(frozen=True, slots=True)
class ExportedAccess:
    """That somebody looked at the person's data."""

    at: datetime
    """When."""
    role: str
    """Who, by role."""
    what: str
    """The method and path that were asked."""


@dataclass(frozen=True, slots=True)
class PersonExport:
    """Everything about a customer."""

    customer: CustomerView | None
    """Who they are; null for a customer without an account."""
    orders: Sequence[ExportedOrder]
    """Their orders, newest first."""
    events: Sequence[Item]
    """What happened to their account, oldest first: registration, logins, changes, mails."""
    accesses: Sequence[ExportedAccess]
    """Who looked at their data, oldest first."""
