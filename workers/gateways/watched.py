"""Provider and carrier with a watch on how the calls go."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from commerce.values.money import Money
from workers.gateways import carrier as carriers
from workers.gateways.call_watch import CallWatch
from workers.gateways.carrier import Carrier, Recipient
from workers.gateways.provider import Authorized, Outcome, PaymentProvider


class WatchedProvider:
    """`PaymentProvider` that another one answers for."""

    def __init__(self, provider: PaymentProvider, watch: CallWatch) -> None:
        self._provider = provider
        self._watch = watch

    async def authorize(self, key: UUID, order_id: UUID, amount: Money, payment_method: str) -> Outcome:
        """See `PaymentProvider`."""
        with self._watch.call("authorize"):
            return await self._provider.authorize(key, order_id, amount, payment_method)

    async def capture(self, key: UUID, authorization_id: str, amount: Money) -> Outcome:
        """See `PaymentProvider`."""
        with self._watch.call("capture"):
            return await self._provider.capture(key, authorization_id, amount)

    async def void(self, key: UUID, authorization_id: str) -> Outcome:
        """See `PaymentProvider`."""
        with self._watch.call("void"):
            return await self._provider.void(key, authorization_id)

    async def refund(self, key: UUID, authorization_id: str, amount: Money) -> Outcome:
        """See `PaymentProvider`."""
        with self._watch.call("refund"):
            return await self._provider.refund(key, authorization_id, amount)

    async def find_operation(self, key: UUID) -> Outcome | None:
        """See `PaymentProvider`."""
        with self._watch.call("find_operation"):
            return await self._provider.find_operation(key)

    async def authorizations_under(self, key: UUID, order_id: UUID) -> Sequence[Authorized]:
        """See `PaymentProvider`; not watched, as a provider need not have it."""
        return await self._provider.authorizations_under(key, order_id)

    async def payment_methods(self) -> frozenset[str] | None:
        """See `PaymentProvider`; not watched, as a provider need not have it, or may tell it to anybody."""
        return await self._provider.payment_methods()


class WatchedCarrier:
    """`Carrier` that another one answers for."""

    def __init__(self, carrier: Carrier, watch: CallWatch) -> None:
        self._carrier = carrier
        self._watch = watch

    async def book(self, key: UUID, order_id: UUID, recipient: Recipient, parcels: int = 1) -> carriers.Outcome:
        """See `Carrier`."""
        with self._watch.call("book"):
            return await self._carrier.book(key, order_id, recipient, parcels)

    async def cancel(self, key: UUID, booking_id: str) -> carriers.Outcome:
        """See `Carrier`."""
        with self._watch.call("cancel"):
            return await self._carrier.cancel(key, booking_id)

    async def find_operation(self, key: UUID) -> carriers.Outcome | None:
        """See `Carrier`."""
        with self._watch.call("find_operation"):
            return await self._carrier.find_operation(key)
