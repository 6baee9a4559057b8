"""The payments worker: handles what processes ask of the payment provider."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from enum import StrEnum
from operator import attrgetter

from commerce.eventstore import EventStore
from commerce.payments.commands import PaymentCommands
from commerce.payments.payment import PaymentOperation
from commerce.payments.ports import PROVIDER, PROVIDER_CALLED, PROVIDER_CALLS
from commerce.payments.webhook_commands import WebhookCommands
from commerce.runtime.settings import Settings
from commerce.saga.request_events import payment_request
from workers.gateways.adapters import open_provider
from workers.gateways.payment_methods import keep_asking
from workers.outbox.message_schemas import Command
from workers.reconciliation.ledgers import ProviderLedger
from workers.reconciliation.schedule import keep_reconciling
from workers.runtime.app import WorkerApp
from workers.runtime.party_worker import Party, PartyAccess, party_app
from workers.runtime.subscriptions import in_background


class PaymentSubject(StrEnum):
    """The last part of a subject: what the provider is asked for, or that it sent word."""

    AUTHORIZE = PaymentOperation.AUTHORIZE
    CAPTURE = PaymentOperation.CAPTURE
    VOID = PaymentOperation.VOID
    REFUND = PaymentOperation.REFUND
    WEBHOOK = "webhook"


class PaymentHandlers:
    """Hands a message to what it is for."""

    def __init__(self, commands: PaymentCommands, webhooks: WebhookCommands) -> None:
        self._commands = commands
        self._webhooks = webhooks

    async def handle(self, operation: PaymentSubject, hint: Command) -> None:
        """Handle what the log says under the request that the message names. Raises `TryAgain`, `Unavailable`, and
        `CommerceError` where a person has to look."""
        if operation is PaymentSubject.WEBHOOK:
            await self._webhooks.handle(hint)
        else:
            await self._commands.handle(PaymentOperation(operation.value), hint)


def _credential(settings: Settings) -> str:
    named = {"http": "its name and password in COMMERCE_PROVIDER_URL", "stripe": "COMMERCE_STRIPE_API_KEY"}
    return named[settings.provider]


@asynccontextmanager
async def _connected(settings: Settings, store: EventStore, access: PartyAccess) -> AsyncIterator[PaymentHandlers]:
    async with (
        open_provider(settings, access.watch, access.call_timeouts_s) as provider,
        in_background(keep_asking(provider, store.pool), "payment methods"),
        in_background(keep_reconciling(store, ProviderLedger(provider, settings.provider), settings), "reconciliation"),
    ):
        customer_time = timedelta(seconds=settings.customer_timeout_s)
        commands = PaymentCommands(store, provider, payment_request, access.breakers, customer_time)
        yield PaymentHandlers(commands, WebhookCommands(store, provider, customer_time))


def payments_app() -> WorkerApp:
    """The worker; nothing is opened before it runs."""
    return party_app(
        "payments",
        PaymentSubject,
        _connected,
        Party(PROVIDER, PROVIDER_CALLED, PROVIDER_CALLS, attrgetter("provider_calls"), _credential),
        title="Payment commands",
        description=(
            "Set money aside, take it, let it go or give it back, for the request that the message names; or ask the"
            " provider what is so, where it sent word."
        ),
    )


app = payments_app()
