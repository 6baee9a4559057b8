"""The payment provider over HTTP."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from commerce.outside.ledger import LedgerPage
from commerce.outside.party import RequestOnRecord
from commerce.payments.ports import PROVIDER_CALLS, ActionRequired, Authorized, PaymentAtProvider, PaymentOutcome
from commerce.values.money import Money
from workers.gateways.call_watch import ASKING, CallWatch
from workers.gateways.http_caller import HttpCaller, Reply, path
from workers.gateways.http_gateway import HttpGateway
from workers.gateways.http_provider_answers import (
    authorization_now,
    authorization_state,
    declined,
    payment_rejection,
    payment_success,
    rejected,
)
from workers.gateways.party_text import usable

_MOST_METHODS = 1_000
"""Names of payment methods that are taken in; a provider that has more has no list that we could show."""


class HttpPaymentProvider(HttpGateway[PaymentOutcome]):
    """A `PaymentProvider` over HTTP."""

    party = "the payment provider"
    service = "payments"
    policy = PROVIDER_CALLS

    def __init__(
        self,
        url: str,
        caller: type[HttpCaller] = HttpCaller,
        watch: CallWatch | None = None,
        call_timeouts_s: Mapping[str, float] | None = None,
        return_url: str | None = None,
    ) -> None:
        """As `HttpGateway`; the provider sends customers who have acted to `return_url`, or where it wants to."""
        super().__init__(url, caller, watch, call_timeouts_s)
        self._return_url = return_url

    async def open(self, key: UUID, order_id: UUID, amount: Money, payment_method: str) -> None:
        """Nothing: what became of an authorisation is asked by its key."""

    async def authorize(
        self, key: UUID, order_id: UUID, amount: Money, payment_method: str, opened_id: str | None = None
    ) -> PaymentOutcome:
        """See `PaymentProvider`. Raises `PartyUnavailable`, `RequestRejected`; the key makes repeating safe."""
        request = {"order_id": str(order_id), **_money(amount), "payment_method": payment_method}
        if self._return_url is not None:
            request["return_url"] = self._return_url
        return declined(await self._called("authorize", "/v1/authorizations", key, request))

    async def capture(self, key: UUID, authorization_id: str, amount: Money) -> PaymentOutcome:
        """See `PaymentProvider`. Raises `PartyUnavailable`, `RequestRejected`; the key makes repeating safe."""
        where = path("v1", "authorizations", authorization_id, "capture")
        return rejected(await self._called("capture", where, key, _money(amount)))

    async def void(self, key: UUID, authorization_id: str) -> PaymentOutcome:
        """See `PaymentProvider`. Raises `PartyUnavailable`, `RequestRejected`; the key makes repeating safe."""
        where = path("v1", "authorizations", authorization_id, "void")
        return rejected(await self._called("void", where, key, {}))

    async def refund(self, key: UUID, authorization_id: str, amount: Money) -> PaymentOutcome:
        """See `PaymentProvider`. Raises `PartyUnavailable`, `RequestRejected`; the key makes repeating safe."""
        where = path("v1", "authorizations", authorization_id, "refunds")
        return rejected(await self._called("refund", where, key, _money(amount)))

    async def find_operation(self, request: RequestOnRecord) -> PaymentOutcome | None:
        """See `PaymentProvider`: where the answer was that the customer has to act, it is asked what came of that."""
        found = await super().find_operation(request)
        if not isinstance(found, ActionRequired):
            return found
        with self._watched(ASKING):
            reply = await self._caller.get(path("v1", "authorizations", found.authorization_id))
            now = authorization_now(reply.body, is_of_another=found.carried.is_of_another)
            if reply.status != 200 or now is None:
                raise self._unavailable("does not say what became of what the customer was to do")
            return now

    async def authorizations_under(self, key: UUID, order_id: UUID) -> Sequence[Authorized]:
        """See `PaymentProvider`; not watched, as a provider need not have this route."""
        reply = await self._caller.get(f"/ledger?order_id={order_id}")
        items = reply.body.get("items")
        if reply.status != 200 or not isinstance(items, list):
            return ()
        ours = [one for one in items if isinstance(one, dict) and one.get("idempotency_key") == str(key)]
        read = (
            payment_success({**one, "status": "authorized"}, None) for one in ours if one.get("kind") == "authorized"
        )
        return tuple(one for one in read if isinstance(one, Authorized))

    async def find_payment(self, authorization_id: str) -> PaymentAtProvider | None:
        """See `PaymentProvider`."""
        with self._watched(ASKING):
            reply = await self._caller.get(path("v1", "authorizations", authorization_id))
            if reply.status == 404:
                return None
            found = authorization_state(reply.body) if reply.status == 200 else None
            if found is None or found.authorization_id != authorization_id:
                raise self._unavailable("gave an answer that we do not understand")
            return found

    async def ledger(self, since: datetime, cursor: str | None = None) -> LedgerPage[PaymentAtProvider] | None:
        """See `PaymentProvider`."""
        return await self._ledger_page(path("v1", "authorizations"), since, cursor, authorization_state)

    async def payment_methods(self) -> frozenset[str] | None:
        """See `PaymentProvider`; not watched, as a provider need not have this route, or may tell it to anybody."""
        reply = await self._caller.get(path("v1", "payment-methods"))
        match reply.body:
            case {"payment_methods": list(named)} if reply.status == 200 and 0 < len(named) <= _MOST_METHODS:
                methods = frozenset(method for each in named if (method := usable(each)) is not None)
                return methods if len(methods) == len(named) else None
        return None

    def _success(self, body: Mapping[str, object], operation: object, *, is_of_another: bool) -> PaymentOutcome | None:
        return payment_success(body, operation, is_of_another=is_of_another)

    def _rejection(self, reply: Reply, *, is_of_another: bool) -> PaymentOutcome | None:
        return payment_rejection(reply.body, reply.status, is_of_another=is_of_another)


def _money(amount: Money) -> dict[str, str]:
    return {"amount": str(amount.amount), "currency": amount.currency}
