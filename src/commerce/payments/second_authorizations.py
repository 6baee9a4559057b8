"""Money that the provider set aside twice for one request: what is not on record is let go."""

from __future__ import annotations

from uuid import UUID

from commerce.outside.calls import PartyCalls
from commerce.outside.errors import RequestRejected
from commerce.outside.stream_session import StreamSession
from commerce.payments import decisions
from commerce.payments.payment import Payment, PaymentOperation
from commerce.payments.ports import Authorized, PaymentOutcome, PaymentProvider, PaymentRejected, Voided
from commerce.values import ids
from commerce.values.errors import Unavailable


class SecondAuthorizations:
    """Finds second authorisations, and has them voided."""

    def __init__(self, provider: PaymentProvider, calls: PartyCalls[PaymentOutcome]) -> None:
        self._provider = provider
        self._calls = calls

    def is_second(self, payment: Payment, found: Authorized) -> bool:
        """Whether it is this order's, and another one than is on record."""
        is_ours = not found.carried.is_of_another_order(payment.order_id)
        return is_ours and payment.authorization_id not in (None, found.authorization_id)

    async def void_all(self, session: StreamSession[Payment]) -> None:
        """Ask the provider for all that it set aside under the key, if it tells. Raises like `void`."""
        try:
            key = session.known.key_of(PaymentOperation.AUTHORIZE, session.request_id)
            found = await self._provider.authorizations_under(key, session.order_id)
        except (Unavailable, RequestRejected):  # it does not tell, or not us
            return
        recorded = session.known.authorization_id
        for second in found:
            if second.authorization_id != recorded:
                await self.void(session, second)

    async def void(self, session: StreamSession[Payment], second: Authorized) -> None:
        """Have one let go, under a key of its own. Raises `TryAgain`, `Postponed`."""
        request_id, id_ = session.request_id, second.authorization_id
        await session.settle(lambda payment: decisions.second_found(payment, request_id, id_, second.amount))
        await self._calls.undo_second(
            session,
            id_,
            lambda: self._kept(ids.request_id(request_id, f"void {id_}"), id_),
            lambda payment, reason: decisions.second_settled(payment, request_id, id_, reason),
        )

    async def _kept(self, key: UUID, authorization_id: str) -> str | None:
        """Have it let go; why it is not."""
        match await self._provider.void(key, authorization_id):
            case Voided(voided) if voided == authorization_id:
                return None
            case PaymentRejected(reason):
                return None if reason == "already_voided" else reason
        return "its answer differs from what it was asked"
