"""Handles refunds that people ask for: accepts them, and has the provider give the money back, one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from uuid import UUID

from commerce.eventstore import (
    Accepted,
    Event,
    EventStore,
    Idempotency,
    Metadata,
    StreamDecision,
    WrappedKey,
    handle_command,
)
from commerce.outside.calls import PartyCalls
from commerce.outside.command_call import Attempted
from commerce.outside.errors import PersonNeeded, RequestRejected, TryAgain
from commerce.outside.retries import LONGEST_PAUSE_S
from commerce.payments import decisions, refund_decisions
from commerce.payments import payment as payments
from commerce.payments.errors import RefundExceedsCapture, RefundPending
from commerce.payments.found_outcomes import PaymentSession, differs
from commerce.payments.payment import PaymentOperation, RefundPart
from commerce.payments.payment_actions import actions_after
from commerce.payments.ports import PaymentOutcome, PaymentProvider, PaymentRejected, Refunded
from commerce.payments.refund_decisions import NewRefund
from commerce.payments.requested_refunds import GIVEN_BACK_BEFORE, SKIPPED
from commerce.values import ids

REFUND_PENDING_PAUSE_S = 1.0
"""Seconds until a refund is tried that found another one of the same payment under way."""

OTHER_REQUEST = frozenset({"idempotency_key_reused"})
"""Rejections that do not say what became of the request that the key stands for."""


async def request_refund(
    store: EventStore,
    order_id: UUID,
    new: NewRefund,
    metadata: Metadata,
    *,
    idempotency: Idempotency | None = None,
    keys: Sequence[WrappedKey] = (),
) -> Accepted:
    """Accept a refund; `keys` are new keys that its sealed reason needs. Raises what `refund_decisions.accept_refund`
    and `EventStore.append` raise."""

    def decide(history: Sequence[Event]) -> Sequence[Event]:
        return refund_decisions.accept_refund(payments.fold(history), order_id, new)

    decision = StreamDecision(ids.payment_id(order_id), decide, actions=actions_after)
    return await handle_command(store, decision, metadata, correlation_id=order_id, idempotency=idempotency, keys=keys)


class RefundCalls:
    """Has the provider give back what somebody asked for, under the refund's own id."""

    def __init__(self, provider: PaymentProvider, calls: PartyCalls[PaymentOutcome]) -> None:
        self._provider = provider
        self._calls = calls

    async def refund(self, session: PaymentSession, request: RefundPart) -> bool:
        """Go on until the refund has its outcome. After a call without an answer the provider is asked first.

        A step for `PartyCalls.undo`. Raises `TryAgain`, `PersonNeeded`.
        """
        id_ = request.request_id

        def attempt() -> Sequence[Event]:
            return decisions.refund(session.known, id_, request.amount)

        try:
            attempt()
        except RefundPending as error:
            raise TryAgain(str(error), REFUND_PENDING_PAUSE_S) from None
        except RefundExceedsCapture:  # as it was accepted, only an undo can have given it back
            await session.settle(lambda payment: refund_decisions.refund_failed(payment, id_, GIVEN_BACK_BEFORE))
            return True
        found = await self._outcome(session, request, attempt)
        if await differs(session, PaymentOperation.REFUND, found):
            if not session.is_answered:
                raise PersonNeeded
            return True
        match found:
            case Refunded():
                await session.settle(lambda payment: decisions.refunded(payment, id_))
            case PaymentRejected(reason):
                await session.settle(lambda payment: refund_decisions.refund_failed(payment, id_, reason))
            case _:
                raise TryAgain(f"the provider does not refund: {found}", LONGEST_PAUSE_S)
        return True

    async def end(self, session: PaymentSession, request: RefundPart) -> None:
        """End a refund of which a person said that nobody is to ask for it any more, as soon as no call for it can be
        under way; one that the provider has made counts as made. Raises `TryAgain`, `PartyUnavailable`."""
        id_, found = request.request_id, None
        if session.known.attempts(PaymentOperation.REFUND, id_):
            found = await self._calls.ask(session, PaymentOperation.REFUND, id_)
        if not await differs(session, PaymentOperation.REFUND, found) and isinstance(found, Refunded):
            await session.settle(lambda payment: decisions.refunded(payment, id_))
        await session.settle(lambda payment: refund_decisions.refund_failed(payment, id_, SKIPPED))

    async def _outcome(self, session: PaymentSession, request: RefundPart, attempt: Attempted) -> PaymentOutcome:
        found, id_ = None, request.request_id
        if session.known.attempts(PaymentOperation.REFUND, id_):
            found = await self._calls.ask(session, PaymentOperation.REFUND, id_)
        if found is None:
            found = await self._call(session, request, attempt)
        if isinstance(found, PaymentRejected):  # which counts only if the provider, asked again, says so still
            found = await self._calls.find(session, PaymentOperation.REFUND, id_) or found
        return found

    async def _call(self, session: PaymentSession, request: RefundPart, attempt: Attempted) -> PaymentOutcome:
        authorization_id = session.known.party_id
        assert authorization_id is not None  # or nothing would be captured
        id_, operation = request.request_id, PaymentOperation.REFUND
        call = partial(self._provider.refund, id_, authorization_id, request.amount)
        try:
            found = await self._calls.repeat(session, operation, id_, attempt, call, asks_first=True)
        except RequestRejected as error:
            if error.code in OTHER_REQUEST:
                detail = f"the payment provider takes the refund for another request: {error.code}"
                await self._calls.reject_undo(session, operation, detail)
            found = PaymentRejected(error.code, str(error))
        if found is None:
            raise TryAgain("the provider does not know the refund any more", LONGEST_PAUSE_S)
        return found
