"""Stripe under the conformance checks of a payment provider: asked by its own adapter, with what payments would have on
record."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from commerce.outside.ledger import LedgerPage
from commerce.outside.party import RequestOnRecord
from commerce.payments.ports import Authorized, OpenedAuthorization, PaymentAtProvider, PaymentOutcome, Refunded
from commerce.values.money import Money
from workers.gateways.conformance.payment_desk import PaymentDesk
from workers.gateways.conformance.terms import Terms
from workers.gateways.http_caller import Reply
from workers.gateways.stripe_provider import StripePaymentProvider

OF_OUR_PROTOCOL_ONLY = {
    "credential": "a name and a password in an address",
    "malformed-amount": "amounts as text",
    "unknown-currency": "amounts as text",
    "other-currency": "Stripe is told no currency when it takes money: payments compares them before it asks",
}
"""Checks of what Stripe's protocol has not."""


class StripeDesk(PaymentDesk):
    """A desk whose calls are Stripe's."""

    def __init__(self, provider: StripePaymentProvider, terms: Terms) -> None:
        super().__init__("http://stripe.test", terms)
        self._provider = provider
        self._on_record: dict[UUID, RequestOnRecord] = {}

    async def authorize(
        self, key: UUID, order_id: UUID, amount: Money, payment_method: str, opened_id: str | None = None
    ) -> PaymentOutcome:
        """Open, put on record, and authorise under what is on record."""
        opened = await self._provider.open(key, order_id, amount, payment_method)
        if not isinstance(opened, OpenedAuthorization):
            return opened
        self._on_record.setdefault(key, RequestOnRecord(key, "authorize", opened.authorization_id))
        return await self._provider.authorize(key, order_id, amount, payment_method, self._on_record[key].party_id)

    async def capture(self, key: UUID, authorization_id: str, amount: Money) -> PaymentOutcome:
        """See `PaymentProvider`."""
        self._on_record[key] = RequestOnRecord(key, "capture", authorization_id)
        return await self._provider.capture(key, authorization_id, amount)

    async def void(self, key: UUID, authorization_id: str) -> PaymentOutcome:
        """See `PaymentProvider`."""
        self._on_record[key] = RequestOnRecord(key, "void", authorization_id)
        return await self._provider.void(key, authorization_id)

    async def refund(self, key: UUID, authorization_id: str, amount: Money) -> PaymentOutcome:
        """See `PaymentProvider`."""
        self._on_record[key] = RequestOnRecord(key, "refund", authorization_id)
        outcome = await self._provider.refund(key, authorization_id, amount)
        if isinstance(outcome, Refunded):
            self.caller.reply = Reply(200, {"refund_id": outcome.refund_id})
        return outcome

    async def find_operation(self, request: RequestOnRecord) -> PaymentOutcome | None:
        """See `PaymentProvider`; what is on record is known here, and not to the checks."""
        return await self._provider.find_operation(self._on_record.get(request.key, request))

    async def payment_methods(self) -> frozenset[str] | None:
        """It need not name them."""
        self.caller.reply = Reply(404, {})
        await self._provider.payment_methods()
        return None

    async def find_payment(self, authorization_id: str) -> PaymentAtProvider | None:
        """See `PaymentProvider`."""
        return await self._provider.find_payment(authorization_id)

    async def ledger(self, since: datetime, cursor: str | None = None) -> LedgerPage[PaymentAtProvider]:
        """See `PaymentProvider`."""
        return await self._provider.ledger(since, cursor)

    async def authorizations_under(self, key: UUID, order_id: UUID) -> Sequence[Authorized]:
        """It need not show a ledger."""
        self.caller.reply = Reply(404, {})
        return await self._provider.authorizations_under(key, order_id)
