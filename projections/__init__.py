"""The read models: one file each, with its table, its fold and its queries."""

from __future__ import annotations

from typing import Any

from commerce.eventstore import Subscription
from commerce.values.errors import NotFound
from projections.engine.projection import Projection
from projections.orders import ORDERS
from projections.payments import PAYMENTS
from projections.processes import PROCESSES
from projections.products import PRODUCTS
from projections.sales import SALES
from projections.shipments import SHIPMENTS
from projections.stock import STOCK

ALL: tuple[Projection[Any], ...] = (ORDERS, STOCK, PAYMENTS, SHIPMENTS, PRODUCTS, PROCESSES, SALES)
"""Every read model there is."""


def projection_of(name: str) -> Projection[Any]:
    """The read model of this name. Raises `NotFound`."""
    for projection in ALL:
        if projection.name == name:
            return projection
    raise NotFound(f"there is no read model {name}; there are {', '.join(sorted(each.name for each in ALL))}")


def subscriptions() -> list[Subscription]:
    """What keeps the read models up to date; their tables have to be there (`projections.projection.make_tables`)."""
    return [projection.subscription() for projection in ALL]
