"""Handles what customers ask for while their payment waits for them: to pay in another way, or that the provider is
asked."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from commerce.eventstore import Accepted, Event, EventStore, Idempotency, Metadata, StreamDecision, handle_command
from commerce.payments.errors import NoActionAwaited, TooManyAttempts
from commerce.payments.events import PaymentAttemptRequested, PaymentEvent
from commerce.payments.payment import Payment, PaymentOperation, PaymentStatus, fold
from commerce.payments.payment_actions import MOST_ATTEMPTS, actions_after
from commerce.values import ids


async def request_attempt(
    store: EventStore,
    order_id: UUID,
    payment_method: str | None,
    metadata: Metadata,
    *,
    idempotency: Idempotency | None = None,
) -> Accepted:
    """Have the payment tried with something else, or without that the provider asked. Raises what `accept_attempt` and
    `EventStore.append` raise."""

    def decide(history: Sequence[Event]) -> Sequence[Event]:
        return accept_attempt(fold(history), order_id, payment_method)

    decision = StreamDecision(ids.payment_id(order_id), decide, actions=actions_after)
    return await handle_command(store, decision, metadata, correlation_id=order_id, idempotency=idempotency)


def accept_attempt(payment: Payment | None, order_id: UUID, payment_method: str | None) -> list[PaymentEvent]:
    """Accept another attempt; no event where the one that was chosen was not tried yet. Raises `NoActionAwaited`,
    `TooManyAttempts`."""
    if payment is None or payment.status is not PaymentStatus.ACTION_REQUIRED:
        raise NoActionAwaited(order_id, "not asked for yet" if payment is None else payment.status)
    if payment.tries.chosen is not None and payment_method in (None, payment.tries.chosen):
        return []
    if payment.tries.asked >= MOST_ATTEMPTS:
        raise TooManyAttempts(order_id, MOST_ATTEMPTS)
    return [
        PaymentAttemptRequested(
            order_id=order_id,
            request_id=payment.attempted[PaymentOperation.AUTHORIZE].request_id,
            number=payment.tries.asked + 1,
            payment_method=payment_method,
        )
    ]
