"""What the process manager asks of inventory, in inventory's own words."""

from __future__ import annotations

from commerce.eventstore import Event, Subscription
from commerce.inventory.events import Quantity
from commerce.inventory.stock_requests import Dispatch, Release, Reserve, StockRequest
from commerce.inventory.subscription import stock_subscription
from commerce.saga.events import StockDispatchRequested, StockReleaseRequested, StockReservationRequested
from commerce.saga.steps import REQUESTS

TOPICS = frozenset(request.event.TOPIC for request in REQUESTS if request.subject is None)
"""Requests that nobody outside is asked for."""


def inventory_subscription() -> Subscription:
    """Inventory's subscription, as it answers the process manager."""
    return stock_subscription(TOPICS, stock_request)


def stock_request(event: Event) -> StockRequest:
    """What an event of the process manager asks of inventory. Raises `TypeError` for one that asks nothing of it."""
    match event:
        case StockReservationRequested():
            lines = tuple(Quantity(sku=line.sku, quantity=line.quantity) for line in event.wanted)
            return Reserve(event.order_id, event.request_id, lines)
        case StockReleaseRequested():
            return Release(event.order_id, event.request_id)
        case StockDispatchRequested():
            return Dispatch(event.order_id, event.request_id)
    raise TypeError(f"{type(event).__name__} is not a request for stock")
