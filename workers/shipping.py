"""The shipping worker: handles what processes ask of the carrier."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from commerce.eventstore import EventStore
from commerce.runtime.settings import Settings
from commerce.saga.request_events import shipping_request
from commerce.shipping.commands import ShippingCommands
from commerce.shipping.shipment import ShippingOperation
from workers.gateways.call_watch import CallWatch
from workers.gateways.http_carrier import HttpCarrier
from workers.gateways.recipient import find_recipient
from workers.runtime.app import WorkerApp
from workers.runtime.party_worker import party_app


@asynccontextmanager
async def _connected(settings: Settings, store: EventStore, watch: CallWatch) -> AsyncIterator[ShippingCommands]:
    async with HttpCarrier(settings.required("carrier_url"), watch=watch) as carrier:
        yield ShippingCommands(store, carrier, shipping_request, partial(find_recipient, store))


def shipping_app() -> WorkerApp:
    """The worker; nothing is opened before it runs."""
    return party_app(
        "shipping",
        ShippingOperation,
        _connected,
        party="carrier",
        credential=lambda _settings: "its name and password in COMMERCE_CARRIER_URL",
        title="Shipping commands",
        description="Have a shipment collected, or not after all, for the request that the message names.",
    )


app = shipping_app()
