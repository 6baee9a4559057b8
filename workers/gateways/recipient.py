"""A recipient out of an order's shipping address, in plain text only for as long as it is needed."""

from __future__ import annotations

import json
from uuid import UUID

from commerce.eventstore import EventStore
from commerce.ordering import order as ordering
from commerce.shipping.ports import Recipient


async def find_recipient(store: EventStore, order_id: UUID) -> Recipient:
    """Where the shipment of an order goes, decrypted. Raises `MissingKey`, `Unavailable`."""
    events = (await store.read_together([order_id]))[order_id]
    order = ordering.fold(recorded.event for recorded in events)
    assert order is not None  # a process begins with its order
    address, *phone = await store.keys.open_all(filter(None, (order.shipping_address, order.phone)))
    return recipient_of(address, *phone)


def recipient_of(address: str, phone: str | None = None) -> Recipient:
    """Read a decrypted address: JSON with `name`, `line1`, `line2`, `city`, `region`, `postcode` and `country`."""
    fields: dict[str, str | None] = json.loads(address)
    return Recipient(
        name=fields["name"] or "",
        line1=fields["line1"] or "",
        line2=fields.get("line2"),
        city=fields["city"] or "",
        region=fields.get("region"),
        postcode=fields.get("postcode"),
        country=fields["country"] or "",
        phone=phone,
    )
