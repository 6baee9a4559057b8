"""Access to other people's data: the API records it before it sends the answer, and says who may see the record."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from fastapi import Request

from api.auth import Caller
from api.context import context_of
from api.permissions import Reach
from commerce.eventstore import Recorded

_OF_CUSTOMERS = "customers."
"""What the topics of events about customers begin with."""


async def record_access(
    request: Request, caller: Caller, orders: Iterable[UUID | None], customers: Iterable[UUID] = ()
) -> None:
    """Record that the caller is about to see these orders and customers, unless as a customer, who sees only their own.

    Raises `Unavailable` where that cannot be recorded: then the caller sees nothing.
    """
    if caller.customer_id is None:
        what = f"{request.method} {request.scope['route'].path}"
        seen = (order for order in orders if order is not None)
        await context_of(request).access_records.record(what, seen, caller.metadata, customers)


async def record_access_to(request: Request, caller: Caller, events: Sequence[Recorded]) -> None:
    """Record that the caller is about to see these events, of orders and of customers. Raises `Unavailable`."""
    customers = {one.correlation_id for one in events if one.topic.startswith(_OF_CUSTOMERS)}
    orders = {one.correlation_id for one in events} - customers
    await record_access(request, caller, orders, (one for one in customers if one is not None))


def reader_limit(caller: Caller) -> str | None:
    """Whose access records the caller may see: only their own; None for everybody's."""
    return None if caller.reach_of("see who looked") is Reach.ANY else caller.identity.actor
