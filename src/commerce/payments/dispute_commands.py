"""Puts on record what the provider tells of disputes, where no message of its own led to that."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from commerce.eventstore import Event, EventStore, Metadata, StreamDecision, handle_command
from commerce.payments import decisions
from commerce.payments.payment import fold
from commerce.payments.ports import PaymentAtProvider
from commerce.payments.webhook import is_on_record
from commerce.values import ids


async def note_disputes(store: EventStore, order_id: UUID, found: PaymentAtProvider, metadata: Metadata) -> None:
    """Record what is new of the disputes about an authorisation of an order, if it is on record as the order's.

    Raises `StaleVersion`, `Unavailable`.
    """

    def decide(history: Sequence[Event]) -> Sequence[Event]:
        payment = fold(history)
        if payment is None or not is_on_record(payment, found.authorization_id):
            return []
        return decisions.disputed(payment, found.authorization_id, found.disputes)

    await handle_command(store, StreamDecision(ids.payment_id(order_id), decide), metadata, correlation_id=order_id)
