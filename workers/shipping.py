"""The shipping worker: handles what processes ask of the carrier."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from operator import attrgetter

from commerce.eventstore import EventStore
from commerce.runtime.settings import Settings
from commerce.saga.request_events import shipping_request
from commerce.shipping.commands import ShippingCommands
from commerce.shipping.ports import CARRIER, CARRIER_CALLED, CARRIER_CALLS
from commerce.shipping.shipment import ShippingOperation
from workers.gateways.adapters import open_carrier
from workers.gateways.recipient import find_recipient
from workers.reconciliation.ledgers import CarrierLedger
from workers.reconciliation.schedule import keep_reconciling
from workers.runtime.app import WorkerApp
from workers.runtime.party_worker import Party, PartyAccess, party_app
from workers.runtime.subscriptions import in_background


def _credential(_settings: Settings) -> str:
    return "its name and password in COMMERCE_CARRIER_URL"


@asynccontextmanager
async def _connected(settings: Settings, store: EventStore, access: PartyAccess) -> AsyncIterator[ShippingCommands]:
    async with (
        open_carrier(settings, access.watch, access.call_timeouts_s) as carrier,
        in_background(keep_reconciling(store, CarrierLedger(carrier), settings), "reconciliation"),
    ):
        yield ShippingCommands(store, carrier, shipping_request, partial(find_recipient, store), access.breakers)


def shipping_app() -> WorkerApp:
    """The worker; nothing is opened before it runs."""
    return party_app(
        "shipping",
        ShippingOperation,
        _connected,
        Party(CARRIER, CARRIER_CALLED, CARRIER_CALLS, attrgetter("carrier_calls"), _credential),
        title="Shipping commands",
        description="Have a shipment collected, or not after all, for the request that the message names.",
    )


app = shipping_app()
